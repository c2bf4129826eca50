/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "store/recover.h"

#include "base/error.h"

#include <errno.h>
#include <string.h>

/* Two segments: the last one in use, and the one behind it. */
typedef struct Recovery {
    const RecoverOptions *options;
    Scan last; /* the end of the journal, as far as is known */
} Recovery;

static void recovery_clear(Recovery *recovery)
{
    scan_clear(&recovery->last);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Recovery, recovery_clear)

/* Applies the frames of the segment that was just loaded. */
static gboolean read_segment(const Recovery *recovery, Scan *scan, GError **error)
{
    gsize offset = 0;

    if (!scan_frames(scan, recovery->options->apply, recovery->options->data, error)) {
        return FALSE;
    }
    if (!scan_finds_later_group(scan, &offset)) {
        return TRUE;
    }
    /* Where the first frame of a file is good, and only doesn't follow, the file before is bad. */
    gboolean blame_before = recovery->last.bytes && offset == SEGMENT_HEAD_BYTES;
    const Scan *bad = blame_before ? &recovery->last : scan;
    return scan_damaged(bad, bad->at, "valid commits stand behind it", error);
}

/* One frame again, to follow what @place says; *head is the one at @at. */
static void copy_frame(
    const Scan *scan,
    gsize at,
    const guint8 *salt,
    FrameHead *head,
    guint8 *out,
    JournalPlace *place)
{
    const FrameKeys *keys = &scan->set->keys;
    gboolean good = frame_read(keys, scan->salt, scan->data + at, scan->size - at, head);
    g_autoptr(GBytes) plain = good ? frame_open(keys, head, scan->data + at) : NULL;
    gsize size = 0;

    g_assert(plain); /* it was read and opened a moment ago */
    if (head->group == scan->last.group) {
        head->of = scan->last.place + 1; /* what was torn off it never was */
    }
    memcpy(head->before, place->tag, FRAME_TAG_BYTES);
    const guint8 *data = g_bytes_get_data(plain, &size);
    frame_write(keys, salt, head, data, size, out);
    memcpy(place->tag, head->tag, FRAME_TAG_BYTES);
}

/* The accepted frames of a segment under the salt of another; returns where they end. */
static gsize copy_frames(const Scan *scan, const Segment *fresh, guint8 *out, JournalPlace *place)
{
    gsize end = 0;
    FrameHead head;

    memcpy(place->tag, scan->before.tag, FRAME_TAG_BYTES);
    for (gsize at = SEGMENT_HEAD_BYTES; at < scan->at;
         at += FRAME_HEAD_BYTES + head.payload_bytes) {
        copy_frame(scan, at, fresh->salt, &head, out + end, place);
        end += FRAME_HEAD_BYTES + head.payload_bytes;
    }
    return end;
}

static gboolean
segment_settle(const Segment *segment, const guint8 *data, gsize size, GError **error)
{
    const StoreFiles *files = segment->set->files;

    return files_write(files, segment->fd, segment->path, data, size, SEGMENT_HEAD_BYTES, error) &&
           (files->fsync(segment->fd) == 0 ||
            files_failed("can't be synced", segment->path, error));
}

/* What was accepted of the last segment, in a new file, synced, in the place of the old. */
static gboolean rewrite(const Recovery *recovery, JournalPlace *place, GError **error)
{
    const Scan *scan = &recovery->last;
    g_autofree guint8 *out = g_malloc(scan->size);
    g_autoptr(Segment) fresh = segment_make(scan->set, scan->number, error);
    if (!fresh) {
        return FALSE;
    }

    place->end = SEGMENT_HEAD_BYTES + copy_frames(scan, fresh, out, place);
    return segment_settle(fresh, out, place->end - SEGMENT_HEAD_BYTES, error) &&
           segment_publish(fresh, error);
}

/* Files made ahead, of which nothing was ever acknowledged; the last one first, so that a cut
 * leaves no gap. */
static gboolean drop_unused(const SegmentSet *set, guint64 from, guint64 last, GError **error)
{
    for (guint64 number = last; number >= from; number--) {
        g_autofree char *path = segment_path(set->dir, number);
        if (set->files->unlink(path) < 0 && errno != ENOENT) {
            return files_failed("can't be removed", path, error);
        }
    }
    return TRUE;
}

/* Behind the end nothing may stand that was written after it; else @bad is named. */
static gboolean rest_is_unused(
    const Recovery *recovery,
    const Scan *bad,
    const char *words,
    guint64 last,
    GError **error)
{
    const Scan *end = &recovery->last;

    for (guint64 number = end->number + 1; number <= last; number++) {
        g_auto(Scan) scan = {.set = NULL};
        gboolean there = FALSE;
        gsize offset = 0;
        scan_init(&scan, end->set, &end->last);
        if (!scan_try(&scan, number, &there, error)) {
            return FALSE;
        }
        if (there && scan_finds_later_group(&scan, &offset)) {
            return scan_damaged(bad, bad->at, words, error);
        }
    }
    return TRUE;
}

/* A start that was cut off may have removed some of the unused files: no damage. */
static gboolean is_mere_gap(const Recovery *recovery, Scan *missing, guint64 last, GError **error)
{
    missing->at = 0;
    return recovery->last.bytes
               ? rest_is_unused(recovery, missing, "the file is missing", last, error)
               : scan_damaged(missing, 0, "the file is missing", error);
}

/* One more segment; *ret_end: nothing of it was ever used, the one before is the end. */
static gboolean
go_on(Recovery *recovery, guint64 number, guint64 last, gboolean *ret_end, GError **error)
{
    g_auto(Scan) scan = {.set = NULL};
    gboolean there = FALSE;

    scan_init(&scan, recovery->options->set, &recovery->last.last);
    if (!scan_try(&scan, number, &there, error) ||
        (!there && !is_mere_gap(recovery, &scan, last, error)) ||
        (there && !read_segment(recovery, &scan, error))) {
        return FALSE;
    }
    *ret_end = !there || (scan.at == SEGMENT_HEAD_BYTES && recovery->last.bytes);
    if (!*ret_end) {
        scan_clear(&recovery->last);
        recovery->last = scan;
        scan.bytes = NULL;
    }
    return TRUE;
}

static void begin(Recovery *recovery, const RecoverOptions *options)
{
    FrameHead last = {.sequence = options->begin.sequence, .group = options->begin.group, .of = 1};

    memcpy(last.tag, options->begin.tag, FRAME_TAG_BYTES);
    recovery->options = options;
    scan_init(&recovery->last, options->set, &last);
}

gboolean recover_journal(const RecoverOptions *options, JournalPlace *ret_place, GError **error)
{
    g_auto(Recovery) recovery = {.options = NULL};
    const Scan *end = &recovery.last;
    guint64 last = 0;
    gboolean ended = FALSE;

    begin(&recovery, options);
    if (!segment_last(options->set->dir, &last, error)) {
        return FALSE;
    }
    for (guint64 number = options->begin.segment; !ended && (number <= last || !end->bytes);
         number++) {
        if (!go_on(&recovery, number, last, &ended, error)) {
            return FALSE;
        }
    }
    ret_place->segment = end->number;
    ret_place->sequence = end->last.sequence;
    ret_place->group = end->last.group;
    return rest_is_unused(&recovery, end, "valid commits stand in a later file", last, error) &&
           (options->look || (drop_unused(options->set, end->number + 1, last, error) &&
                              rewrite(&recovery, ret_place, error)));
}
