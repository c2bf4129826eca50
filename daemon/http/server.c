/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "http/server.h"

#include "base/error.h"
#include "base/log-events.h"
#include "base/log.h"
#include "http/exchange-inside.h"
#include "http/listener.h"
#include "http/metrics-server.h"
#include "http/metrics.h"
#include "http/stream.h"

#include <string.h>
#include <sys/resource.h>
#include <systemd/sd-daemon.h>

#define DESCRIPTORS_KEPT    64U /* for store, bus, mail, logs */
#define CONNECTIONS_MAX     20000U
#define CONNECTIONS_ADDRESS 100U

struct HttpServer {
    SoupServer *soup;
    Runner *runner;
    SoftLimit *soft_limit;  /* the configuration's */
    const Proxies *proxies; /* the configuration's */
    TlsServer *tls;         /* the configuration's; NULL: none */
    WireLoop *wires;
    GPtrArray *listeners; /* of Listener */
    guint connections_max;
    guint per_address_max;
};

static const ConfigKey http_keys[] = {
    {"listen", config_read_words, offsetof(HttpConfig, listen)},
    {"connections", config_read_count, offsetof(HttpConfig, connections)},
    {"connections_per_address", config_read_count, offsetof(HttpConfig, connections_per_address)},
    {"metrics_listen", config_read_metrics_listen, offsetof(HttpConfig, metrics_listen)},
    {"soft_limit", config_read_soft_limit, offsetof(HttpConfig, soft_limit)},
    {"tls_certificate", config_read_path, offsetof(HttpConfig, tls_certificate)},
    {"tls_key", config_read_path, offsetof(HttpConfig, tls_key)},
    {"trusted_proxies", config_read_proxies, offsetof(HttpConfig, trusted_proxies)},
    {NULL, NULL, 0},
};

/* What the limit of descriptors allows, less what the rest of the daemon needs. */
static guint connections_allowed(void)
{
    struct rlimit limit = {.rlim_cur = 1024};

    (void)getrlimit(RLIMIT_NOFILE, &limit);
    return limit.rlim_cur > (rlim_t)2 * DESCRIPTORS_KEPT
               ? (guint)MIN(limit.rlim_cur - DESCRIPTORS_KEPT, CONNECTIONS_MAX)
               : DESCRIPTORS_KEPT;
}

HttpConfig *http_config_new(void)
{
    HttpConfig *config = g_new0(HttpConfig, 1);

    config->soft_limit = soft_limit_new();
    return config;
}

void http_config_free(HttpConfig *config)
{
    if (config) {
        g_strfreev(config->listen);
        g_strfreev(config->metrics_listen);
        soft_limit_free(config->soft_limit);
        g_free(config->tls_certificate);
        g_free(config->tls_key);
        tls_server_free(config->tls);
        g_free(config);
    }
}

static gpointer
the_only_section(gpointer data, const char *name, const ConfigValue *where, GError **error)
{
    (void)name;
    (void)where;
    (void)error;
    return data;
}

ConfigSection http_config_section(HttpConfig *config)
{
    return (ConfigSection){"http", http_keys, the_only_section, config};
}

static char *address_text(GSocketAddress *address)
{
    g_autoptr(GInetAddress) inet = NULL;

    if (!G_IS_INET_SOCKET_ADDRESS(address)) {
        return g_strdup("");
    }
    inet = g_object_ref(g_inet_socket_address_get_address(G_INET_SOCKET_ADDRESS(address)));
    g_autofree char *text = g_inet_address_to_string(inet);
    const char *mapped = g_str_has_prefix(text, "::ffff:") ? text + 7 : text;
    return g_strdup(strchr(mapped, '.') ? mapped : text);
}

/* Whom a connection is counted for: an IPv4 address, or an IPv6 /64. */
static char *address_group(const char *address)
{
    g_autoptr(GInetAddress) inet = g_inet_address_new_from_string(address);

    if (!inet || g_inet_address_get_family(inet) != G_SOCKET_FAMILY_IPV6) {
        return g_strdup(address);
    }
    const guint8 *bytes = g_inet_address_to_bytes(inet);
    return g_strdup_printf(
        "%02x%02x:%02x%02x:%02x%02x:%02x%02x", bytes[0], bytes[1], bytes[2], bytes[3], bytes[4],
        bytes[5], bytes[6], bytes[7]);
}

static void on_request(
    SoupServer *soup,
    SoupServerMessage *message,
    const char *path,
    GHashTable *query,
    gpointer data)
{
    const HttpServer *server = data;
    SoupMessageHeaders *headers = soup_server_message_get_request_headers(message);
    g_autofree char *peer = address_text(soup_server_message_get_remote_address(message));

    (void)soup;
    (void)path;
    (void)query;
    if (g_str_equal(soup_server_message_get_method(message), WIRE_LAST_METHOD)) {
        soup_server_message_set_status(message, SOUP_STATUS_OK, NULL); /* nobody reads it */
        return;
    }
    g_autofree char *address = proxies_client(
        server->proxies, peer, soup_message_headers_get_list(headers, PROXIES_HEADER));
    exchange_begin(message, server->runner, server->soft_limit, address);
}

static void set_open(const HttpServer *server, gboolean open)
{
    for (guint i = 0; i < server->listeners->len; i++) {
        listener_set_open(server->listeners->pdata[i], open);
    }
}

/* Descriptors are there again: those that wait in the backlog are served. */
static void on_gone(gpointer data)
{
    const HttpServer *server = data;

    metrics_count(METRICS_CLOSED);
    if (wire_loop_count(server->wires) < server->connections_max) {
        set_open(server, TRUE);
    }
}

/* A trusted proxy's connections are many clients'. */
static gboolean has_too_many(const HttpServer *server, const char *address, const char *group)
{
    if (proxies_trust(server->proxies, address)) {
        return FALSE;
    }
    return wire_loop_count_from(server->wires, group) >= server->per_address_max ||
           (server->tls &&
            soft_limit_take(server->soft_limit, address, SOFT_HANDSHAKES, g_get_monotonic_time()) >
                0);
}

static gboolean on_accepted(int fd, GSocketAddress *local, GSocketAddress *remote, gpointer data)
{
    const HttpServer *server = data;
    g_autofree char *address = address_text(remote);
    g_autofree char *group = address_group(address);
    g_autoptr(GError) error = NULL;

    if (has_too_many(server, address, group)) {
        metrics_count(METRICS_TURNED_AWAY);
        return FALSE;
    }
    metrics_count(METRICS_TAKEN);
    g_autoptr(Wire) wire = wire_new(server->wires, fd, group);
    if (server->tls) {
        wire_start_tls(wire, server->tls);
    }
    g_autoptr(GIOStream) stream = http_stream_new(wire);
    if (!soup_server_accept_iostream(server->soup, stream, local, remote, &error)) {
        log_event(
            LOG_LEVEL_WARNING, LOG_EVENT_HTTP_ACCEPT, NULL, "A connection could not be served: %s",
            error->message);
        wire_close(wire);
    }
    if (wire_loop_count(server->wires) >= server->connections_max) {
        set_open(server, FALSE);
    }
    return TRUE;
}

static gboolean listen_on_passed(HttpServer *server, int count, GError **error)
{
    if (count <= 0) {
        g_set_error(
            error, ANTARA_ERROR, ANTARA_ERROR_CONFIG,
            "[http] listen is missing, and systemd has passed no socket");
        return FALSE;
    }
    for (int fd = SD_LISTEN_FDS_START; fd < SD_LISTEN_FDS_START + count; fd++) {
        g_ptr_array_add(server->listeners, listener_new_from_fd(fd, on_accepted, server));
    }
    return TRUE;
}

static gboolean listen_on_all(HttpServer *server, const HttpConfig *config, GError **error)
{
    if (!config->listen) {
        return listen_on_passed(server, sd_listen_fds(TRUE), error);
    }
    for (char **address = config->listen; *address; address++) {
        if (!listener_open(*address, on_accepted, server, server->listeners, error)) {
            return FALSE;
        }
        log_event(LOG_LEVEL_NOTICE, LOG_EVENT_HTTP_LISTENING, NULL, "Listening on %s", *address);
    }
    return TRUE;
}

/*
 * libsoup drops kept-alive connections of a server that has no listener of its own: it gets one
 * that nobody knows and nobody can reach, on an address of the abstract namespace that the kernel
 * chooses.
 */
static gboolean give_own_listener(SoupServer *soup, GError **error)
{
    g_autoptr(GSocket) socket = g_socket_new(G_SOCKET_FAMILY_UNIX, G_SOCKET_TYPE_STREAM, 0, error);
    const struct sockaddr_un {
        sa_family_t family;
    } autobind = {AF_UNIX};

    return socket &&
           (bind(g_socket_get_fd(socket), (const struct sockaddr *)&autobind, sizeof(autobind)) ==
            0) &&
           g_socket_listen(socket, error) && soup_server_listen_socket(soup, socket, 0, error);
}

HttpServer *http_server_new(const HttpConfig *config, Runner *runner, GError **error)
{
    HttpServer *server = g_new0(HttpServer, 1);
    guint allowed = connections_allowed();

    server->runner = runner;
    server->soft_limit = config->soft_limit;
    server->proxies = &config->trusted_proxies;
    server->tls = config->tls;
    server->connections_max = config->connections ? MIN(config->connections, allowed) : allowed;
    server->per_address_max =
        config->connections_per_address ? config->connections_per_address : CONNECTIONS_ADDRESS;
    server->listeners = g_ptr_array_new_with_free_func((GDestroyNotify)listener_free);
    server->wires = wire_loop_new(NULL, on_gone, server);
    server->soup = soup_server_new("server-header", NULL, "raw-paths", TRUE, NULL);
    soup_server_add_handler(server->soup, NULL, on_request, server, NULL);
    if (!give_own_listener(server->soup, error) || !listen_on_all(server, config, error)) {
        http_server_free(server);
        return NULL;
    }
    return server;
}

void http_server_free(HttpServer *server)
{
    if (!server) {
        return;
    }
    set_open(server, FALSE);
    soup_server_disconnect(server->soup);
    wire_loop_free(server->wires);
    g_ptr_array_unref(server->listeners);
    g_object_unref(server->soup);
    g_free(server);
}

guint http_server_connections(const HttpServer *server)
{
    return wire_loop_count(server->wires);
}
