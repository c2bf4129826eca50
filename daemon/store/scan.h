/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * scan.h - the frames of a journal, segment by segment, as far as they are good
 *
 * It changes nothing. Recovery, checkpoint and check read a journal through it.
 */

#include "store/segment.h"

typedef struct Scan {
    const SegmentSet *set;
    guint64 number; /* of the segment in memory; 0: none */
    GBytes *bytes;
    const guint8 *data; /* of @bytes */
    gsize size;
    guint8 salt[FRAME_SALT_BYTES];
    gsize at;         /* how far it was found good */
    FrameHead last;   /* the last good frame, of this segment or one before */
    FrameHead before; /* the frame before the segment's first */
} Scan;

/* Nothing is loaded; @last is where the first frame must chain to. */
void scan_init(Scan *scan, const SegmentSet *set, const FrameHead *last);
void scan_clear(Scan *scan);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Scan, scan_clear)

/* Loads a segment that must be there and ours, in place of what was loaded; the chain goes on. */
gboolean scan_load(Scan *scan, guint64 number, GError **error);
/* One that may be missing: then *ret_there is FALSE, and nothing is loaded. */
gboolean scan_try(Scan *scan, guint64 number, gboolean *ret_there, GError **error);

/* Back to the segment's first frame. */
void scan_rewind(Scan *scan);

/* One payload, in order. FALSE with an error ends the scan. */
typedef gboolean (*ScanApply)(GBytes *plain, gpointer data, GError **error);

/* Applies good frames from scan->at on, as far as they chain. */
gboolean scan_frames(Scan *scan, ScanApply apply, gpointer data, GError **error);

/* Whether a valid frame of a group that was written after the bad frame's own stands at scan->at or
 * behind. */
gboolean scan_finds_later_group(const Scan *scan, gsize *ret_offset);

/* Names file and offset; returns FALSE. */
gboolean scan_damaged(const Scan *scan, gsize offset, const char *words, GError **error);
