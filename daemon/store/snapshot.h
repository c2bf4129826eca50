/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * snapshot.h - a closed table that nobody writes to; the manifest says its number, size and SHA-256
 */

#include "crypto/digest.h"
#include "store/files.h"
#include "store/pace.h"

typedef struct Snapshot {
    const StoreFiles *files;
    const char *path;
    guint64 bytes;
    guint8 sha256[SHA256_BYTES];
} Snapshot;

char *snapshot_path(const char *dir, guint64 number);
/* 0: this is no name of a snapshot. */
guint64 snapshot_number(const char *name);

/* Fills in size and digest of the file at its path, read from the disk, not from the page cache. */
gboolean snapshot_measure(Snapshot *snapshot, const Pace *pace, GError **error);

/**
 * snapshot_copy() - a copy of it, from which a table goes on
 * @claim: bytes that the copy may grow to; its room is claimed before the first write
 * @pace: NULL: nothing is synced
 *
 * Returns: FALSE with ANTARA_ERROR_NO_ROOM, which says how much is missing; with
 * ANTARA_ERROR_DAMAGED where the file is not what the manifest says.
 */
gboolean snapshot_copy(
    const Snapshot *snapshot,
    const char *to,
    guint64 claim,
    const Pace *pace,
    GError **error);

/* Sees to @bytes for @path, which is open as @fd, or says how much is missing. */
gboolean
snapshot_claim(const StoreFiles *files, int fd, const char *path, guint64 bytes, GError **error);
