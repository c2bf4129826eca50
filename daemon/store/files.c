/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "store/files.h"

#include "base/error.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#define SMALL_FILE_BYTES_MAX ((gsize)1024 * 1024)

static int system_open(const char *path, int flags, mode_t mode)
{
    return open(path, flags | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY, mode);
}

static int system_claim(int fd, off_t offset, off_t size)
{
    if (fallocate(fd, FALLOC_FL_KEEP_SIZE, offset, size) == 0 || errno == EOPNOTSUPP) {
        return 0;
    }
    return -1;
}

const StoreFiles *store_files_system(void)
{
    static const StoreFiles files = {
        .open = system_open,
        .close = close,
        .pread = pread,
        .pwrite = pwrite,
        .fdatasync = fdatasync,
        .fsync = fsync,
        .claim = system_claim,
        .rename = rename,
        .unlink = unlink,
        .truncate = ftruncate,
    };

    return &files;
}

AntaraError files_error(int number)
{
    switch (number) {
    case ENOSPC:
    case EDQUOT:
    case EMFILE:
    case ENFILE:
        return ANTARA_ERROR_NO_ROOM;
    default:
        return ANTARA_ERROR_FAILED;
    }
}

gboolean files_failed(const char *what, const char *path, GError **error)
{
    int number = errno;

    g_set_error(
        error, ANTARA_ERROR, (int)files_error(number), "%s: %s: %s", path, what,
        g_strerror(number));
    return FALSE;
}

gboolean files_write(
    const StoreFiles *files,
    int fd,
    const char *path,
    const void *data,
    gsize size,
    off_t offset,
    GError **error)
{
    const char *bytes = data;

    while (size > 0) {
        ssize_t written = files->pwrite(fd, bytes, size, offset);
        if (written < 0 && errno == EINTR) {
            continue;
        }
        if (written <= 0) {
            errno = written == 0 ? EIO : errno;
            return files_failed("can't be written", path, error);
        }
        bytes += written;
        size -= (gsize)written;
        offset += written;
    }
    return TRUE;
}

gssize files_read(
    const StoreFiles *files,
    int fd,
    const char *path,
    void *data,
    gsize size,
    off_t offset,
    GError **error)
{
    char *bytes = data;
    gsize done = 0;

    while (done < size) {
        ssize_t got = files->pread(fd, bytes + done, size - done, offset + (off_t)done);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            (void)files_failed("can't be read", path, error);
            return -1;
        }
        if (got == 0) {
            break;
        }
        done += (gsize)got;
    }
    return (gssize)done;
}

gboolean files_load(const StoreFiles *files, const char *path, GBytes **ret_bytes, GError **error)
{
    g_autofree char *data = NULL;
    int fd = files->open(path, O_RDONLY, 0);

    if (fd < 0 && errno == ENOENT) {
        *ret_bytes = NULL;
        return TRUE;
    }
    if (fd < 0) {
        return files_failed("can't be opened", path, error);
    }
    data = g_malloc(SMALL_FILE_BYTES_MAX);
    gssize size = files_read(files, fd, path, data, SMALL_FILE_BYTES_MAX, 0, error);
    (void)files->close(fd);
    if (size >= 0) {
        *ret_bytes = g_bytes_new(data, (gsize)size);
    }
    return size >= 0;
}

static int dir_open(const StoreFiles *files, const char *dir, GError **error)
{
    int fd = files->open(dir, O_RDONLY | O_DIRECTORY, 0);

    if (fd < 0) {
        (void)files_failed("can't be opened", dir, error);
    }
    return fd;
}

/* Closes @fd. */
static gboolean dir_sync(const StoreFiles *files, int fd, const char *dir, GError **error)
{
    gboolean done = files->fsync(fd) == 0 || files_failed("can't be synced", dir, error);

    (void)files->close(fd);
    return done;
}

gboolean files_sync_dir(const StoreFiles *files, const char *dir, GError **error)
{
    int fd = dir_open(files, dir, error);

    return fd >= 0 && dir_sync(files, fd, dir, error);
}

static gboolean write_new(const StoreFiles *files, const char *path, GBytes *bytes, GError **error)
{
    gsize size = 0;
    const void *data = g_bytes_get_data(bytes, &size);
    int fd = files->open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

    if (fd < 0) {
        return files_failed("can't be made", path, error);
    }
    gboolean done = files_write(files, fd, path, data, size, 0, error) &&
                    (files->fsync(fd) == 0 || files_failed("can't be synced", path, error));
    (void)files->close(fd);
    return done;
}

gboolean files_stage(
    const StoreFiles *files,
    const char *dir,
    const char *name,
    GBytes *bytes,
    GError **error)
{
    g_autofree char *fresh = g_strconcat(dir, "/", name, ".new", NULL);

    return write_new(files, fresh, bytes, error);
}

/* The new file is in its place, durable or not: who tried again, as when there is no room, would
 * begin from what is no more. */
static gboolean is_replaced(const GError *problem, GError **error)
{
    g_set_error_literal(error, ANTARA_ERROR, ANTARA_ERROR_FAILED, problem->message);
    return FALSE;
}

gboolean files_replace(
    const StoreFiles *files,
    const char *dir,
    const char *name,
    GBytes *bytes,
    GError **error)
{
    g_autofree char *path = g_build_filename(dir, name, NULL);
    g_autofree char *fresh = g_strconcat(path, ".new", NULL);
    g_autoptr(GError) problem = NULL;

    /* The directory first: when no descriptor is left nothing must have changed. */
    int fd = dir_open(files, dir, error);
    if (fd < 0) {
        return FALSE;
    }
    if (!write_new(files, fresh, bytes, error) ||
        (files->rename(fresh, path) != 0 && !files_failed("can't be renamed", fresh, error))) {
        (void)files->close(fd);
        return FALSE;
    }
    return dir_sync(files, fd, dir, &problem) || is_replaced(problem, error);
}
