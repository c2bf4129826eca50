/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "store/manifest.h"

#include "base/error.h"
#include "store/sealed-file.h"

#include <string.h>

#define VERSION 2U
#define NAME    "manifest"

/* On disk, little-endian. */
typedef struct Disk {
    guint64 version;
    guint64 epoch;
    guint64 restored_usec;
    guint64 first_segment;
    guint64 sequence;
    guint64 group;
    guint8 tag[FRAME_TAG_BYTES];
    guint64 time_usec;
    guint64 snapshot;
    guint64 snapshot_bytes;
    guint8 snapshot_sha256[32];
    guint64 records;
    guint64 live_bytes;
    guint64 made_usec;
    char retired_kek[KEK_ID_CHARS];
} Disk;

G_STATIC_ASSERT(sizeof(Disk) == 12 * 8 + 16 + 32 + KEK_ID_CHARS);

void manifest_init(Manifest *manifest)
{
    *manifest = (Manifest){.epoch = 1, .begin = {.segment = 1}};
}

GBytes *manifest_make(const Manifest *manifest, const Keyring *keyring)
{
    Disk disk = {
        .version = GUINT64_TO_LE(VERSION),
        .epoch = GUINT64_TO_LE(manifest->epoch),
        .restored_usec = GUINT64_TO_LE((guint64)manifest->restored_usec),
        .first_segment = GUINT64_TO_LE(manifest->begin.segment),
        .sequence = GUINT64_TO_LE(manifest->begin.sequence),
        .group = GUINT64_TO_LE(manifest->begin.group),
        .time_usec = GUINT64_TO_LE((guint64)manifest->begin.time_usec),
        .snapshot = GUINT64_TO_LE(manifest->snapshot),
        .snapshot_bytes = GUINT64_TO_LE(manifest->snapshot_bytes),
        .records = GUINT64_TO_LE(manifest->records),
        .live_bytes = GUINT64_TO_LE(manifest->live_bytes),
        .made_usec = GUINT64_TO_LE((guint64)manifest->made_usec),
    };

    memcpy(disk.tag, manifest->begin.tag, sizeof(disk.tag));
    memcpy(disk.retired_kek, manifest->retired_kek, sizeof(disk.retired_kek));
    memcpy(disk.snapshot_sha256, manifest->snapshot_sha256, sizeof(disk.snapshot_sha256));
    return sealed_file_make(keyring, NAME, &disk, sizeof(disk));
}

gboolean manifest_save(
    const Manifest *manifest,
    const StoreFiles *files,
    const char *dir,
    const Keyring *keyring,
    GError **error)
{
    g_autoptr(GBytes) bytes = manifest_make(manifest, keyring);

    return files_replace(files, dir, NAME, bytes, error);
}

static void from_disk(const Disk *disk, Manifest *manifest)
{
    *manifest = (Manifest){
        .epoch = GUINT64_FROM_LE(disk->epoch),
        .restored_usec = (gint64)GUINT64_FROM_LE(disk->restored_usec),
        .begin =
            {.segment = GUINT64_FROM_LE(disk->first_segment),
             .sequence = GUINT64_FROM_LE(disk->sequence),
             .group = GUINT64_FROM_LE(disk->group),
             .time_usec = (gint64)GUINT64_FROM_LE(disk->time_usec)},
        .snapshot = GUINT64_FROM_LE(disk->snapshot),
        .snapshot_bytes = GUINT64_FROM_LE(disk->snapshot_bytes),
        .records = GUINT64_FROM_LE(disk->records),
        .live_bytes = GUINT64_FROM_LE(disk->live_bytes),
        .made_usec = (gint64)GUINT64_FROM_LE(disk->made_usec),
    };
    memcpy(manifest->begin.tag, disk->tag, sizeof(disk->tag));
    memcpy(manifest->retired_kek, disk->retired_kek, sizeof(disk->retired_kek));
    memcpy(manifest->snapshot_sha256, disk->snapshot_sha256, sizeof(disk->snapshot_sha256));
}

gboolean manifest_read(Manifest *ret_manifest, GBytes *bytes, const Keyring *keyring)
{
    Disk disk = {0};

    if (!sealed_file_read(keyring, NAME, bytes, &disk, sizeof(disk)) ||
        GUINT64_FROM_LE(disk.version) != VERSION) {
        return FALSE;
    }
    from_disk(&disk, ret_manifest);
    return TRUE;
}

gboolean manifest_load(
    Manifest *ret_manifest,
    const StoreFiles *files,
    const char *dir,
    const Keyring *keyring,
    GError **error)
{
    const SealedFile file = {files, dir, NAME, keyring, sizeof(Disk)};
    Disk disk = {0};
    gboolean there = FALSE;

    if (!sealed_file_load(&file, &disk, &there, error)) {
        return FALSE;
    }
    if (!there || GUINT64_FROM_LE(disk.version) != VERSION) {
        g_set_error(
            error, ANTARA_ERROR, ANTARA_ERROR_DAMAGED, "%s/" NAME ": %s", dir,
            there ? "a format that this version does not know" : "missing");
        return FALSE;
    }
    from_disk(&disk, ret_manifest);
    return TRUE;
}
