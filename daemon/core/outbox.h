/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * outbox.h - what is to be sent once its commit is durable
 *
 * An entry is taken by a lease in the store, so no second node sends it. Link and code of a mail
 * that waits are in the sealed record, gone when it is sent or has expired. An entry for an address
 * that gets nothing is written and taken like the others, and has no recipient.
 */

#include "core/act.h"
#include "core/record.h"

#define OUTBOX_LEASE_USEC     (2 * USEC_PER_MINUTE)
#define OUTBOX_RETRY_USEC_MIN (5 * USEC_PER_SEC)
#define OUTBOX_RETRY_USEC_MAX (5 * USEC_PER_MINUTE)

typedef enum OutboxKind { OUTBOX_MAIL_LOGIN = 1 } OutboxKind;

typedef struct OutboxEntry {
    Id id; /* for one receiver only; also the Message-ID's left part */
    guint32 kind;
    guint32 day, number; /* its key */
    char *to;            /* clear inside the sealed record; "" sends nothing */
    char *link;          /* token of the mailed link */
    char *code;
    char *locale;
    char *agent; /* who asked, for the mail's text */
    char *address;
    gint64 next_usec; /* not before; the lease too */
    guint32 tries;
    gint64 expires_usec;
    gint64 born_usec;
} OutboxEntry;

extern const RecordTable outbox_table;
void outbox_entry_free(OutboxEntry *entry);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(OutboxEntry, outbox_entry_free)

/* Adds an entry (id, day, number, born_usec and next_usec are filled in) and announces KIND_OUTBOX.
 */
gboolean outbox_add(Txn *txn, OutboxEntry *entry, GError **error);

typedef struct OutboxAsked {
    const Caller *caller; /* CALLER_DAEMON */
    guint max;            /* take: entries at most */
    guint32 day, number;  /* done, later */
} OutboxAsked;

typedef struct OutboxAnswer {
    Reason reason;
    GPtrArray *entries; /* take: of OutboxEntry, leased */
    gint64 next_usec;   /* when to look again; 0: when told */
    guint waiting;      /* entries with a recipient that wait, up to 1000 */
    gint64 oldest_usec;
} OutboxAnswer;

ACT_DECLARE(outbox_take, OutboxAsked, OutboxAnswer);
ACT_DECLARE(outbox_done, OutboxAsked, OutboxAnswer);
ACT_DECLARE(
    outbox_later,
    OutboxAsked,
    OutboxAnswer); /* failed: again with backoff, until it expires */
ACT_DECLARE(outbox_look, OutboxAsked, OutboxAnswer); /* for status; takes nothing */
