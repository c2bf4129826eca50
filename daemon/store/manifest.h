/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * manifest.h - from where a recovery begins: a snapshot, and the first segment behind it
 *
 * It is replaced whole, and last of all: what it names is on the disk, what it no longer names may
 * go. A store without a snapshot begins with its first segment.
 */

#include "store/journal.h"

typedef struct Manifest {
    guint64 epoch;        /* counts restores, from 1 */
    gint64 restored_usec; /* 0: never, or an administrator has looked since */
    JournalPlace begin;   /* what the snapshot holds; its segment is the first behind it */
    guint64 snapshot;     /* its number; 0: none */
    guint64 snapshot_bytes;
    guint8 snapshot_sha256[32];
    guint64 records;                    /* in the snapshot */
    guint64 live_bytes;                 /* that they need; the rest of the file is dead */
    char retired_kek[KEK_ID_CHARS + 1]; /* id of the KEK before the last rotation; or empty */
    gint64 made_usec;                   /* when the snapshot was made, by the store's time */
} Manifest;

/* Of a store that begins: no snapshot, segment 1. */
void manifest_init(Manifest *manifest);

/* From such bytes; FALSE: they are not of this store. */
gboolean manifest_read(Manifest *ret_manifest, GBytes *bytes, const Keyring *keyring);
/* The file's bytes. (transfer full) */
GBytes *manifest_make(const Manifest *manifest, const Keyring *keyring);
gboolean manifest_save(
    const Manifest *manifest,
    const StoreFiles *files,
    const char *dir,
    const Keyring *keyring,
    GError **error);
/* A missing one, and one of another store, are errors. */
gboolean manifest_load(
    Manifest *ret_manifest,
    const StoreFiles *files,
    const char *dir,
    const Keyring *keyring,
    GError **error);
