/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "store/replay.h"

#include "base/error.h"
#include "store/payload.h"
#include "store/recover.h"
#include "store/settle.h"
#include "store/snapshot.h"

#include <string.h>

#define PROGRESS_RECORDS 10000U

typedef struct Replay {
    Store *store;
    StoreProgress progress;
    gpointer data;
    guint64 commits;
    gint64 time_usec;
} Replay;

static gboolean
count_write(G_GNUC_UNUSED const PayloadWrite *write, gpointer data, G_GNUC_UNUSED GError **error)
{
    (*(guint *)data)++;
    return TRUE;
}

/* A table that grows must never meet a full disk, now either. */
static gboolean replay_claim(Replay *replay, GBytes *plain, GError **error)
{
    guint n_writes = 0;

    if (!payload_walk(plain, &replay->time_usec, count_write, &n_writes, error)) {
        return FALSE;
    }
    if (room_claim(&replay->store->room, n_writes, g_bytes_get_size(plain), TRUE)) {
        return TRUE;
    }
    g_set_error(
        error, ANTARA_ERROR, ANTARA_ERROR_NO_ROOM,
        "%s/table: the disk is full: at least %" G_GOFFSET_FORMAT
        " bytes are missing for the recovery; free some and start again",
        replay->store->dir, ROOM_STEP_BYTES);
    return FALSE;
}

static gboolean replay_apply(GBytes *plain, gpointer data, GError **error)
{
    Replay *replay = data;

    if (++replay->commits % PROGRESS_RECORDS == 0 && replay->progress) {
        replay->progress(replay->commits, replay->data);
    }
    return replay_claim(replay, plain, error) &&
           payload_apply(plain, replay->store->table, &replay->time_usec, error);
}

/* The table is only an index: it is thrown away, and begins again as a copy of the snapshot. */
static gboolean table_begin_again(Store *store, const char *path, GError **error)
{
    const Manifest *manifest = &store->manifest;
    g_autofree char *from = snapshot_path(store->dir, manifest->snapshot);
    Snapshot snapshot = {.files = store->files, .path = from, .bytes = manifest->snapshot_bytes};

    memcpy(snapshot.sha256, manifest->snapshot_sha256, sizeof(snapshot.sha256));
    if (manifest->snapshot &&
        !snapshot_copy(&snapshot, path, snapshot.bytes + (guint64)ROOM_STEP_BYTES, NULL, error)) {
        return FALSE;
    }
    store->table = table_open(path, manifest->snapshot ? TABLE_WRITE : TABLE_FRESH, error);
    return store->table != NULL;
}

static gboolean replay_all(
    Store *store,
    const StoreOptions *options,
    const char *path,
    JournalPlace *ret_place,
    GError **error)
{
    Replay replay = {.store = store, .progress = options->progress, .data = options->data};
    const RecoverOptions recover = {
        .set = &store->segments,
        .begin = store->manifest.begin,
        .apply = replay_apply,
        .data = &replay,
    };

    replay.time_usec = store->manifest.begin.time_usec;
    if (!table_begin_again(store, path, error)) {
        return FALSE;
    }
    store->room.fd = table_fd(store->table);
    if (!recover_journal(&recover, ret_place, error)) {
        return FALSE;
    }
    ret_place->time_usec = replay.time_usec;
    return TRUE;
}

gboolean
replay_table(Store *store, const StoreOptions *options, JournalPlace *ret_place, GError **error)
{
    g_autofree char *path = g_build_filename(store->dir, "table", NULL);
    gboolean clean = FALSE;

    if (!clean_take(store, ret_place, &clean, error)) {
        return FALSE;
    }
    if (!clean) {
        return replay_all(store, options, path, ret_place, error);
    }
    store->table = table_open(path, TABLE_WRITE, error);
    return store->table != NULL;
}
