/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "store/segment.h"

#include "base/error.h"
#include "crypto/digest.h"
#include "crypto/random.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#define CHUNK_BYTES ((gsize)1024 * 1024)
#define NAME_PREFIX "journal-"

typedef struct Head {
    guint8 magic[8];
    guint8 store_id[16];
    guint64 number;
    guint8 salt[FRAME_SALT_BYTES];
    guint8 tag[FRAME_TAG_BYTES];
} Head;

G_STATIC_ASSERT(sizeof(Head) == SEGMENT_HEAD_BYTES);

static const guint8 magic[8] = {'a', 'n', 't', 'j', 'r', 'n', 'l', '1'};

char *segment_path(const char *dir, guint64 number)
{
    return g_strdup_printf("%s/" NAME_PREFIX "%08" G_GUINT64_FORMAT, dir, number);
}

static void make_tag(const FrameKeys *keys, const Head *head, guint8 ret_tag[FRAME_TAG_BYTES])
{
    const Piece piece = {head, offsetof(Head, tag)};
    guint8 mac[SHA256_BYTES];

    mac_make(&keys->tag, &piece, 1, mac);
    memcpy(ret_tag, mac, FRAME_TAG_BYTES);
}

static void make_head(const SegmentSet *set, Head *head, guint64 number)
{
    memcpy(head->magic, magic, sizeof(magic));
    memcpy(head->store_id, set->store_id, sizeof(head->store_id));
    head->number = GUINT64_TO_LE(number);
    random_fill(head->salt, sizeof(head->salt));
    make_tag(&set->keys, head, head->tag);
}

gsize segment_payload_max(const SegmentSet *set)
{
    return frame_payload_max(MIN(FRAME_BYTES_MAX, set->bytes / 2));
}

gboolean segment_head_read(
    const SegmentSet *set,
    guint64 number,
    const guint8 *data,
    gsize size,
    guint8 ret_salt[FRAME_SALT_BYTES])
{
    Head head;
    guint8 tag[FRAME_TAG_BYTES];

    if (size < sizeof(head)) {
        return FALSE;
    }
    memcpy(&head, data, sizeof(head));
    make_tag(&set->keys, &head, tag);
    if (memcmp(head.magic, magic, sizeof(magic)) != 0 ||
        !secret_equal(tag, head.tag, FRAME_TAG_BYTES) ||
        memcmp(head.store_id, set->store_id, sizeof(head.store_id)) != 0 ||
        GUINT64_FROM_LE(head.number) != number) {
        return FALSE;
    }
    memcpy(ret_salt, head.salt, FRAME_SALT_BYTES);
    return TRUE;
}

static gboolean fill(const Segment *segment, const Head *head, GError **error)
{
    const StoreFiles *files = segment->set->files;
    g_autofree guint8 *zeros = g_malloc0(CHUNK_BYTES);

    for (gsize at = 0; at < segment->set->bytes; at += CHUNK_BYTES) {
        gsize size = MIN(CHUNK_BYTES, segment->set->bytes - at);
        if (!files_write(files, segment->fd, segment->path, zeros, size, (off_t)at, error)) {
            return FALSE;
        }
    }
    return files_write(files, segment->fd, segment->path, head, sizeof(*head), 0, error) &&
           (files->fsync(segment->fd) == 0 ||
            files_failed("can't be synced", segment->path, error));
}

static Segment *
segment_begin(const SegmentSet *set, guint64 number, const char *suffix, int flags, GError **error)
{
    g_autoptr(Segment) segment = g_new0(Segment, 1);
    g_autofree char *name = segment_path(set->dir, number);

    segment->set = set;
    segment->number = number;
    segment->path = g_strconcat(name, suffix, NULL);
    segment->end = SEGMENT_HEAD_BYTES;
    segment->fd = set->files->open(segment->path, flags, 0600);
    if (segment->fd < 0) {
        (void)files_failed("can't be opened", segment->path, error);
        return NULL;
    }
    return g_steal_pointer(&segment);
}

Segment *segment_make(const SegmentSet *set, guint64 number, GError **error)
{
    g_autoptr(Segment) segment =
        segment_begin(set, number, ".new", O_RDWR | O_CREAT | O_TRUNC, error);
    Head head;

    if (!segment) {
        return NULL;
    }
    make_head(set, &head, number);
    memcpy(segment->salt, head.salt, FRAME_SALT_BYTES);
    if (!fill(segment, &head, error)) {
        (void)set->files->unlink(segment->path);
        return NULL;
    }
    return g_steal_pointer(&segment);
}

gboolean segment_publish(Segment *segment, GError **error)
{
    const SegmentSet *set = segment->set;
    g_autofree char *path = segment_path(set->dir, segment->number);

    if (set->files->rename(segment->path, path) < 0) {
        return files_failed("can't be renamed", segment->path, error);
    }
    g_free(segment->path);
    segment->path = g_steal_pointer(&path);
    return files_sync_dir(set->files, set->dir, error);
}

guint64 segment_number(const char *name)
{
    guint64 number = 0;

    return g_str_has_prefix(name, NAME_PREFIX) &&
                   g_ascii_string_to_unsigned(
                       name + strlen(NAME_PREFIX), 10, 1, G_MAXUINT64, &number, NULL)
               ? number
               : 0;
}

gboolean segment_last(const char *dir, guint64 *ret_number, GError **error)
{
    g_autoptr(GDir) names = g_dir_open(dir, 0, error);

    *ret_number = 0;
    for (const char *name; names && (name = g_dir_read_name(names));) {
        *ret_number = MAX(*ret_number, segment_number(name));
    }
    return names != NULL;
}

Segment *segment_open(const SegmentSet *set, guint64 number, gsize end, GError **error)
{
    g_autoptr(Segment) segment = segment_begin(set, number, "", O_RDWR, error);
    guint8 head[SEGMENT_HEAD_BYTES];

    if (!segment) {
        return NULL;
    }
    gssize size = files_read(set->files, segment->fd, segment->path, head, sizeof(head), 0, error);
    if (size < 0) {
        return NULL;
    }
    if (!segment_head_read(set, number, head, (gsize)size, segment->salt)) {
        g_set_error(
            error, ANTARA_ERROR, ANTARA_ERROR_DAMAGED, "%s: the head at offset 0 is damaged",
            segment->path);
        return NULL;
    }
    segment->end = end;
    return g_steal_pointer(&segment);
}

void segment_free(Segment *segment)
{
    if (!segment) {
        return;
    }
    if (segment->fd >= 0) {
        (void)segment->set->files->close(segment->fd);
    }
    g_free(segment->path);
    g_free(segment);
}

gboolean segment_load(const SegmentSet *set, guint64 number, GBytes **ret_bytes, GError **error)
{
    const StoreFiles *files = set->files;
    g_autofree char *path = segment_path(set->dir, number);
    int fd = files->open(path, O_RDONLY, 0);

    if (fd < 0 && errno == ENOENT) {
        *ret_bytes = NULL;
        return TRUE;
    }
    if (fd < 0) {
        return files_failed("can't be opened", path, error);
    }
    guint8 *data = g_malloc(set->bytes);
    gssize size = files_read(files, fd, path, data, set->bytes, 0, error);
    (void)files->close(fd);
    if (size < 0) {
        g_free(data);
        return FALSE;
    }
    *ret_bytes = g_bytes_new_take(data, (gsize)size);
    return TRUE;
}
