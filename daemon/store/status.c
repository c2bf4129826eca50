/* SPDX-License-Identifier: GPL-3.0-or-later */

/* status.c - how a store is, for whoever looks */

#include "store/upkeep.h"

#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

/* Table, snapshot, the next snapshot, and a table made anew from it. */
#define ROOM_TABLES 4U

static void look_at_files(const Store *store, StoreStatus *status)
{
    struct stat table = {0};
    struct statvfs disk = {0};

    if (fstat(table_fd(store->table), &table) == 0) {
        status->table_bytes = (guint64)table.st_size;
    }
    if (statvfs(store->dir, &disk) == 0) {
        status->room_there = (guint64)disk.f_bavail * (guint64)disk.f_frsize;
    }
    status->room_needed = ROOM_TABLES * status->table_bytes;
}

static void copy_id(char id[KEK_ID_CHARS + 1], const char *from)
{
    (void)g_strlcpy(id, from, KEK_ID_CHARS + 1);
}

/* The old KEK can go when no email needs it, and no start does. Locked. */
static void look_at_keys(const Store *store, const Manifest *manifest, StoreStatus *status)
{
    const char *next = kek_id(keks_current(store->keks));

    copy_id(status->kek, kek_id(store->kek));
    status->rotating = keyring_has_old(store->keyring);
    if (strcmp(next, status->kek) != 0) {
        copy_id(status->kek_next, next);
    } else if (!status->rotating) {
        copy_id(status->kek_removable, manifest->retired_kek);
    }
}

void store_status(Store *store, StoreStatus *ret_status)
{
    Manifest manifest;

    upkeep_manifest(store->upkeep, &manifest);
    *ret_status = (StoreStatus){
        .read_only = store_is_read_only(store),
        .restored_usec = manifest.restored_usec,
        .records = manifest.records,
        .snapshot_bytes = manifest.snapshot_bytes,
        .snapshot_usec = manifest.snapshot ? manifest.made_usec : 0,
        .journal_bytes = (journal_segment(store->journal) - manifest.begin.segment + 1) *
                         (guint64)store->segments.bytes,
    };
    look_at_files(store, ret_status);
    LOCKED(&store->lock);
    ret_status->clock_leapt = store->time.leaping;
    look_at_keys(store, &manifest, ret_status);
}
