/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "store/scan.h"

#include "base/error.h"

#include <string.h>

void scan_init(Scan *scan, const SegmentSet *set, const FrameHead *last)
{
    *scan = (Scan){.set = set, .last = *last};
}

void scan_clear(Scan *scan)
{
    g_clear_pointer(&scan->bytes, g_bytes_unref);
}

gboolean scan_damaged(const Scan *scan, gsize offset, const char *words, GError **error)
{
    g_autofree char *path = segment_path(scan->set->dir, scan->number);

    g_set_error(
        error, ANTARA_ERROR, ANTARA_ERROR_DAMAGED,
        "%s: damaged at offset %" G_GSIZE_FORMAT
        ": %s; antarad --check-store tells more; change nothing here before there is a copy",
        path, offset, words);
    return FALSE;
}

gboolean scan_try(Scan *scan, guint64 number, gboolean *ret_there, GError **error)
{
    scan_clear(scan);
    scan->number = number;
    scan->at = SEGMENT_HEAD_BYTES;
    scan->before = scan->last;
    if (!segment_load(scan->set, number, &scan->bytes, error)) {
        return FALSE;
    }
    *ret_there = scan->bytes != NULL;
    if (!scan->bytes) {
        return TRUE;
    }
    scan->data = g_bytes_get_data(scan->bytes, &scan->size);
    return segment_head_read(scan->set, number, scan->data, scan->size, scan->salt) ||
           scan_damaged(scan, 0, "the head is not ours", error);
}

gboolean scan_load(Scan *scan, guint64 number, GError **error)
{
    gboolean there = FALSE;

    return scan_try(scan, number, &there, error) &&
           (there || scan_damaged(scan, 0, "the file is missing", error));
}

void scan_rewind(Scan *scan)
{
    scan->at = SEGMENT_HEAD_BYTES;
    scan->last = scan->before;
}

static gboolean follows(const FrameHead *last, const FrameHead *next)
{
    return next->sequence == last->sequence + 1 &&
           memcmp(next->before, last->tag, FRAME_TAG_BYTES) == 0;
}

gboolean scan_frames(Scan *scan, ScanApply apply, gpointer data, GError **error)
{
    const FrameKeys *keys = &scan->set->keys;
    FrameHead head;

    while (frame_read(keys, scan->salt, scan->data + scan->at, scan->size - scan->at, &head) &&
           follows(&scan->last, &head)) {
        g_autoptr(GBytes) plain = frame_open(keys, &head, scan->data + scan->at);
        if (!plain) {
            return scan_damaged(scan, scan->at, "the frame is ours, but does not open", error);
        }
        if (!apply(plain, data, error)) {
            return FALSE;
        }
        scan->at += FRAME_HEAD_BYTES + head.payload_bytes;
        scan->last = head;
    }
    return TRUE;
}

gboolean scan_finds_later_group(const Scan *scan, gsize *ret_offset)
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
        if (frame_read(&scan->set->keys, scan->salt, found, scan->size - at, &head) &&
            head.group > own_group) {
            *ret_offset = at;
            return TRUE;
        }
    }
    return FALSE;
}
