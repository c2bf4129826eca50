/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * recover.h - the journal read from its first segment on
 *
 * A bad frame with nothing valid of a later group behind it is a torn tail: the end. A bad frame
 * with later valid groups is damage, so is a segment that is missing before another, and a bad
 * head: file and offset are named, and nothing is changed. What was accepted of the last segment is
 * written to a new one, synced, and takes its place: recovery may have read what only the page
 * cache had.
 */

#include "store/journal.h"

/* One payload, in order. FALSE with an error ends the recovery. */
typedef gboolean (*RecoverApply)(GBytes *plain, gpointer data, GError **error);

typedef struct RecoverOptions {
    const StoreFiles *files;
    const char *dir;
    const guint8 *store_id;
    const FrameKeys *keys;
    guint64 first_segment;
    RecoverApply apply;
    gpointer data;
} RecoverOptions;

gboolean recover_journal(const RecoverOptions *options, JournalPlace *ret_place, GError **error);
