/* SPDX-License-Identifier: GPL-3.0-or-later */

/* restore.c - a store out of a backup */

#include "base/error.h"
#include "store/backup-inside.h"
#include "store/backup.h"
#include "store/sealed-file.h"
#include "store/segment.h"
#include "store/snapshot.h"

#include <fcntl.h>
#include <string.h>

#define TAG_BYTES SHA256_BYTES

typedef struct Restoring {
    const StoreFiles *files;
    const char *from;
    const char *dir;
    int fd;
    off_t at;
    Digest *digest;
    BackupHead head;
    Keyring *keyring;
    GBytes *wrapped;
    Manifest manifest;
} Restoring;

static void restoring_clear(Restoring *restoring)
{
    if (restoring->fd >= 0) {
        (void)restoring->files->close(restoring->fd);
    }
    g_clear_pointer(&restoring->digest, digest_free);
    g_clear_pointer(&restoring->keyring, keyring_free);
    g_clear_pointer(&restoring->wrapped, g_bytes_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Restoring, restoring_clear)

static gboolean refuse(const char *path, const char *words, GError **error)
{
    g_set_error(error, ANTARA_ERROR, ANTARA_ERROR_DAMAGED, "%s: %s", path, words);
    return FALSE;
}

static gboolean take(Restoring *restoring, void *data, gsize size, GError **error)
{
    gssize got = files_read(
        restoring->files, restoring->fd, restoring->from, data, size, restoring->at, error);

    if (got < 0) {
        return FALSE;
    }
    restoring->at += got;
    digest_add(restoring->digest, data, (gsize)got);
    return (gsize)got == size ||
           refuse(restoring->from, "this is no backup, or it was cut off", error);
}

static gboolean take_keyring(Restoring *restoring, const Kek *kek, GError **error)
{
    gsize size = restoring->head.keyring_bytes;
    g_autofree guint8 *data = g_malloc(size + 1);

    if (!take(restoring, data, size, error)) {
        return FALSE;
    }
    restoring->wrapped = g_bytes_new_take(g_steal_pointer(&data), size);
    restoring->keyring = keyring_unwrap(restoring->wrapped, kek, error);
    if (!restoring->keyring) {
        g_prefix_error(error, "%s: ", restoring->from);
    }
    return restoring->keyring != NULL;
}

static gboolean take_manifest(Restoring *restoring, GError **error)
{
    gsize size = restoring->head.manifest_bytes;
    g_autofree guint8 *data = g_malloc(size + 1);

    if (!take(restoring, data, size, error)) {
        return FALSE;
    }
    g_autoptr(GBytes) bytes = g_bytes_new_take(g_steal_pointer(&data), size);
    return manifest_read(&restoring->manifest, bytes, restoring->keyring) ||
           refuse(restoring->from, "the manifest in it is damaged", error);
}

static gboolean take_pieces(Restoring *restoring, int to, const char *path, GError **error)
{
    g_autofree guint8 *piece = g_malloc(PACE_BYTES);

    for (guint64 at = 0; at < restoring->head.snapshot_bytes;) {
        gsize size = (gsize)MIN(restoring->head.snapshot_bytes - at, PACE_BYTES);
        if (!take(restoring, piece, size, error) ||
            !files_write(restoring->files, to, path, piece, size, (off_t)at, error)) {
            return FALSE;
        }
        at += size;
    }
    return restoring->files->fsync(to) == 0 || files_failed("can't be synced", path, error);
}

static gboolean take_snapshot(Restoring *restoring, GError **error)
{
    const StoreFiles *files = restoring->files;
    g_autofree char *path = snapshot_path(restoring->dir, restoring->manifest.snapshot);

    if (!restoring->manifest.snapshot) {
        return TRUE;
    }
    int to = files->open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
    if (to < 0) {
        return files_failed("can't be made", path, error);
    }
    gboolean done = take_pieces(restoring, to, path, error);
    (void)files->close(to);
    return done;
}

static gboolean check_tag(Restoring *restoring, GError **error)
{
    guint8 expected[TAG_BYTES];
    guint8 tag[TAG_BYTES];

    backup_tag(restoring->keyring, restoring->digest, expected);
    return take(restoring, tag, sizeof(tag), error) &&
           (secret_equal(tag, expected, sizeof(tag)) ||
            refuse(restoring->from, "damaged: its tag is not right", error));
}

/* The journal begins anew, behind what the snapshot holds. */
static gboolean make_segment(const Restoring *restoring, GError **error)
{
    const Secret *key = keyring_current(restoring->keyring, KEYRING_SYSTEM, KEY_JOURNAL, NULL);
    SegmentSet set = {
        .files = restoring->files,
        .dir = restoring->dir,
        .store_id = keyring_store_id(restoring->keyring),
        .bytes = SEGMENT_BYTES};

    frame_keys_derive(secret_peek(key), &set.keys);
    g_autoptr(Segment) segment = segment_make(&set, restoring->manifest.begin.segment, error);
    secret_wipe(&set.keys, sizeof(set.keys));
    return segment && segment_publish(segment, error);
}

/* The manifest last: before it, the directory is no store. */
static gboolean make_store(Restoring *restoring, gint64 now_usec, GError **error)
{
    Manifest *manifest = &restoring->manifest;

    manifest->epoch++;
    manifest->restored_usec = now_usec;
    manifest->begin.time_usec =
        MAX(manifest->begin.time_usec, now_usec); /* no leap: it was asked */
    return make_segment(restoring, error) &&
           files_replace(restoring->files, restoring->dir, "keyring", restoring->wrapped, error) &&
           manifest_save(manifest, restoring->files, restoring->dir, restoring->keyring, error);
}

/* Of a restore that failed; what can't be removed is in the way of the next one, and says so. */
static void remove_made(const Restoring *restoring)
{
    const Manifest *manifest = &restoring->manifest;
    g_autofree char *snapshot = snapshot_path(restoring->dir, manifest->snapshot);
    g_autofree char *segment = segment_path(restoring->dir, manifest->begin.segment);
    g_autofree char *keyring = g_build_filename(restoring->dir, "keyring", NULL);

    (void)restoring->files->unlink(snapshot);
    (void)restoring->files->unlink(segment);
    (void)restoring->files->unlink(keyring);
}

static gboolean is_empty(const char *path, GError **error)
{
    g_autoptr(GDir) dir = g_dir_open(path, 0, error);

    for (const char *name; dir && (name = g_dir_read_name(dir));) {
        if (!g_str_equal(name, "lost+found")) {
            return refuse(path, "not empty: a backup is restored into an empty directory", error);
        }
    }
    return dir != NULL;
}

static gboolean open_backup(Restoring *restoring, GError **error)
{
    restoring->fd = restoring->files->open(restoring->from, O_RDONLY, 0);
    if (restoring->fd < 0) {
        return files_failed("can't be opened", restoring->from, error);
    }
    return take(restoring, &restoring->head, sizeof(restoring->head), error) &&
           (backup_head_read(&restoring->head) ||
            refuse(restoring->from, "this is no backup of ours", error));
}

gboolean backup_restore(
    const StoreFiles *files,
    const char *from,
    const char *dir,
    const Kek *kek,
    gint64 now_usec,
    GError **error)
{
    g_auto(Restoring)
        restoring = {.files = files, .from = from, .dir = dir, .fd = -1, .digest = digest_new()};

    if (!is_empty(dir, error) || !open_backup(&restoring, error) ||
        !take_keyring(&restoring, kek, error) || !take_manifest(&restoring, error)) {
        return FALSE;
    }
    gboolean done = take_snapshot(&restoring, error) && check_tag(&restoring, error) &&
                    make_store(&restoring, now_usec, error);
    if (!done) {
        remove_made(&restoring);
    }
    return done;
}
