/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* server.h - the listening sockets, and the workers that serve what is accepted there */

#include "base/config.h"
#include "core/run.h"
#include "crypto/tls-server.h"
#include "http/proxies.h"
#include "http/soft-limit.h"

typedef struct HttpConfig {
    char **listen;                 /* HOST:PORT …; NULL: sockets from systemd */
    char **metrics_listen;         /* HOST:PORT … of metrics-server.h; NULL: none */
    guint connections;             /* open at once, in all */
    guint connections_per_address; /* IPv6: per /64 */
    SoftLimit *soft_limit;         /* one for all workers */
    Proxies trusted_proxies;
    char *tls_certificate; /* PEM files; NULL: what is listened on is plain */
    char *tls_key;
    TlsServer *tls; /* of these, once http_config_start_tls() has read them */
} HttpConfig;

HttpConfig *http_config_new(void); /* with the defaults */
void http_config_free(HttpConfig *config);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HttpConfig, http_config_free)
ConfigSection http_config_section(HttpConfig *config); /* [http] */
/* What no key shows alone: TLS has both its files, and then every issuer is https. */
gboolean http_config_check(const HttpConfig *config, const CoreConfig *core, GError **error);
/* Reads certificate and key, if there are any. FALSE with an error that names the file. */
gboolean http_config_start_tls(HttpConfig *config, GError **error);

/* The same before a start, with the eyes of who owns @state_dir: see base/user.h. */
gboolean http_config_look_at_tls(HttpConfig *config, const char *state_dir, GError **error);
/* Reads them anew, for connections that come later. FALSE with an error: the old ones stay. Logs
 * both. */
gboolean http_config_reload_tls(const HttpConfig *config, GError **error);

typedef struct HttpServer HttpServer;

#define HTTP_WORKERS_MAX         64U
#define HTTP_WORKERS_DEFAULT_MAX 8U

guint http_workers_default(void); /* as many as processors, to HTTP_WORKERS_DEFAULT_MAX */
/* Reads a guint: 1 to HTTP_WORKERS_MAX. */
gboolean
config_read_workers(const ConfigValue *value, gpointer target, gsize offset, GError **error);

/**
 * http_server_new() - listen in the default main context, serve in threads
 * @config: outlives the server
 * @workers: threads, at least one
 * @beside: a runner of the same store: each worker has one of its own
 *
 * A connection goes to the worker that has the fewest.
 *
 * Returns: NULL with an error that names the address that is taken.
 */
HttpServer *
http_server_new(const HttpConfig *config, guint workers, const Runner *beside, GError **error);
void http_server_free(HttpServer *server); /* stops accepting, closes all */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HttpServer, http_server_free)
/* Whether every worker has turned since this was asked the last time. NULL has no workers. */
gboolean http_server_is_turning(const HttpServer *server);
guint http_server_connections(const HttpServer *server);
