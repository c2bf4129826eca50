/* SPDX-License-Identifier: GPL-3.0-or-later */

/* bare.c PORT: a stock libsoup server with the headers and bodies of two of our endpoints, and
 * nothing behind them */

#include <libsoup/soup.h>
#include <stdlib.h>

static const char userinfo[] = "{\"sub\":\"AAAAAAAAAAAAAAAAAAAAAA\"}";
static const char tokens[] =
    "{\"access_token\":\"uat_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\","
    "\"token_type\":\"Bearer\",\"expires_in\":300,"
    "\"refresh_token\":\"urt_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\","
    "\"scope\":\"profile.basic offline_access\"}";

static void answer(
    SoupServer *server,
    SoupServerMessage *message,
    const char *path,
    GHashTable *query,
    gpointer data)
{
    SoupMessageHeaders *headers = soup_server_message_get_response_headers(message);
    gboolean token = g_str_equal(path, "/oauth/token");

    (void)server;
    (void)query;
    (void)data;
    soup_message_headers_append(
        headers, "Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
    soup_message_headers_append(headers, "X-Content-Type-Options", "nosniff");
    soup_message_headers_append(headers, "Referrer-Policy", "no-referrer");
    soup_message_headers_append(headers, "Cache-Control", "no-store");
    soup_server_message_set_status(message, SOUP_STATUS_OK, NULL);
    soup_server_message_set_response(
        message, "application/json", SOUP_MEMORY_STATIC, token ? tokens : userinfo,
        token ? sizeof(tokens) - 1 : sizeof(userinfo) - 1);
}

int main(int argc, char **argv)
{
    g_autoptr(GMainLoop) loop = g_main_loop_new(NULL, FALSE);
    g_autoptr(SoupServer) server = soup_server_new("server-header", NULL, NULL);
    g_autoptr(GError) error = NULL;

    soup_server_add_handler(server, NULL, answer, NULL, NULL);
    if (argc != 2 || !soup_server_listen_local(
                         server, (guint)atoi(argv[1]), SOUP_SERVER_LISTEN_IPV4_ONLY, &error)) {
        g_printerr("bare: %s\n", error ? error->message : "a port is missing");
        return EXIT_FAILURE;
    }
    g_main_loop_run(loop);
    return EXIT_SUCCESS;
}
