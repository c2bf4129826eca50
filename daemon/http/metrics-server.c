/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "http/metrics-server.h"

#include "base/error.h"
#include "core/keep.h"
#include "core/outbox.h"
#include "http/headers.h"
#include "http/health.h"
#include "http/listener.h"
#include "http/metrics.h"
#include "http/stream.h"

#include <libsoup/soup.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct MetricsServer {
    SoupServer *soup;
    Runner *runner;
    WireLoop *wires;
    GPtrArray *listeners; /* of Listener */
};

/* One answer in the making: each tenant's outbox is looked at by an act of its own. */
typedef struct Scrape {
    SoupServerMessage *message;
    Runner *runner;
    Caller caller;
    OutboxAsked asked;
    guint next; /* tenant to look at */
    guint waiting;
    gint64 oldest_usec; /* 0: nothing waits */
} Scrape;

static void
reply(SoupServerMessage *message, guint status, const char *type, const char *words, gsize size)
{
    SoupMessageHeaders *headers = soup_server_message_get_response_headers(message);

    soup_message_headers_append(headers, "Content-Security-Policy", headers_api_policy());
    for (const char *const *header = headers_for(FACE_API); *header; header += 2) {
        soup_message_headers_append(headers, header[0], header[1]);
    }
    soup_message_headers_append(headers, "Cache-Control", "no-store");
    soup_message_headers_append(headers, "Connection", "close");
    soup_message_headers_set_content_type(headers, type, NULL);
    soup_message_body_append(
        soup_server_message_get_response_body(message), SOUP_MEMORY_COPY, words, size);
    soup_server_message_set_status(message, status, NULL);
}

/* Second number of /proc/self/statm, in pages; 0 where there is none. */
static guint64 resident_bytes(void)
{
    g_autofree char *text = NULL;
    guint64 pages = 0;

    if (g_file_get_contents("/proc/self/statm", &text, NULL, NULL)) {
        const char *second = strchr(text, ' ');
        pages = second ? g_ascii_strtoull(second + 1, NULL, 10) : 0;
    }
    return pages * (guint64)sysconf(_SC_PAGESIZE);
}

static void answer(const Scrape *scrape)
{
    StoreStatus status;

    keep_status(scrape->runner, &status);
    const MetricsGauges gauges = {
        .outbox_waiting = scrape->waiting,
        .outbox_oldest_seconds =
            scrape->oldest_usec ? (g_get_real_time() - scrape->oldest_usec) / G_USEC_PER_SEC : 0,
        .journal_bytes = status.journal_bytes,
        .durable_sequence = keep_durable_point(scrape->runner),
        .snapshot_records = status.records,
        .table_bytes = status.table_bytes,
        .read_only = status.read_only,
        .resident_bytes = resident_bytes(),
    };
    g_autofree char *text = metrics_text(&gauges);
    reply(scrape->message, 200, METRICS_TYPE, text, strlen(text));
}

static void scrape_free(Scrape *scrape)
{
    caller_clear(&scrape->caller);
    g_object_unref(scrape->message);
    g_free(scrape);
}

static void look_at_next(Scrape *scrape);

static void
looked(Outcome outcome, gpointer data, guint64 point, const GError *error, gpointer scrape_data)
{
    const OutboxAnswer *found = data;
    Scrape *scrape = scrape_data;

    (void)point, (void)error; /* it has changed nothing */
    if (outcome == OUTCOME_GRANTED) {
        scrape->waiting += found->waiting;
    }
    if (outcome == OUTCOME_GRANTED && found->waiting > 0 &&
        (scrape->oldest_usec == 0 || found->oldest_usec < scrape->oldest_usec)) {
        scrape->oldest_usec = found->oldest_usec;
    }
    look_at_next(scrape);
}

static void look_at_next(Scrape *scrape)
{
    const GPtrArray *tenants = runner_config(scrape->runner)->tenants;
    const RunCall call = {&outbox_look_act, &scrape->asked, &scrape->caller};

    if (scrape->next < tenants->len) {
        scrape->caller.tenant = tenants->pdata[scrape->next++];
        runner_run(scrape->runner, &call, looked, scrape);
        return;
    }
    answer(scrape);
    soup_server_message_unpause(scrape->message);
    scrape_free(scrape);
}

static void metrics_get(SoupServerMessage *message, Runner *runner)
{
    Scrape *scrape = g_new0(Scrape, 1);

    scrape->message = g_object_ref(message);
    scrape->runner = runner;
    scrape->caller.kind = CALLER_DAEMON;
    scrape->asked.caller = &scrape->caller;
    soup_server_message_pause(message);
    look_at_next(scrape);
}

static void health_get(SoupServerMessage *message, Runner *runner)
{
    guint status = 0;
    const char *words = health_words(runner, &status);

    reply(message, status, HEALTH_TYPE, words, strlen(words));
}

static const struct MetricsRoute {
    const char *path;
    void (*handle)(SoupServerMessage *message, Runner *runner);
} routes[] = {
    {"/metrics", metrics_get},
    {"/healthz", health_get},
};

static void on_request(
    G_GNUC_UNUSED SoupServer *soup,
    SoupServerMessage *message,
    const char *path,
    G_GNUC_UNUSED GHashTable *query,
    gpointer data)
{
    const MetricsServer *server = data;
    const char *method = soup_server_message_get_method(message);

    if (g_str_equal(method, WIRE_LAST_METHOD)) {
        soup_server_message_set_status(message, SOUP_STATUS_OK, NULL); /* nobody reads it */
        return;
    }
    for (guint i = 0; i < G_N_ELEMENTS(routes); i++) {
        if (!g_str_equal(routes[i].path, path)) {
            continue;
        }
        if (g_str_equal(method, "GET") || g_str_equal(method, "HEAD")) {
            routes[i].handle(message, server->runner);
            return;
        }
        soup_message_headers_append(
            soup_server_message_get_response_headers(message), "Allow", "GET, HEAD");
        reply(message, 405, HEALTH_TYPE, "", 0);
        return;
    }
    reply(message, 404, HEALTH_TYPE, "", 0);
}

static gboolean on_accepted(int fd, GSocketAddress *local, GSocketAddress *remote, gpointer data)
{
    const MetricsServer *server = data;

    if (wire_loop_count(server->wires) >= METRICS_CONNECTIONS_MAX) {
        return FALSE;
    }
    wire_unref(wire_new(server->wires, arrival_new(fd, NULL, local, remote)));
    return TRUE;
}

static void on_begun(Wire *wire, gpointer data)
{
    const MetricsServer *server = data;

    http_stream_serve(wire, server->soup);
}

static void on_gone(G_GNUC_UNUSED const Arrival *arrival, G_GNUC_UNUSED gpointer data)
{
}

MetricsServer *metrics_server_new(const char *const *addresses, Runner *runner, GError **error)
{
    g_autoptr(MetricsServer) server = g_new0(MetricsServer, 1);

    server->runner = runner;
    server->listeners = g_ptr_array_new_with_free_func((GDestroyNotify)listener_free);
    server->wires = wire_loop_new(NULL, on_begun, on_gone, server);
    server->soup = soup_server_new("server-header", NULL, "raw-paths", TRUE, NULL);
    soup_server_add_handler(server->soup, NULL, on_request, server, NULL);
    for (const char *const *address = addresses; *address; address++) {
        if (!listener_open(*address, on_accepted, server, server->listeners, error)) {
            g_prefix_error(error, "metrics_listen: ");
            return NULL;
        }
    }
    return g_steal_pointer(&server);
}

void metrics_server_free(MetricsServer *server)
{
    if (!server) {
        return;
    }
    g_ptr_array_unref(server->listeners);
    soup_server_disconnect(server->soup);
    wire_loop_free(server->wires);
    g_object_unref(server->soup);
    g_free(server);
}

/* ADDRESS:PORT, [ADDRESS]:PORT or localhost:PORT; listener_open() looks at the port. */
static gboolean address_is_explicit(const char *address)
{
    const char *colon = strrchr(address, ':');
    g_autofree char *host = colon ? g_strndup(address, (gsize)(colon - address)) : g_strdup("");
    gsize chars = strlen(host);
    gboolean bracketed = chars > 2 && host[0] == '[' && host[chars - 1] == ']';
    g_autofree char *name = bracketed ? g_strndup(host + 1, chars - 2) : g_strdup(host);
    g_autoptr(GInetAddress) inet = g_inet_address_new_from_string(name);

    return g_str_equal(host, "localhost") ||
           (inet && !g_inet_address_get_is_any(inet) && !g_inet_address_get_is_multicast(inet));
}

gboolean
config_read_metrics_listen(const ConfigValue *value, gpointer target, gsize offset, GError **error)
{
    if (!config_read_words(value, target, offset, error)) {
        return FALSE;
    }
    for (char **address = *(char ***)((guint8 *)target + offset); *address; address++) {
        if (!address_is_explicit(*address)) {
            g_set_error(
                error, ANTARA_ERROR, ANTARA_ERROR_CONFIG,
                "%s: this is ADDRESS:PORT, [ADDRESS]:PORT or localhost:PORT, and not all addresses",
                *address);
            return FALSE;
        }
    }
    return TRUE;
}
