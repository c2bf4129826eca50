/* SPDX-License-Identifier: GPL-3.0-or-later */

/* bare.c PORT: a stock libsoup server with the headers and bodies of our endpoints, and nothing
 * behind them */

#include <libsoup/soup.h>
#include <stdlib.h>
#include <string.h>

static const char userinfo[] = "{\"sub\":\"AAAAAAAAAAAAAAAAAAAAAA\"}";
static const char tokens[] =
    "{\"access_token\":\"uat_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\","
    "\"token_type\":\"Bearer\",\"expires_in\":300,"
    "\"refresh_token\":\"urt_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\","
    "\"scope\":\"profile.basic offline_access\"}";

static const char introspection[] =
    "{\"active\":true,\"scope\":\"profile.basic offline_access\","
    "\"client_id\":\"AAAAAAAAAAAAAAAAAAAAAA\",\"iss\":\"http://localhost:10000\","
    "\"exp\":1700000300,\"iat\":1700000000,\"sub\":\"AAAAAAAAAAAAAAAAAAAAAA\","
    "\"token_type\":\"Bearer\"}";
static const char device[] =
    "{\"device_code\":\"udc_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\","
    "\"user_code\":\"BBBB-BBBB\",\"verification_uri\":\"http://localhost:10000/d\","
    "\"verification_uri_complete\":\"http://localhost:10000/D/BBBBBBBB\",\"expires_in\":600,"
    "\"interval\":5}";
static const char pending[] =
    "{\"error\":\"slow_down\",\"error_description\":\"ask five seconds less often\"}";
static const char location[] =
    "http://127.0.0.1:9/callback?code=uac_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
    "AAAA&state=s&iss=http%3A%2F%2Flocalhost%3A10000";

typedef struct Row {
    const char *path;
    const char *form; /* that the request's form holds */
    guint status;
    const char *body; /* NULL: a redirect */
} Row;

static const Row rows[] = {
    {"/oauth/token", "device_code=", 400, pending},
    {"/oauth/token", "", 200, tokens},
    {"/oauth/introspect", "", 200, introspection},
    {"/oauth/device", "", 200, device},
    {"/oauth/authorize", "", 303, NULL},
    {"", "", 200, userinfo},
};

static const Row *row_find(SoupServerMessage *message, const char *path)
{
    SoupMessageBody *body = soup_server_message_get_request_body(message);
    g_autoptr(GBytes) bytes = soup_message_body_flatten(body);
    gsize size = 0;
    const char *form = g_bytes_get_data(bytes, &size);
    const Row *row = rows;

    while (!g_str_has_prefix(path, row->path) ||
           (*row->form && !g_strstr_len(form, (gssize)size, row->form))) {
        row++;
    }
    return row;
}

static void answer(
    SoupServer *server,
    SoupServerMessage *message,
    const char *path,
    GHashTable *query,
    gpointer data)
{
    SoupMessageHeaders *headers = soup_server_message_get_response_headers(message);
    const Row *row = row_find(message, path);

    (void)server;
    (void)query;
    (void)data;
    soup_message_headers_append(
        headers, "Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
    soup_message_headers_append(headers, "X-Content-Type-Options", "nosniff");
    soup_message_headers_append(headers, "Referrer-Policy", "no-referrer");
    soup_message_headers_append(headers, "Cache-Control", "no-store");
    soup_server_message_set_status(message, row->status, NULL);
    if (row->body) {
        soup_server_message_set_response(
            message, "application/json", SOUP_MEMORY_STATIC, row->body, strlen(row->body));
    } else {
        soup_message_headers_append(headers, "Location", location);
    }
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
