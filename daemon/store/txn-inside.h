/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* txn-inside.h - how a transaction looks inside; for the files of store/ that commit */

#include "store/store-inside.h"
#include "store/txn.h"
#include "store/value.h"

/* One write that waits for the commit. */
typedef struct Write {
    guint8 key[TABLE_KEY_BYTES];
    Address address;
    GBytes *plain; /* NULL: deleted */
    gint64 expires_usec;
} Write;

struct Txn {
    Store *store;
    char *tenant;
    ValueKeys keys;
    gint64 now_usec;
    guint64 point; /* of what was read */
    gboolean revoking;
    gboolean gathered;
    gboolean locked;
    GHashTable *writes; /* physical key (in the Write) -> Write; NULL before the first */
    GPtrArray *order;   /* of Write, as they came first */
    GPtrArray *announcements;
};

/* Commits a payload that was made under the store's lock, which is held: room, table, journal.
 * Takes @payload. */
gboolean commit_payload(Store *store, GBytes *payload, guint n_writes, GError **error);

/* Releases the store's lock, once. */
void txn_unlock(Txn *txn);
