/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * refusal.h - what a prompt is refused without a conversation that could keep the event: its id
 *
 * One event of a service, reason and local user a minute: who comes again in it is told the same
 * id, and nothing is written. Nothing in here knows which users exist.
 */

#include "core/event.h"

#define REFUSAL_USEC USEC_PER_MINUTE
/* Of a service and reason a minute; then one more, that names no user and is told to all others: so
 * whoever makes up names fills neither the store nor the ring of events. */
#define REFUSALS_OF_SERVICE_MAX 60U

typedef struct Refusal {
    char *event; /* id, as shown; NULL: none yet */
    gint64 since_usec;
    guint32 count; /* of the service's own record: events of this minute */
} Refusal;

extern const RecordTable refusal_table;
void refusal_free(Refusal *refusal);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Refusal, refusal_free)

/* Texts are fit for people. */
typedef struct RefusalOf {
    Id app;              /* the service's */
    const char *service; /* base name */
    const char *host, *pam_service, *local_user;
    gboolean by_root; /* others about themselves are counted apart */
    Reason reason;
} RefusalOf;

/* Writes the event, unless this minute has one. */
gboolean refusal_note(
    Txn *txn,
    const RefusalOf *of,
    char **ret_event, /* (transfer full): its id, as shown */
    gboolean *ret_new /* it was written now */,
    GError **error);

/* The same in two steps, for an act that only reads: the id first, which is to be told ... */
gboolean refusal_foretell(
    Txn *txn,
    const RefusalOf *of,
    char **ret_event, /* (transfer full) */
    gboolean *ret_new /* refusal_keep() is wanted */,
    GError **error);
/* ... then the event under it. What another call kept meanwhile stays: each id that was told has
 * its event. */
gboolean refusal_keep(Txn *txn, const RefusalOf *of, const char *event, GError **error);
