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
#include "store/scan.h"

typedef struct RecoverOptions {
    const SegmentSet *set;
    JournalPlace
        begin;     /* its segment is the first one; what is there follows its sequence and tag */
    gboolean look; /* only look: nothing is written or removed */
    ScanApply apply;
    gpointer data;
} RecoverOptions;

/* *ret_place: where the journal goes on; its time is the caller's to fill in. */
gboolean recover_journal(const RecoverOptions *options, JournalPlace *ret_place, GError **error);
