/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * outbox.h - what is to be sent once its commit is durable
 *
 * An entry is taken by a lease in the store, so no second node sends it. Link and code of a mail
 * that waits are in the sealed record, gone when it is sent or has expired. An entry for an address
 * that gets nothing is written and taken like the others, and has no recipient. Each lane is a
 * queue of its own: what waits for a mail server holds up nothing else.
 */

#include "core/act.h"
#include "core/record.h"

#define OUTBOX_LEASE_USEC      (2 * USEC_PER_MINUTE)
#define OUTBOX_RETRY_USEC_MIN  (5 * USEC_PER_SEC)
#define OUTBOX_RETRY_USEC_MAX  (5 * USEC_PER_MINUTE)
#define OUTBOX_LOGOUT_USEC_MIN (10 * USEC_PER_SEC) /* then four times that, and so on */
#define OUTBOX_LOGOUT_USEC_MAX (30 * USEC_PER_MINUTE)

typedef enum OutboxKind { OUTBOX_MAIL_LOGIN = 1, OUTBOX_LOGOUT, OUTBOX_MAIL_LINKED } OutboxKind;
typedef enum OutboxLane { OUTBOX_LANE_MAIL, OUTBOX_LANE_LOGOUT } OutboxLane; /* in keys */

typedef struct OutboxEntry {
    Id id; /* for one receiver only; also the Message-ID's left part */
    guint32 kind;
    guint32 day, number; /* its key, beside the lane of its kind */
    char *to;            /* clear inside the sealed record; "" sends nothing. Logout: a URL */
    char *link;          /* token of the mailed link */
    char *code;
    char *locale;
    char *agent; /* who asked, for the mail's text */
    char *address;
    gint64 next_usec; /* not before; in the store the lease too, in one that is taken when it was
                         due */
    guint32 tries;
    gint64 expires_usec;
    gint64 born_usec;
    /* logout: of whom an app is told */
    char *client_id;
    char *subject; /* the slug's text, as the app had it with @sid */
    char *sid;
    guint32 alg; /* JwsAlg of the app's tokens */
    /* linked: who may be whom, and where; for people */
    char *host;
    char *local_user;
    char *services;
} OutboxEntry;

extern const RecordTable outbox_table;
void outbox_entry_free(OutboxEntry *entry);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(OutboxEntry, outbox_entry_free)

/* Adds an entry (id, day, number and born_usec are filled in; next_usec when it is 0) and announces
 * KIND_OUTBOX. */
gboolean outbox_add(Txn *txn, OutboxEntry *entry, GError **error);

typedef struct OutboxAsked {
    const Caller *caller; /* CALLER_DAEMON */
    OutboxLane lane;
    guint max;           /* take: entries at most */
    guint32 day, number; /* done, later; take: where to begin, 0 and 0 at the oldest */
} OutboxAsked;

typedef struct OutboxAnswer {
    Reason reason;
    GPtrArray *entries; /* take: of OutboxEntry, leased */
    gint64 next_usec;   /* when to look again; 0: when told */
    gboolean more;      /* take: not all was looked at; go on from day and number */
    guint32 day, number;
    guint waiting; /* entries with a recipient that wait, up to 1000 */
    gint64 oldest_usec;
} OutboxAnswer;

ACT_DECLARE(outbox_take, OutboxAsked, OutboxAnswer);
ACT_DECLARE(outbox_done, OutboxAsked, OutboxAnswer);
ACT_DECLARE(
    outbox_later,
    OutboxAsked,
    OutboxAnswer); /* failed: again with backoff, until it expires */
ACT_DECLARE(outbox_look, OutboxAsked, OutboxAnswer); /* for status; takes nothing */
