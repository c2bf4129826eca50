/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * metrics.h - what is counted, and how it reads: the Prometheus text format, version 0.0.4
 *
 * Counters are of the process, relaxed atomics: any worker counts, and nobody waits. Labels are
 * routes, methods and words of our own; nothing that a client sent, no name of a tenant, an app or
 * a person.
 */

#include "http/route.h"

#define METRICS_TYPE "text/plain; version=0.0.4; charset=utf-8"

typedef enum MetricsEvent {
    METRICS_TAKEN = 0,    /* a connection */
    METRICS_TURNED_AWAY,  /* a connection from an address that has too many */
    METRICS_CLOSED,       /* one that was taken */
    METRICS_SOFT_REFUSED, /* a request, by http/soft-limit */
    METRICS_HARD_REFUSED, /* a request, by core/limit */
    METRICS_TLS_FULL,     /* a TLS handshake */
    METRICS_TLS_RESUMED,  /* one that a ticket made short */
    METRICS_TLS_FAILED,
    _METRICS_EVENT_MAX,
} MetricsEvent;

void metrics_count(MetricsEvent event);

/* When the TLS certificate ends, in seconds since 1970. */
void metrics_certificate_ends(gint64 seconds);

/* @route: NULL when there is none; @status: 100 to 599. */
void metrics_answered(const Route *route, guint status);

/* What is not counted but looked at, at the time of asking. */
typedef struct MetricsGauges {
    guint outbox_waiting;
    gint64 outbox_oldest_seconds; /* how long it has waited */
    guint64 journal_bytes;
    guint64 durable_sequence;
    guint64 snapshot_records;
    guint64 table_bytes;
    gboolean read_only;
    guint64 resident_bytes;
} MetricsGauges;

/* (transfer full): all of it. */
char *metrics_text(const MetricsGauges *gauges);
