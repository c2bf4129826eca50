/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* store-inside.h - how a store looks inside; for the files of store/ alone */

#include "base/lock.h"
#include "store/cache.h"
#include "store/manifest.h"
#include "store/room.h"
#include "store/store-time.h"
#include "store/store.h"
#include "store/table.h"
#include "store/undurable.h"

typedef struct Upkeep Upkeep;

struct Store {
    const StoreFiles *files;
    char *dir;
    int lock_fd;
    Kek *kek;   /* that the configuration gave */
    Keks *keks; /* that emails are sealed with */
    StoreRewrap rewrap;
    Keyring *keyring;
    guint keyring_changes; /* atomic: since the store was opened */
    SegmentSet segments;
    guint64 epoch;     /* of the manifest: it never changes while the store is open */
    Manifest manifest; /* changed by upkeep alone, under upkeep's lock */
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
    Upkeep *upkeep;

    Lock listeners_lock;
    GPtrArray *listeners; /* of StoreListener, not owned */
    GQueue told;          /* of Told: announcements that wait for their point */
    int told_read_only;   /* atomic: as the listeners know it */
};

/* The end: tells the function that store_open() got, and sees to it that nothing follows. */
void store_fail(Store *store, const GError *error);
gboolean store_has_failed(const Store *store);

/* Hands announcements over; they are told when @sequence is durable. Takes @announcements (may be
 * NULL). */
void store_tell(Store *store, guint64 sequence, GPtrArray *announcements);
/* All listeners: look. */
void store_ring(Store *store);
/* In the journal's thread, after each group. */
void store_became_durable(guint64 sequence, gpointer data);
void store_listeners_clear(Store *store);
