/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "store/snapshot.h"

#include "base/error.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/statvfs.h>

#define NAME_PREFIX "snapshot-"

char *snapshot_path(const char *dir, guint64 number)
{
    return g_strdup_printf("%s/" NAME_PREFIX "%08" G_GUINT64_FORMAT, dir, number);
}

guint64 snapshot_number(const char *name)
{
    guint64 number = 0;

    return g_str_has_prefix(name, NAME_PREFIX) &&
                   g_ascii_string_to_unsigned(
                       name + strlen(NAME_PREFIX), 10, 1, G_MAXUINT64, &number, NULL)
               ? number
               : 0;
}

/* One reading of a file from end to end. */
typedef struct Reading {
    const Snapshot *snapshot;
    int from;
    int to; /* -1: it is only measured */
    const char *to_path;
    const Pace *pace;
    guint8 *piece;
    Digest *digest;
    guint64 at;
} Reading;

static gboolean piece_write(const Reading *reading, gsize size, GError **error)
{
    const StoreFiles *files = reading->snapshot->files;

    return reading->to < 0 || (files_write(
                                   files, reading->to, reading->to_path, reading->piece, size,
                                   (off_t)reading->at, error) &&
                               (!reading->pace || files->fdatasync(reading->to) == 0 ||
                                files_failed("can't be synced", reading->to_path, error)));
}

static gboolean read_pieces(Reading *reading, GError **error)
{
    const Snapshot *snapshot = reading->snapshot;

    for (gssize size = (gssize)PACE_BYTES; size == (gssize)PACE_BYTES;) {
        size = files_read(
            snapshot->files, reading->from, snapshot->path, reading->piece, PACE_BYTES,
            (off_t)reading->at, error);
        if (size < 0 || !piece_write(reading, (gsize)size, error) ||
            !pace_rest(reading->pace, (guint64)size, error)) {
            return FALSE;
        }
        digest_add(reading->digest, reading->piece, (gsize)size);
        reading->at += (guint64)size;
    }
    return TRUE;
}

static gboolean read_through(Reading *reading, guint8 ret_sha256[SHA256_BYTES], GError **error)
{
    g_autofree guint8 *piece = g_malloc(PACE_BYTES);
    g_autoptr(Digest) digest = digest_new();

    reading->piece = piece;
    reading->digest = digest;
    gboolean done = read_pieces(reading, error);
    digest_end(digest, ret_sha256);
    return done;
}

static int open_to_read(const Snapshot *snapshot, GError **error)
{
    int fd = snapshot->files->open(snapshot->path, O_RDONLY, 0);

    if (fd < 0 && errno == ENOENT) {
        g_set_error(
            error, ANTARA_ERROR, ANTARA_ERROR_DAMAGED, "%s: the snapshot is missing",
            snapshot->path);
    } else if (fd < 0) {
        (void)files_failed("can't be opened", snapshot->path, error);
    }
    return fd;
}

gboolean snapshot_measure(Snapshot *snapshot, const Pace *pace, GError **error)
{
    int fd = open_to_read(snapshot, error);
    Reading reading = {.snapshot = snapshot, .from = fd, .to = -1, .pace = pace};

    if (fd < 0) {
        return FALSE;
    }
    (void)posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED); /* a hint; what is read is measured */
    gboolean done = read_through(&reading, snapshot->sha256, error);
    snapshot->bytes = reading.at;
    (void)snapshot->files->close(fd);
    return done;
}

gboolean
snapshot_claim(const StoreFiles *files, int fd, const char *path, guint64 bytes, GError **error)
{
    struct statvfs status = {0};

    if (files->claim(fd, 0, (off_t)bytes) == 0) {
        return TRUE;
    }
    if (errno != ENOSPC && errno != EDQUOT) {
        return files_failed("can't be claimed", path, error);
    }
    guint64 there =
        fstatvfs(fd, &status) == 0 ? (guint64)status.f_bavail * (guint64)status.f_frsize : 0;
    guint64 missing = bytes > there ? bytes - there : 0;
    g_set_error(
        error, ANTARA_ERROR, ANTARA_ERROR_NO_ROOM,
        "%s: the disk is full: %" G_GUINT64_FORMAT " bytes are needed, %" G_GUINT64_FORMAT
        " are missing",
        path, bytes, missing);
    return FALSE;
}

static gboolean copy_to(Reading *reading, guint64 claim, GError **error)
{
    const Snapshot *snapshot = reading->snapshot;
    guint8 sha256[SHA256_BYTES];

    if (!snapshot_claim(snapshot->files, reading->to, reading->to_path, claim, error) ||
        !read_through(reading, sha256, error)) {
        return FALSE;
    }
    if (reading->at != snapshot->bytes || memcmp(sha256, snapshot->sha256, sizeof(sha256)) != 0) {
        g_set_error(
            error, ANTARA_ERROR, ANTARA_ERROR_DAMAGED,
            "%s: damaged, or not the snapshot that the manifest names", snapshot->path);
        return FALSE;
    }
    return TRUE;
}

gboolean snapshot_copy(
    const Snapshot *snapshot,
    const char *to,
    guint64 claim,
    const Pace *pace,
    GError **error)
{
    const StoreFiles *files = snapshot->files;
    Reading reading = {.snapshot = snapshot, .to_path = to, .pace = pace};

    reading.from = open_to_read(snapshot, error);
    if (reading.from < 0) {
        return FALSE;
    }
    reading.to = files->open(to, O_RDWR | O_CREAT | O_TRUNC, 0600);
    gboolean done = reading.to >= 0 ? copy_to(&reading, claim, error)
                                    : files_failed("can't be made", to, error);
    (void)files->close(reading.from);
    if (reading.to >= 0) {
        (void)files->close(reading.to);
    }
    return done;
}
