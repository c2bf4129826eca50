/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "store/checkpoint.h"

#include "base/error.h"
#include "store/payload.h"
#include "store/scan.h"
#include "store/sift.h"
#include "store/snapshot.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#define DEAD_PART   3U /* a snapshot is built anew when a third of it is dead */
#define PUTS_A_REST 256U
#define GROWTH      2U /* what a record may cost in the file, against its bytes in the journal */

/* A snapshot in the making. */
typedef struct Making {
    const Checkpoint *checkpoint;
    char *path; /* with ".new" behind */
    Table *table;
    guint unsynced; /* writes since the last sync */
    guint64 bytes;  /* of values in them */
    JournalPlace place;
    Manifest *manifest;
} Making;

static void making_clear(Making *making)
{
    g_clear_pointer(&making->table, table_free);
    g_clear_pointer(&making->path, g_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Making, making_clear)

static guint64 closed_bytes(const Manifest *old, guint64 last_closed, gsize segment_bytes)
{
    return last_closed < old->begin.segment
               ? 0
               : (last_closed - old->begin.segment + 1) * (guint64)segment_bytes;
}

guint64 checkpoint_work_bytes(const Manifest *old, guint64 last_closed, gsize segment_bytes)
{
    guint64 closed = closed_bytes(old, last_closed, segment_bytes);

    return 2 * old->snapshot_bytes + 2 * closed; /* copied, applied, read back */
}

/* A sync for each piece of some 256 buckets, then a rest. */
static gboolean rest(Making *making, GError **error)
{
    const StoreFiles *files = making->checkpoint->set->files;
    guint64 bytes = making->bytes;

    making->unsynced = 0;
    making->bytes = 0;
    return (files->fdatasync(table_fd(making->table)) == 0 ||
            files_failed("can't be synced", making->path, error)) &&
           pace_rest(making->checkpoint->pace, bytes, error);
}

static gboolean put(const PayloadWrite *write, gpointer data, GError **error)
{
    Making *making = data;

    making->bytes += write->size;
    return payload_put(write, making->table, error) &&
           (++making->unsynced < PUTS_A_REST || rest(making, error));
}

static gboolean put_record(const guint8 *key, GBytes *value, gpointer data, GError **error)
{
    PayloadWrite write = {.key = key};

    write.value = g_bytes_get_data(value, &write.size);
    return put(&write, data, error);
}

static Snapshot old_snapshot(const Checkpoint *checkpoint, const char *path)
{
    Snapshot old = {
        .files = checkpoint->set->files, .path = path, .bytes = checkpoint->old->snapshot_bytes};

    memcpy(old.sha256, checkpoint->old->snapshot_sha256, sizeof(old.sha256));
    return old;
}

/* Bytes that the new snapshot may come to have. */
static guint64 wanted_bytes(const Checkpoint *checkpoint, guint64 live)
{
    return live +
           GROWTH * closed_bytes(checkpoint->old, checkpoint->last_closed, checkpoint->set->bytes);
}

static gboolean begin_as_copy(Making *making, const char *old_path, GError **error)
{
    const Snapshot old = old_snapshot(making->checkpoint, old_path);

    if (!snapshot_copy(
            &old, making->path, wanted_bytes(making->checkpoint, old.bytes),
            making->checkpoint->pace, error)) {
        return FALSE;
    }
    making->table = table_open(making->path, TABLE_WRITE, error);
    return making->table != NULL;
}

/* Without what is dead in the old one, of which each byte must be as the manifest says. */
static gboolean begin_compact(Making *making, const char *old_path, GError **error)
{
    const Checkpoint *checkpoint = making->checkpoint;
    Snapshot found = old_snapshot(checkpoint, old_path);
    const Snapshot old = found;

    if (!snapshot_measure(&found, checkpoint->pace, error)) {
        return FALSE;
    }
    if (found.bytes != old.bytes || memcmp(found.sha256, old.sha256, sizeof(old.sha256)) != 0) {
        g_set_error(
            error, ANTARA_ERROR, ANTARA_ERROR_DAMAGED,
            "%s: damaged, or not the snapshot that the manifest names", old_path);
        return FALSE;
    }
    g_autoptr(Table) source = table_open(old_path, TABLE_LOOK, error);
    making->table = source ? table_open(making->path, TABLE_FRESH, error) : NULL;
    return making->table &&
           snapshot_claim(
               checkpoint->set->files, table_fd(making->table), making->path,
               wanted_bytes(checkpoint, checkpoint->old->live_bytes), error) &&
           table_walk(source, put_record, making, error);
}

static gboolean begin_empty(Making *making, GError **error)
{
    making->table = table_open(making->path, TABLE_FRESH, error);
    return making->table && snapshot_claim(
                                making->checkpoint->set->files, table_fd(making->table),
                                making->path, wanted_bytes(making->checkpoint, 0), error);
}

static gboolean begin(Making *making, GError **error)
{
    const Manifest *old = making->checkpoint->old;
    g_autofree char *old_path = snapshot_path(making->checkpoint->set->dir, old->snapshot);

    if (!old->snapshot) {
        return begin_empty(making, error);
    }
    return old->live_bytes < old->snapshot_bytes - old->snapshot_bytes / DEAD_PART
               ? begin_compact(making, old_path, error)
               : begin_as_copy(making, old_path, error);
}

/* The last value of each key, segment by segment. */
static gboolean apply_segments(Making *making, GError **error)
{
    const Checkpoint *checkpoint = making->checkpoint;
    JournalPlace *place = &making->place;
    g_auto(Scan) scan = {.set = NULL};
    FrameHead last = {.sequence = place->sequence, .group = place->group, .of = 1};

    memcpy(last.tag, place->tag, FRAME_TAG_BYTES);
    scan_init(&scan, checkpoint->set, &last);
    for (; place->segment <= checkpoint->last_closed; place->segment++) {
        if (!scan_load(&scan, place->segment, error) ||
            !sift_segment(&scan, put, making, &place->time_usec, error)) {
            return FALSE;
        }
    }
    place->sequence = scan.last.sequence;
    place->group = scan.last.group;
    memcpy(place->tag, scan.last.tag, FRAME_TAG_BYTES);
    return rest(making, error);
}

/* What was claimed and not needed goes back, then all is synced. */
static gboolean trim(const StoreFiles *files, int fd, const char *path, GError **error)
{
    struct stat status = {0};

    return (fstat(fd, &status) == 0 && files->truncate(fd, status.st_size) == 0 &&
            files->fsync(fd) == 0) ||
           files_failed("can't be synced", path, error);
}

static gboolean settle(Making *making, GError **error)
{
    const StoreFiles *files = making->checkpoint->set->files;

    if (!table_close(g_steal_pointer(&making->table), error)) {
        return FALSE;
    }
    int fd = files->open(making->path, O_RDWR, 0);
    if (fd < 0) {
        return files_failed("can't be opened", making->path, error);
    }
    gboolean done = trim(files, fd, making->path, error);
    (void)files->close(fd);
    return done;
}

static gboolean seen(const guint8 *key, GBytes *value, gpointer data, GError **error)
{
    Making *making = data;
    const Checkpoint *checkpoint = making->checkpoint;

    making->manifest->records++;
    making->manifest->live_bytes += TABLE_RECORD_BYTES + g_bytes_get_size(value);
    if (making->manifest->records % PUTS_A_REST == 0 && !pace_rest(checkpoint->pace, 0, error)) {
        return FALSE;
    }
    return !checkpoint->visit || checkpoint->visit(key, value, checkpoint->data, error);
}

/* Each record of it once more, from the disk. */
static gboolean read_back(Making *making, GError **error)
{
    const Checkpoint *checkpoint = making->checkpoint;
    Manifest *manifest = making->manifest;
    Snapshot fresh = {.files = checkpoint->set->files, .path = making->path};

    if (!snapshot_measure(&fresh, checkpoint->pace, error)) {
        return FALSE;
    }
    manifest->snapshot_bytes = fresh.bytes;
    memcpy(manifest->snapshot_sha256, fresh.sha256, sizeof(manifest->snapshot_sha256));
    manifest->records = 0;
    manifest->live_bytes = 0;
    g_autoptr(Table) table = table_open(making->path, TABLE_LOOK, error);
    return table && table_walk(table, seen, making, error);
}

static gboolean remove_file(const StoreFiles *files, const char *path, GError **error)
{
    return files->unlink(path) == 0 || errno == ENOENT ||
           files_failed("can't be removed", path, error);
}

static gboolean remove_old(const Checkpoint *checkpoint, GError **error)
{
    const SegmentSet *set = checkpoint->set;
    const Manifest *old = checkpoint->old;

    for (guint64 number = old->begin.segment; number <= checkpoint->last_closed; number++) {
        g_autofree char *path = segment_path(set->dir, number);
        if (!remove_file(set->files, path, error)) {
            return FALSE;
        }
    }
    g_autofree char *path = snapshot_path(set->dir, old->snapshot);
    return !old->snapshot || remove_file(set->files, path, error);
}

/* From here on the manifest names it. */
static gboolean publish(Making *making, GError **error)
{
    const Checkpoint *checkpoint = making->checkpoint;
    const SegmentSet *set = checkpoint->set;
    Manifest *manifest = making->manifest;
    g_autofree char *path = snapshot_path(set->dir, manifest->snapshot);

    manifest->begin = making->place;
    manifest->made_usec = checkpoint->now_usec;
    if (set->files->rename(making->path, path) < 0) {
        return files_failed("can't be renamed", making->path, error);
    }
    return files_sync_dir(set->files, set->dir, error) &&
           manifest_save(manifest, set->files, set->dir, checkpoint->keyring, error) &&
           remove_old(checkpoint, error);
}

gboolean checkpoint_make(const Checkpoint *checkpoint, Manifest *ret_manifest, GError **error)
{
    const SegmentSet *set = checkpoint->set;
    Manifest manifest = *checkpoint->old;
    g_auto(Making) making = {.checkpoint = checkpoint, .manifest = &manifest};
    g_autofree char *path = snapshot_path(set->dir, ++manifest.snapshot);

    making.path = g_strconcat(path, ".new", NULL);
    making.place = checkpoint->old->begin;
    if (!begin(&making, error) || !apply_segments(&making, error) || !settle(&making, error) ||
        !read_back(&making, error) || !publish(&making, error)) {
        g_clear_pointer(&making.table, table_free);
        (void)set->files->unlink(making.path); /* a start would remove it as well */
        return FALSE;
    }
    *ret_manifest = manifest;
    return TRUE;
}
