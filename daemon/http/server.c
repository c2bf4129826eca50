/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "http/server.h"

#include "base/error.h"
#include "base/log-events.h"
#include "base/log.h"
#include "http/listener.h"
#include "http/metrics-server.h"
#include "http/metrics.h"
#include "http/peer.h"
#include "http/worker.h"

#include <string.h>
#include <sys/resource.h>
#include <systemd/sd-daemon.h>

#define DESCRIPTORS_KEPT    64U /* for store, bus, mail, logs */
#define DESCRIPTORS_WORKER  8U
#define CONNECTIONS_MIN     64U
#define CONNECTIONS_MAX     20000U
#define CONNECTIONS_ADDRESS 100U

struct HttpServer {
    const HttpConfig *config;
    Bell *room;
    Crowd *crowd;
    GPtrArray *workers;   /* of HttpWorker */
    GPtrArray *listeners; /* of Listener */
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

/* The limit of descriptors grows to @wanted, or as near as the hard one lets it: what it is then.
 */
static rlim_t descriptors_raise(rlim_t wanted)
{
    struct rlimit limit = {.rlim_cur = 1024, .rlim_max = 1024};

    (void)getrlimit(RLIMIT_NOFILE, &limit);
    const struct rlimit raised = {MIN(wanted, limit.rlim_max), limit.rlim_max};
    return raised.rlim_cur > limit.rlim_cur && setrlimit(RLIMIT_NOFILE, &raised) == 0
               ? raised.rlim_cur
               : limit.rlim_cur;
}

/* What the limit of descriptors allows, less what the rest of the daemon needs. */
static guint connections_allowed(guint workers)
{
    rlim_t kept = DESCRIPTORS_KEPT + METRICS_CONNECTIONS_MAX + (rlim_t)workers * DESCRIPTORS_WORKER;
    rlim_t limit = descriptors_raise(kept + CONNECTIONS_MAX);

    if (limit < kept + CONNECTIONS_MIN) {
        log_event(
            LOG_LEVEL_WARNING, LOG_EVENT_HTTP_ACCEPT, NULL,
            "%" G_GUINT64_FORMAT
            " descriptors are too few: raise LimitNOFILE= to %" G_GUINT64_FORMAT " or more",
            (guint64)limit, (guint64)(kept + CONNECTIONS_MIN));
        return CONNECTIONS_MIN;
    }
    return (guint)MIN(limit - kept, CONNECTIONS_MAX);
}

guint http_workers_default(void)
{
    return MIN(g_get_num_processors(), HTTP_WORKERS_DEFAULT_MAX);
}

gboolean
config_read_workers(const ConfigValue *value, gpointer target, gsize offset, GError **error)
{
    const guint *workers = (const guint *)((const guint8 *)target + offset);

    if (!config_read_count(value, target, offset, error)) {
        return FALSE;
    }
    if (*workers < 1 || *workers > HTTP_WORKERS_MAX) {
        g_set_error(
            error, ANTARA_ERROR, ANTARA_ERROR_CONFIG,
            "workers are threads that serve HTTP: 1 to %u", HTTP_WORKERS_MAX);
        return FALSE;
    }
    return TRUE;
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

static void set_open(const HttpServer *server, gboolean open)
{
    for (guint i = 0; i < server->listeners->len; i++) {
        listener_set_open(server->listeners->pdata[i], open);
    }
}

/* Descriptors are there again: those that wait in the backlog are served. */
static void on_room(gpointer data)
{
    const HttpServer *server = data;

    set_open(server, !crowd_is_full(server->crowd));
}

/* The one with the fewest: clients that keep alive may stay for long. */
static HttpWorker *choose_worker(const HttpServer *server)
{
    HttpWorker *chosen = server->workers->pdata[0];

    for (guint i = 1; i < server->workers->len; i++) {
        HttpWorker *other = server->workers->pdata[i];
        if (http_worker_load(other) < http_worker_load(chosen)) {
            chosen = other;
        }
    }
    return chosen;
}

/* @group: NULL of a trusted proxy, whose connections are many clients'. */
static gboolean may_enter(const HttpServer *server, const char *address, const char *group)
{
    const HttpConfig *config = server->config;

    if (group && config->tls &&
        soft_limit_take(config->soft_limit, address, SOFT_HANDSHAKES, g_get_monotonic_time()) > 0) {
        return FALSE;
    }
    return crowd_enter(server->crowd, group);
}

/* Before the last place is taken. Each worker looks: nobody knows who has idle ones. */
static void make_room(const HttpServer *server)
{
    for (guint i = 0; crowd_excess(server->crowd) > 0 && i < server->workers->len; i++) {
        http_worker_make_room(server->workers->pdata[i]);
    }
}

static gboolean on_accepted(int fd, GSocketAddress *local, GSocketAddress *remote, gpointer data)
{
    const HttpServer *server = data;
    const char *address = peer_address(remote);
    gboolean trusted = proxies_trust(&server->config->trusted_proxies, address);
    g_autofree char *group = trusted ? NULL : peer_group(address);

    if (!may_enter(server, address, group)) {
        metrics_count(METRICS_TURNED_AWAY);
        return FALSE;
    }
    metrics_count(METRICS_TAKEN);
    http_worker_take(
        choose_worker(server), arrival_new(fd, g_steal_pointer(&group), local, remote));
    make_room(server);
    if (crowd_is_full(server->crowd)) {
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

static gboolean start_workers(HttpServer *server, guint count, const Runner *beside, GError **error)
{
    for (guint i = 0; i < count; i++) {
        HttpWorker *worker = http_worker_new(server->config, beside, server->crowd, error);
        if (!worker) {
            return FALSE;
        }
        g_ptr_array_add(server->workers, worker);
    }
    return TRUE;
}

HttpServer *
http_server_new(const HttpConfig *config, guint workers, const Runner *beside, GError **error)
{
    g_autoptr(HttpServer) server = g_new0(HttpServer, 1);
    guint allowed = connections_allowed(workers);
    guint all = config->connections ? MIN(config->connections, allowed) : allowed;
    guint of_address =
        config->connections_per_address ? config->connections_per_address : CONNECTIONS_ADDRESS;

    log_event(
        LOG_LEVEL_NOTICE, LOG_EVENT_HTTP_LISTENING, NULL,
        "There is room for %u connections at once, %u of one address", all, of_address);
    server->config = config;
    server->room = bell_new(NULL, on_room, server);
    server->crowd = crowd_new(all, of_address, server->room);
    server->workers = g_ptr_array_new_with_free_func((GDestroyNotify)http_worker_free);
    server->listeners = g_ptr_array_new_with_free_func((GDestroyNotify)listener_free);
    return start_workers(server, workers, beside, error) && listen_on_all(server, config, error)
               ? g_steal_pointer(&server)
               : NULL;
}

void http_server_free(HttpServer *server)
{
    if (!server) {
        return;
    }
    g_ptr_array_unref(server->listeners);
    for (guint i = 0; i < server->workers->len; i++) {
        http_worker_stop(server->workers->pdata[i]);
    }
    g_ptr_array_unref(server->workers);
    crowd_free(server->crowd);
    bell_mute(server->room);
    bell_unref(server->room);
    g_free(server);
}

gboolean http_server_is_turning(const HttpServer *server)
{
    gboolean all = TRUE;

    for (guint i = 0; server && i < server->workers->len; i++) {
        all &= http_worker_is_turning(server->workers->pdata[i]);
    }
    return all;
}

guint http_server_connections(const HttpServer *server)
{
    return crowd_count(server->crowd);
}
