/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * store.h - records that survive: opening, closing, and what a store tells those who wait
 *
 * Everything else is in txn.h and list.h. No caller knows which database is beneath.
 */

#include "base/bell.h"
#include "base/clock.h"
#include "base/id.h"
#include "crypto/keks.h"
#include "store/work.h"

/* A failure that has no caller (journal, upkeep): called in any thread; the process should end. */
typedef void (*StoreFailed)(const GError *error, gpointer data);

/* Progress of a recovery, in the opening thread: records replayed so far. */
typedef void (*StoreProgress)(guint64 records, gpointer data);

/* Writes the emails of a record, if its kind has any, once more under the current KEK; an act. */
typedef struct Txn Txn;
typedef gboolean (
    *StoreRewrap)(Txn *txn, guint32 kind, const void *id, gsize id_size, GError **error);

typedef struct StoreOptions {
    const char *dir; /* absolute; an empty directory is made into a store */
    Kek *kek;
    const Clock *clock;
    const char *const *tenants; /* NULL-terminated; those without keys get them now */
    StoreFailed failed;
    StoreProgress progress; /* (nullable) */
    gpointer data;
    const struct StoreFiles *files; /* (nullable): another table of file functions, for tests */
    StoreRewrap rewrap;             /* (nullable): there are no emails */
    gsize segment_bytes;            /* of each file of the journal; 0: SEGMENT_BYTES */
} StoreOptions;

/**
 * store_open() - lock, verify, recover and start
 *
 * Returns: NULL with an error that names file and offset for damage, the key id for a wrong KEK.
 * Never initialises over anything that is not an empty directory.
 */
Store *store_open(const StoreOptions *options, GError **error);

/**
 * store_close() - the clean stop: syncs all, writes the file "clean", frees
 *
 * No transaction may be open. FALSE: the next start recovers from the journal instead.
 */
gboolean store_close(Store *store, GError **error);

/**
 * store_check() - reads all of a store that nobody has open; changes nothing
 * @report: what was found, line by line; for damage also what can be done
 */
gboolean store_check(const StoreOptions *options, GString *report, GError **error);

/* Makes a store of a backup, in the empty directory of @options; FALSE with an error. */
gboolean store_restore(const StoreOptions *options, const char *from, GError **error);

/* Counts restores of this store, from 1: what was made in an earlier epoch, and is not to outlive a
 * restore, is dead. */
guint64 store_epoch(const Store *store);

/* Counts changes of the keyring since the store was opened: what was made of a key of an earlier
 * count is to be made anew. Any thread. */
guint store_keyring_changes(const Store *store);

/* An administrator has looked: the wall clock is right, however far it leapt. */
void store_believe_clock(Store *store);

/* Wakes the journal for transactions whose commit was gathered (txn_set_gathered). Any thread. */
void store_push(Store *store);

/* The point up to which all commits are durable. Any thread. */
guint64 store_durable_point(Store *store);

/* TRUE while no new segment or table room can be claimed: commits fail with ANTARA_ERROR_NO_ROOM.
 */
gboolean store_is_read_only(Store *store);

const Kek *store_kek(Store *store); /* that store_open() got */

/* How it is; any thread. */
typedef struct StoreStatus {
    gboolean read_only;
    gboolean clock_leapt; /* the wall clock is too far ahead to be believed */
    gint64 restored_usec; /* when a backup was restored that nobody has looked at yet; 0: none */
    guint64 records;      /* in the last snapshot */
    guint64 table_bytes;
    guint64 snapshot_bytes;
    guint64 journal_bytes;
    gint64 snapshot_usec; /* when it was made; 0: there is none */
    guint64 room_needed;  /* that a checkpoint and a recovery may come to need */
    guint64 room_there;
    char kek[KEK_ID_CHARS + 1];           /* that the daemon was started with */
    char kek_next[KEK_ID_CHARS + 1];      /* that it should be started with; empty: the same */
    char kek_removable[KEK_ID_CHARS + 1]; /* that nothing here needs any more; empty: none */
    gboolean rotating;                    /* old keys are still needed */
} StoreStatus;
void store_status(Store *store, StoreStatus *ret_status);

/* What one commit says has changed; told after it is durable. */
typedef struct Announcement {
    char *tenant;
    guint32 kind; /* of core/kinds.h */
    Id id;
    guint32 change; /* meaning belongs to the kind */
} Announcement;
void announcement_free(Announcement *announcement);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Announcement, announcement_free)

/*
 * A listener belongs to one main context. Its bell rings when there are announcements for it, when
 * what it waits for is durable, and when the store becomes read-only or ceases to be; the context
 * then compares store_durable_point() with what it holds, and takes announcements.
 */
typedef struct StoreListener StoreListener;

#define STORE_WAIT_FOR_NOTHING G_MAXUINT64

/* @announcements: FALSE rings only. It waits for each group. (transfer full); free before the
 * store. */
StoreListener *store_listen(Store *store, Bell *bell, gboolean announcements);
void store_listener_free(StoreListener *listener);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(StoreListener, store_listener_free)

/* From now on it waits for @point alone: the bell rings once when that is durable, at once if it is
 * already. So who waits for nothing is not woken by what others commit. */
void store_listener_wait(StoreListener *listener, guint64 point);

/* (transfer full): an array of Announcement, maybe empty, that frees its elements. */
GPtrArray *store_listener_take(StoreListener *listener);
