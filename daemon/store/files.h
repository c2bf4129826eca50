/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* files.h - every call to the file system that the store makes itself, so that tests can make each
 * fail, cut or forget. (GDBM makes its own; the store needs none of them to succeed.) */

#include "base/error.h"

#include <glib.h>
#include <sys/types.h>

typedef struct StoreFiles {
    int (*open)(const char *path, int flags, mode_t mode);
    int (*close)(int fd);
    ssize_t (*pread)(int fd, void *data, size_t size, off_t offset);
    ssize_t (*pwrite)(int fd, const void *data, size_t size, off_t offset);
    int (*fdatasync)(int fd);
    int (*fsync)(int fd);
    int (*claim)(
        int fd,
        off_t offset,
        off_t size); /* fallocate(KEEP_SIZE); 0 where it is not supported */
    int (*rename)(const char *from, const char *to);
    int (*unlink)(const char *path);
    int (*truncate)(int fd, off_t size); /* gives back what was claimed behind @size */
} StoreFiles;

/* The kernel's own; static. */
const StoreFiles *store_files_system(void);

/* All of @size bytes, or FALSE with an error that names @path; ENOSPC is ANTARA_ERROR_NO_ROOM
 * (files_error). */
gboolean files_write(
    const StoreFiles *files,
    int fd,
    const char *path,
    const void *data,
    gsize size,
    off_t offset,
    GError **error);
/* As many bytes as there are, up to @size: how many; -1 with an error. */
gssize files_read(
    const StoreFiles *files,
    int fd,
    const char *path,
    void *data,
    gsize size,
    off_t offset,
    GError **error);

/* A whole small file (1 MiB at most); *ret_bytes NULL when there is none. */
gboolean files_load(const StoreFiles *files, const char *path, GBytes **ret_bytes, GError **error);
/* Replaces a whole file so that after a power cut the old or the new is there, whole. */
gboolean files_replace(
    const StoreFiles *files,
    const char *dir,
    const char *name,
    GBytes *bytes,
    GError **error);
/* The first half of it: NAME.new, synced. */
gboolean files_stage(
    const StoreFiles *files,
    const char *dir,
    const char *name,
    GBytes *bytes,
    GError **error);
gboolean files_sync_dir(const StoreFiles *files, const char *dir, GError **error);

/* What an errno means to the store: of a full disk or no descriptor left it is NO_ROOM, which is
 * tried again. */
AntaraError files_error(int number);
/* Sets @error from errno; returns FALSE. */
gboolean files_failed(const char *what, const char *path, GError **error);
