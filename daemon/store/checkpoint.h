/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * checkpoint.h - the next snapshot: the last one, and what the closed segments say since
 *
 * It works on files that nobody else writes to, and on a copy of its own; the live table is never
 * touched. Nothing is named by the manifest before it is on the disk, and read back from there.
 */

#include "store/manifest.h"
#include "store/pace.h"
#include "store/table.h"

typedef struct Checkpoint {
    const SegmentSet *set;
    const Keyring *keyring;
    const Manifest *old;
    guint64 last_closed; /* segments from the old manifest's first up to this one are applied */
    gint64 now_usec;
    const Pace *pace;
    TableVisit visit; /* (nullable): sees each record while it is read back */
    gpointer data;
} Checkpoint;

/* Bytes that it will read and write, for a progress that ends at them, more or less. */
guint64 checkpoint_work_bytes(const Manifest *old, guint64 last_closed, gsize segment_bytes);

/**
 * checkpoint_make() - make it, and write the manifest that names it
 * @ret_manifest: the new one, on the disk
 *
 * Old snapshot and segments are removed. An error of GDBM, damage, and a failed sync are FAILED or
 * DAMAGED; a full disk NO_ROOM, where all is as before, and it may be tried again.
 */
gboolean checkpoint_make(const Checkpoint *checkpoint, Manifest *ret_manifest, GError **error);
