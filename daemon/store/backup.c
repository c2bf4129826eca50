/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "store/backup.h"

#include "base/error.h"
#include "store/backup-inside.h"
#include "store/snapshot.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* What is written, and what it comes to. */
typedef struct Writing {
    int fd;
    Digest *digest;
} Writing;

static gboolean put(const Writing *writing, const void *data, gsize size, GError **error)
{
    const guint8 *at = data;

    digest_add(writing->digest, data, size);
    while (size > 0) {
        ssize_t written = write(writing->fd, at, size);
        if (written < 0 && errno == EINTR) {
            continue;
        }
        if (written <= 0) {
            return files_failed("can't be written", "the backup", error);
        }
        at += written;
        size -= (gsize)written;
    }
    return TRUE;
}

static gboolean put_bytes(const Writing *writing, GBytes *bytes, GError **error)
{
    gsize size = 0;
    const void *data = g_bytes_get_data(bytes, &size);

    return put(writing, data, size, error);
}

static gboolean put_pieces(
    const Writing *writing,
    const StoreFiles *files,
    int from,
    const char *path,
    const Pace *pace,
    GError **error)
{
    g_autofree guint8 *piece = g_malloc(PACE_BYTES);
    gssize size = (gssize)PACE_BYTES;

    for (off_t at = 0; size == (gssize)PACE_BYTES; at += size) {
        size = files_read(files, from, path, piece, PACE_BYTES, at, error);
        if (size < 0 || !put(writing, piece, (gsize)size, error) ||
            !pace_rest(pace, (guint64)size, error)) {
            return FALSE;
        }
    }
    return TRUE;
}

static gboolean put_snapshot(const Writing *writing, Upkeep *upkeep, GError **error)
{
    const Store *store = upkeep_store(upkeep);
    g_autofree char *path = snapshot_path(store->dir, store->manifest.snapshot);

    if (!store->manifest.snapshot) {
        return TRUE;
    }
    int from = store->files->open(path, O_RDONLY, 0);
    if (from < 0) {
        return files_failed("can't be opened", path, error);
    }
    gboolean done = put_pieces(writing, store->files, from, path, upkeep_pace(upkeep), error);
    (void)store->files->close(from);
    return done;
}

static gboolean put_tag(const Writing *writing, const Keyring *keyring, GError **error)
{
    guint8 tag[SHA256_BYTES];

    backup_tag(keyring, writing->digest, tag);
    return put(writing, tag, sizeof(tag), error);
}

static gboolean put_all(const Writing *writing, Upkeep *upkeep, GError **error)
{
    const Store *store = upkeep_store(upkeep);
    g_autoptr(GBytes) keyring = keyring_wrap(store->keyring, keks_current(store->keks));
    g_autoptr(GBytes) manifest = manifest_make(&store->manifest, store->keyring);
    BackupHead head;

    backup_head_make(
        &head, g_bytes_get_size(keyring), g_bytes_get_size(manifest),
        store->manifest.snapshot ? store->manifest.snapshot_bytes : 0);
    return put(writing, &head, sizeof(head), error) && put_bytes(writing, keyring, error) &&
           put_bytes(writing, manifest, error) && put_snapshot(writing, upkeep, error) &&
           put_tag(writing, store->keyring, error);
}

/* A pipe can't be synced, and need not. */
static gboolean sync_target(int fd, GError **error)
{
    return fsync(fd) == 0 || errno == EINVAL || errno == EROFS ||
           files_failed("can't be synced", "the backup", error);
}

gboolean backup_write(Upkeep *upkeep, int fd, GError **error)
{
    g_autoptr(Digest) digest = digest_new();
    const Writing writing = {fd, digest};

    if (!upkeep_checkpoint(upkeep, error)) {
        return FALSE;
    }
    upkeep_expect(upkeep, upkeep_store(upkeep)->manifest.snapshot_bytes);
    return put_all(&writing, upkeep, error) && sync_target(fd, error);
}
