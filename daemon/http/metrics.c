/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "http/metrics.h"

#include <stdatomic.h>

#define ROUTES_MAX  128U /* rows of all tables; the last place is for what has no route */
#define NO_ROUTE    (ROUTES_MAX - 1)
#define CLASSES_MAX 5U

static atomic_uint_fast64_t events[_METRICS_EVENT_MAX];
static atomic_int_fast64_t certificate_end; /* 0: no TLS */
static atomic_uint_fast64_t answers[ROUTES_MAX][CLASSES_MAX];

void metrics_count(MetricsEvent event)
{
    atomic_fetch_add_explicit(&events[event], 1, memory_order_relaxed);
}

void metrics_certificate_ends(gint64 seconds)
{
    atomic_store_explicit(&certificate_end, seconds, memory_order_relaxed);
}

void metrics_answered(const Route *route, guint status)
{
    guint number = route ? route_number(route) : NO_ROUTE;

    g_assert(number < ROUTES_MAX && status >= 100 && status < 600);
    atomic_fetch_add_explicit(&answers[number][status / 100 - 1], 1, memory_order_relaxed);
}

static guint64 read_event(MetricsEvent event)
{
    return atomic_load_explicit(&events[event], memory_order_relaxed);
}

static void add_head(GString *text, const char *name, const char *type, const char *help)
{
    g_string_append_printf(text, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void add_gauge(GString *text, const char *name, const char *help, guint64 value)
{
    add_head(text, name, "gauge", help);
    g_string_append_printf(text, "%s %" G_GUINT64_FORMAT "\n", name, value);
}

static void add_route(GString *text, const char *path, const char *method, guint number)
{
    for (guint i = 0; i < CLASSES_MAX; i++) {
        guint64 value = atomic_load_explicit(&answers[number][i], memory_order_relaxed);
        g_string_append_printf(
            text,
            "antara_http_requests_total{route=\"%s\",method=\"%s\",status=\"%uxx\"} "
            "%" G_GUINT64_FORMAT "\n",
            path, method, i + 1, value);
    }
}

static void add_requests(GString *text)
{
    add_head(
        text, "antara_http_requests_total", "counter", "Answered requests by route and status.");
    for (const Route *const *table = route_tables(); *table; table++) {
        for (const Route *route = *table; route->path; route++) {
            add_route(
                text, route->path, route->verb == VERB_POST ? "POST" : "GET", route_number(route));
        }
    }
    add_route(text, "none", "any", NO_ROUTE);
}

static void add_connections(GString *text)
{
    guint64 taken = read_event(METRICS_TAKEN);
    guint64 closed = read_event(METRICS_CLOSED);

    add_gauge(
        text, "antara_http_connections_open", "Connections that are open.",
        taken > closed ? taken - closed : 0);
    add_head(
        text, "antara_http_connections_total", "counter",
        "Connections that were accepted, by what became of them.");
    g_string_append_printf(
        text,
        "antara_http_connections_total{result=\"taken\"} %" G_GUINT64_FORMAT "\n"
        "antara_http_connections_total{result=\"refused\"} %" G_GUINT64_FORMAT "\n",
        taken, read_event(METRICS_TURNED_AWAY));
}

static void add_handshakes(GString *text)
{
    add_head(text, "antara_tls_handshakes_total", "counter", "TLS handshakes, by how they ended.");
    g_string_append_printf(
        text,
        "antara_tls_handshakes_total{result=\"full\"} %" G_GUINT64_FORMAT "\n"
        "antara_tls_handshakes_total{result=\"resumed\"} %" G_GUINT64_FORMAT "\n"
        "antara_tls_handshakes_total{result=\"failed\"} %" G_GUINT64_FORMAT "\n",
        read_event(METRICS_TLS_FULL), read_event(METRICS_TLS_RESUMED),
        read_event(METRICS_TLS_FAILED));
}

static void add_certificate(GString *text)
{
    gint64 end = atomic_load_explicit(&certificate_end, memory_order_relaxed);

    add_gauge(
        text, "antara_tls_certificate_end_seconds",
        "When the TLS certificate ends, in seconds since 1970; 0 without TLS.",
        (guint64)MAX(end, 0));
}

static void add_refusals(GString *text)
{
    add_head(
        text, "antara_limit_refusals_total", "counter", "Requests over a limit, by its layer.");
    g_string_append_printf(
        text,
        "antara_limit_refusals_total{layer=\"soft\"} %" G_GUINT64_FORMAT "\n"
        "antara_limit_refusals_total{layer=\"hard\"} %" G_GUINT64_FORMAT "\n",
        read_event(METRICS_SOFT_REFUSED), read_event(METRICS_HARD_REFUSED));
}

char *metrics_text(const MetricsGauges *gauges)
{
    g_autoptr(GString) text = g_string_new(NULL);

    add_requests(text);
    add_connections(text);
    add_handshakes(text);
    add_certificate(text);
    add_refusals(text);
    add_gauge(
        text, "antara_outbox_waiting", "Mails that wait to be sent, up to 1000 of each tenant.",
        gauges->outbox_waiting);
    add_gauge(
        text, "antara_outbox_oldest_seconds", "How long the oldest of them has waited.",
        (guint64)MAX(gauges->outbox_oldest_seconds, 0));
    add_gauge(text, "antara_store_journal_bytes", "Size of the journal.", gauges->journal_bytes);
    add_gauge(
        text, "antara_store_durable_sequence", "Number of the last commit that is on the disk.",
        gauges->durable_sequence);
    add_gauge(
        text, "antara_store_snapshot_records", "Records of the last snapshot.",
        gauges->snapshot_records);
    add_gauge(text, "antara_store_table_bytes", "Size of the table.", gauges->table_bytes);
    add_gauge(
        text, "antara_store_read_only", "1 while the disk is too full to write.",
        gauges->read_only ? 1 : 0);
    add_gauge(
        text, "process_resident_memory_bytes", "Resident memory size in bytes.",
        gauges->resident_bytes);
    return g_string_free(g_steal_pointer(&text), FALSE);
}
