/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* store-inside.h - how a store looks inside; for the files of store/ alone */

#include "base/lock.h"
#include "store/cache.h"
#include "store/journal.h"
#include "store/room.h"
#include "store/store-time.h"
#include "store/store.h"
#include "store/table.h"
#include "store/undurable.h"

struct Store {
    const StoreFiles *files;
    char *dir;
    int lock_fd;
    Kek *kek;
    Keyring *keyring;
    guint64 first_segment;
    StoreFailed failed;
    gpointer failed_data;

    /* A transaction holds this from its first get to its commit. */
    Lock lock;
    Table *table;
    Cache *cache; /* of what the table holds */
    Room room;
    StoreTime time;
    Undurable *undurable;
    gint has_failed; /* atomic: table and journal may be at odds; nothing more is committed */

    Journal *journal;

    Lock listeners_lock;
    GPtrArray *listeners; /* of StoreListener, not owned */
    GQueue told;          /* of Told: announcements that wait for their point */
};

/* The end: tells the function that store_open() got, and sees to it that nothing follows. */
void store_fail(Store *store, const GError *error);
gboolean store_has_failed(const Store *store);

/* Hands announcements over; they are told when @sequence is durable. Takes @announcements (may be
 * NULL). */
void store_tell(Store *store, guint64 sequence, GPtrArray *announcements);
/* In the journal's thread, after each group. */
void store_became_durable(guint64 sequence, gpointer data);
void store_listeners_clear(Store *store);

/* The payload of a frame: time, then for each write its physical key, size (deleted: all ones),
 * bytes. */
#define PAYLOAD_DELETED G_MAXUINT32
void payload_begin(GByteArray *payload, gint64 time_usec);
void payload_add(
    GByteArray *payload,
    const guint8 key[TABLE_KEY_BYTES],
    GBytes *value); /* NULL: deleted */
/* Writes it to the table. */
gboolean payload_apply(GBytes *payload, Table *table, gint64 *ret_time_usec, GError **error);
