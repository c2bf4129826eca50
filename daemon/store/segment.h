/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * segment.h - one file of the journal: a salted head, then frames, then zeros up to its full size
 *
 * It is written full of zeros and synced before its first frame, so that a later fdatasync has no
 * metadata to write, and so that a full disk is met before a commit is.
 */

#include "store/files.h"
#include "store/frame.h"

#define SEGMENT_HEAD_BYTES 64U
#define SEGMENT_BYTES      ((gsize)16 * 1024 * 1024)

/* What all segments of a journal share. */
typedef struct SegmentSet {
    const StoreFiles *files;
    const char *dir;
    const guint8 *store_id; /* 16 bytes */
    FrameKeys keys;
    gsize bytes; /* of each: SEGMENT_BYTES, or fewer in tests */
} SegmentSet;

/* The longest payload that one commit of such a journal may have, before sealing. */
gsize segment_payload_max(const SegmentSet *set);

typedef struct Segment {
    const SegmentSet *set;
    char *path;
    int fd;
    guint64 number;
    guint8 salt[FRAME_SALT_BYTES];
    gsize end; /* where the next frame goes */
} Segment;

char *segment_path(const char *dir, guint64 number);

/* Makes, zeroes and syncs a segment; it has its name only after segment_publish(), so that a file
 * of that name whose head is bad is damage, never one whose making was cut off. NULL with an error;
 * nothing stays behind. */
Segment *segment_make(const SegmentSet *set, guint64 number, GError **error);
/* Gives it its name, in place of what bore it, and syncs the directory. What was written to it must
 * be synced. */
gboolean segment_publish(Segment *segment, GError **error);
/* Opens one for writing on at @end. */
Segment *segment_open(const SegmentSet *set, guint64 number, gsize end, GError **error);
void segment_free(Segment *segment); /* closes; NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Segment, segment_free)

/* 0: this is no name of a segment. */
guint64 segment_number(const char *name);
/* The number of the last file that bears the name of a segment; 0: there is none. */
gboolean segment_last(const char *dir, guint64 *ret_number, GError **error);
/* A whole segment in memory, for recovery. *ret_bytes NULL when there is no such file. */
gboolean segment_load(const SegmentSet *set, guint64 number, GBytes **ret_bytes, GError **error);
/* FALSE when this is not the head of that segment of this store. */
gboolean segment_head_read(
    const SegmentSet *set,
    guint64 number,
    const guint8 *data,
    gsize size,
    guint8 ret_salt[FRAME_SALT_BYTES]);
