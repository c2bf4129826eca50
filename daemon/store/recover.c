/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "store/recover.h"

#include "base/error.h"

#include <string.h>

/* A segment in memory, and how far it was found good. */
typedef struct Scan {
    const RecoverOptions *options;
    const guint8 *data;
    gsize size;
    guint64 number;
    guint8 salt[FRAME_SALT_BYTES];
    gsize at;
    FrameHead last; /* the last good frame, of this segment or one before */
} Scan;

static gboolean damaged(const Scan *scan, gsize offset, const char *words, GError **error)
{
    g_autofree char *path = segment_path(scan->options->dir, scan->number);

    g_set_error(
        error, ANTARA_ERROR, ANTARA_ERROR_DAMAGED,
        "%s: damaged at offset %" G_GSIZE_FORMAT
        ": %s; restore a backup, or ask for help before anything is changed here",
        path, offset, words);
    return FALSE;
}

static gboolean follows(const FrameHead *last, const FrameHead *next)
{
    return next->sequence == last->sequence + 1 &&
           memcmp(next->before, last->tag, FRAME_TAG_BYTES) == 0;
}

/* Applies good frames from scan->at on, as far as they chain. */
static gboolean scan_frames(Scan *scan, GError **error)
{
    const RecoverOptions *options = scan->options;
    FrameHead head;

    while (frame_read(
               options->keys, scan->salt, scan->data + scan->at, scan->size - scan->at, &head) &&
           follows(&scan->last, &head)) {
        g_autoptr(GBytes) plain = frame_open(options->keys, &head, scan->data + scan->at);
        if (!plain) {
            return damaged(scan, scan->at, "the frame is ours, but does not open", error);
        }
        if (!options->apply(plain, options->data, error)) {
            return FALSE;
        }
        scan->at += FRAME_HEAD_BYTES + head.payload_bytes;
        scan->last = head;
    }
    return TRUE;
}

/* Whether a valid frame of a group that was written after the bad frame's own stands at scan->at or
 * behind. */
static gboolean later_group_follows(const Scan *scan, gsize *ret_offset)
{
    gboolean complete = scan->last.place + 1 >= scan->last.of;
    guint64 own_group = scan->last.group + (complete ? 1 : 0);
    FrameHead head;

    for (gsize at = scan->at; at + FRAME_HEAD_BYTES <= scan->size; at++) {
        const guint8 *found = memchr(scan->data + at, FRAME_MAGIC_FIRST, scan->size - at);
        if (!found) {
            return FALSE;
        }
        at = (gsize)(found - scan->data);
        if (frame_read(scan->options->keys, scan->salt, found, scan->size - at, &head) &&
            head.group > own_group) {
            *ret_offset = at;
            return TRUE;
        }
    }
    return FALSE;
}

static gboolean scan_segment(Scan *scan, const Scan *before, GError **error)
{
    gsize offset = 0;

    if (!scan_frames(scan, error)) {
        return FALSE;
    }
    if (!later_group_follows(scan, &offset)) {
        return TRUE;
    }
    /* Where the first frame of a file is good, and only doesn't follow, the file before is bad. */
    gboolean blame_before = before->data && offset == SEGMENT_HEAD_BYTES;
    const Scan *bad = blame_before ? before : scan;
    return damaged(bad, bad->at, "valid commits stand behind it", error);
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
    const FrameKeys *keys = scan->options->keys;
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
static gsize copy_frames(
    const Scan *scan,
    const FrameHead *before,
    const Segment *fresh,
    guint8 *out,
    JournalPlace *place)
{
    gsize end = 0;
    FrameHead head;

    memcpy(place->tag, before->tag, FRAME_TAG_BYTES);
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
    const StoreFiles *files = segment->files;

    return files_write(files, segment->fd, segment->path, data, size, SEGMENT_HEAD_BYTES, error) &&
           (files->fsync(segment->fd) == 0 ||
            files_failed("can't be synced", segment->path, error));
}

/* What was accepted of the last segment, in a new file, synced, in the place of the old. */
static gboolean
rewrite(const Scan *scan, const FrameHead *before, JournalPlace *place, GError **error)
{
    const RecoverOptions *options = scan->options;
    g_autofree guint8 *out = g_malloc(SEGMENT_BYTES);
    g_autoptr(Segment) fresh = segment_make(
        options->files, options->dir, scan->number, options->keys, options->store_id, error);
    if (!fresh) {
        return FALSE;
    }

    gsize size = copy_frames(scan, before, fresh, out, place);
    if (!segment_settle(fresh, out, size, error)) {
        return FALSE;
    }
    place->segment = scan->number;
    place->end = SEGMENT_HEAD_BYTES + size;
    place->sequence = scan->last.sequence;
    place->group = scan->last.group;
    return segment_publish(fresh, options->dir, error);
}

/* Files made ahead, of which nothing was ever acknowledged. */
static gboolean
drop_unused(const RecoverOptions *options, guint64 from, guint64 last, GError **error)
{
    for (guint64 number = from; number <= last; number++) {
        g_autofree char *path = segment_path(options->dir, number);
        if (options->files->unlink(path) < 0) {
            return files_failed("can't be removed", path, error);
        }
    }
    return TRUE;
}

/* Loads a segment that must be there, and finds its salt. */
static gboolean next_load(Scan *scan, guint64 number, GBytes **ret_bytes, GError **error)
{
    const RecoverOptions *options = scan->options;
    gsize size = 0;

    scan->number = number;
    scan->at = SEGMENT_HEAD_BYTES;
    if (!segment_load(options->files, options->dir, number, ret_bytes, error)) {
        return FALSE;
    }
    scan->data = *ret_bytes ? g_bytes_get_data(*ret_bytes, &size) : NULL;
    scan->size = size;
    if (!scan->data) {
        return damaged(scan, 0, "the file is missing", error);
    }
    return segment_head_read(
               scan->data, size, number, options->keys, options->store_id, scan->salt) ||
           damaged(scan, 0, "the head is not ours", error);
}

/* Behind the end nothing may stand that was written after it. */
static gboolean rest_is_unused(const Scan *end, guint64 from, guint64 last, GError **error)
{
    for (guint64 number = from; number <= last; number++) {
        g_autoptr(GBytes) bytes = NULL;
        Scan scan = *end;
        gsize offset = 0;
        if (!next_load(&scan, number, &bytes, error)) {
            return FALSE;
        }
        if (later_group_follows(&scan, &offset)) {
            return damaged(end, end->at, "valid commits stand in a later file", error);
        }
    }
    return TRUE;
}

gboolean recover_journal(const RecoverOptions *options, JournalPlace *ret_place, GError **error)
{
    Scan scan = {.options = options};
    Scan last = scan;
    FrameHead before = {0};
    g_autoptr(GBytes) last_bytes = NULL;
    guint64 last_number = 0;

    if (!segment_last(options->dir, &last_number, error)) {
        return FALSE;
    }
    for (guint64 number = options->first_segment; number <= last_number || !last_bytes; number++) {
        g_autoptr(GBytes) bytes = NULL;
        FrameHead first_before = scan.last;
        if (!next_load(&scan, number, &bytes, error) || !scan_segment(&scan, &last, error)) {
            return FALSE;
        }
        if (scan.at == SEGMENT_HEAD_BYTES && last_bytes) {
            break;
        }
        before = first_before;
        last = scan;
        g_clear_pointer(&last_bytes, g_bytes_unref);
        last_bytes = g_steal_pointer(&bytes);
    }
    return rest_is_unused(&last, last.number + 1, last_number, error) &&
           drop_unused(options, last.number + 1, last_number, error) &&
           rewrite(&last, &before, ret_place, error);
}
