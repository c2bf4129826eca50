/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * http-threads.c - an HTTP server with several workers, asked by several clients at once: what
 * workers share, how connections come to them, how answers wait for the disk, and how all of it
 * ends; under ThreadSanitizer this finds what is shared without a lock
 *
 * Clients are threads without a main context: ThreadSanitizer doesn't see GLib's own locks.
 */

#include "core/config.h"
#include "http/server.h"

#include <arpa/inet.h>
#include <glib/gstdio.h>
#include <gmodule.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define WORKERS 4U
#define CLIENTS 6U
#define VISITS  12U
#define ASKED   4U /* in each visit */

/* GLib's table of all signal handlers grows under a lock that ThreadSanitizer doesn't see. */
G_MODULE_EXPORT const char *__tsan_default_suppressions(void);
const char *__tsan_default_suppressions(void)
{
    return "race:^g_realloc$\n";
}

typedef struct House {
    char *dir;
    guint16 port;
    CoreConfig *core;
    HttpConfig *config;
    Store *store;
    Runner *runner;
    HttpServer *server;
    int left; /* atomic: clients that are not done */
} House;

static void failed(const GError *error, G_GNUC_UNUSED gpointer data)
{
    g_error("%s", error->message);
}

static guint16 free_port(void)
{
    struct sockaddr_in name = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof(name);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    g_assert(bind(fd, (struct sockaddr *)&name, size) == 0);
    g_assert(getsockname(fd, (struct sockaddr *)&name, &size) == 0);
    (void)close(fd);
    return ntohs(name.sin_port);
}

static void add_tenant(House *house)
{
    g_autofree char *issuer = g_strdup_printf("http://localhost:%u", house->port);
    Tenant *tenant = tenant_new("acme");

    tenant->display_name = g_strdup("Acme");
    tenant->sign_up_open = TRUE;
    g_assert(!tenant_set_issuer(tenant, issuer));
    g_assert(!tenant_set_limit(tenant, "link_client:100000/60"));
    g_assert(!tenant_set_limit(tenant, "link_address:100000/60"));
    g_ptr_array_add(house->core->tenants, tenant);
}

static void house_open(House *house)
{
    static const char *const tenants[] = {"acme", NULL};
    g_autoptr(Kek) kek = kek_from_bytes((const guint8[KEK_BYTES]){1});
    g_autofree char *listen = NULL;
    g_autoptr(GError) error = NULL;

    house->dir = g_dir_make_tmp("antara-threads-XXXXXX", NULL);
    house->port = free_port();
    house->core = core_config_new();
    add_tenant(house);
    house->config = http_config_new();
    listen = g_strdup_printf("127.0.0.1:%u", house->port);
    house->config->listen = g_strsplit(listen, " ", -1);
    const StoreOptions options = {
        .dir = house->dir,
        .kek = kek,
        .clock = clock_system(),
        .tenants = tenants,
        .failed = failed};
    house->store = store_open(&options, NULL);
    g_assert(house->store);
    house->runner = runner_new(house->store, house->core, NULL, NULL, NULL);
    house->server = http_server_new(house->config, WORKERS, house->runner, &error);
    g_assert_no_error(error);
}

static void house_close(House *house)
{
    http_server_free(house->server);
    runner_free(house->runner);
    g_assert(store_close(house->store, NULL));
    http_config_free(house->config);
    core_config_free(house->core);
    g_autoptr(GDir) dir = g_dir_open(house->dir, 0, NULL);
    for (const char *name; (name = g_dir_read_name(dir));) {
        g_autofree char *file = g_build_filename(house->dir, name, NULL);
        g_assert(g_unlink(file) == 0);
    }
    g_assert(g_rmdir(house->dir) == 0);
    g_free(house->dir);
}

static int connect_to(const House *house)
{
    struct sockaddr_in name = {
        .sin_family = AF_INET,
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
        .sin_port = htons(house->port)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    g_assert(connect(fd, (struct sockaddr *)&name, sizeof(name)) == 0);
    return fd;
}

/* A page, a document for which keys are loaded, what writes and so waits for the disk, and an end.
 */
static gsize write_requests(const House *house, guint number, char *data, gsize size)
{
    char body[64];

    (void)g_snprintf(body, sizeof(body), "email=client%u%%40example.org", number);
    return (gsize)g_snprintf(
        data, size,
        "GET /login HTTP/1.1\r\nHost: localhost:%u\r\n\r\n"
        "GET /oauth/jwks HTTP/1.1\r\nHost: localhost:%u\r\n\r\n"
        "POST /login HTTP/1.1\r\nHost: localhost:%u\r\nSec-Fetch-Site: same-origin\r\n"
        "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: %zu\r\n\r\n%s"
        "GET /nowhere HTTP/1.1\r\nHost: localhost:%u\r\nConnection: close\r\n\r\n",
        house->port, house->port, house->port, strlen(body), body, house->port);
}

static void read_answers(int fd)
{
    static const char *const wanted[ASKED] = {
        "HTTP/1.1 200 ", "HTTP/1.1 200 ", "HTTP/1.1 303 ", "HTTP/1.1 404 "};
    g_autoptr(GString) came = g_string_new(NULL);
    char data[4096];

    for (ssize_t got; (got = recv(fd, data, sizeof(data), 0)) > 0;) {
        g_string_append_len(came, data, got);
    }
    const char *at = came->str;
    for (guint i = 0; i < ASKED; i++) {
        at = strstr(at, wanted[i]);
        g_assert(at);
        at++;
    }
}

typedef struct Client {
    House *house;
    guint number;
    pthread_t thread;
    int stays; /* a connection that is there when all ends */
} Client;

static void visit_once(const Client *client, gboolean to_the_end)
{
    char requests[2048];
    gsize size = write_requests(client->house, client->number, requests, sizeof(requests));
    int fd = connect_to(client->house);

    g_assert(send(fd, requests, size, MSG_NOSIGNAL) == (ssize_t)size);
    if (to_the_end) {
        read_answers(fd);
    }
    (void)close(fd);
}

static void *visit(void *data)
{
    Client *client = data;

    for (guint i = 0; i < VISITS; i++) {
        visit_once(client, i % 3 > 0); /* the others leave in the middle of it */
    }
    client->stays = connect_to(client->house);
    g_assert(send(client->stays, "GET /login HTTP/1.1\r\n", 21, MSG_NOSIGNAL) == 21);
    (void)__atomic_sub_fetch(&client->house->left, 1, __ATOMIC_RELEASE);
    return NULL;
}

/* Alone, so that GLib's types and quarks are there, whose locks ThreadSanitizer doesn't see. */
static void *visit_first(void *data)
{
    const Client *client = data;

    visit_once(client, TRUE);
    (void)__atomic_sub_fetch(&client->house->left, 1, __ATOMIC_RELEASE);
    return NULL;
}

static void serve_until_done(House *house, guint stay)
{
    while (__atomic_load_n(&house->left, __ATOMIC_ACQUIRE) > 0 ||
           http_server_connections(house->server) > stay) {
        if (!g_main_context_iteration(NULL, FALSE)) {
            g_usleep(G_USEC_PER_SEC / 1000);
        }
    }
}

static void client_start(Client *client, House *house, guint number, void *(*life)(void *data))
{
    *client = (Client){.house = house, .number = number, .stays = -1};
    g_assert(pthread_create(&client->thread, NULL, life, client) == 0);
}

static void client_end(const Client *client)
{
    g_assert(pthread_join(client->thread, NULL) == 0);
    if (client->stays >= 0) {
        (void)close(client->stays);
    }
}

int main(void)
{
    House house = {.left = 1};
    Client clients[CLIENTS];

    house_open(&house);
    client_start(&clients[0], &house, 0, visit_first);
    serve_until_done(&house, 0);
    client_end(&clients[0]);
    house.left = CLIENTS;
    for (guint i = 0; i < CLIENTS; i++) {
        client_start(&clients[i], &house, i, visit);
    }
    serve_until_done(&house, CLIENTS);
    house_close(&house);
    for (guint i = 0; i < CLIENTS; i++) {
        client_end(&clients[i]);
    }
    return EXIT_SUCCESS;
}
