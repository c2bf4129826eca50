/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "antaractl/pam/file.h"

#include "antaractl/error.h"
#include "antaractl/pam/folder.h"
#include "antaractl/pam/line.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#define BACKUP ".antara-backup"
#define FRESH  ".antara-new"
#define KEPT   ".antara-replaced"

static gboolean fail_errno(const PamFile *file, const char *what, const char *name, GError **error)
{
    const int number = errno;

    ctl_fail(error, "%s %s/%s: %s", what, file->folder, name, g_strerror(number));
    if (error && number == ENOENT) {
        (*error)->code = CTL_ERROR_NOT_FOUND;
    }
    return FALSE;
}

static gboolean file_is_good(const PamFile *file, const struct stat *stat, GError **error)
{
    const char *name = file->name;

    if (!S_ISREG(stat->st_mode) || stat->st_nlink != 1) {
        return ctl_fail(
            error, "%s/%s is no plain file with one name: edit it yourself", file->folder, name);
    }
    if ((stat->st_uid != 0 && stat->st_uid != geteuid()) || (stat->st_mode & (S_IWGRP | S_IWOTH))) {
        return ctl_fail(
            error, "%s/%s can be changed by others than root: mend that first", file->folder, name);
    }
    return TRUE;
}

/* (transfer full): NULL when it can't be read whole. */
static char *read_all(PamFile *file, const char *name, struct stat *ret_stat, GError **error)
{
    g_autofree char *text = g_malloc0(PAM_FILE_BYTES_MAX + 2);
    gsize size = 0;
    gssize got = 0;
    const int fd =
        openat(file->folder_fd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

    if (fd < 0 || fstat(fd, ret_stat) < 0) {
        fail_errno(file, errno == ELOOP ? "A symlink is not edited:" : "Can't read", name, error);
        got = -1;
    } else if (!file_is_good(file, ret_stat, error)) {
        got = -1;
    } else {
        while ((got = read(fd, text + size, PAM_FILE_BYTES_MAX + 1 - size)) > 0) {
            size += (gsize)got;
        }
        got = got < 0 ? fail_errno(file, "Can't read", name, error) - 1 : 0;
    }
    if (fd >= 0) {
        (void)close(fd);
    }
    if (got == 0 && (size > PAM_FILE_BYTES_MAX || strlen(text) != size)) {
        ctl_fail(error, "%s/%s is too long, or no text", file->folder, name);
        return NULL;
    }
    return got == 0 ? g_steal_pointer(&text) : NULL;
}

/* Where root alone can hold it: whoever can read a file can lock it, and a lock would keep the
 * revert of a change out. */
static int lock_take(const char *root, gboolean waits)
{
    const int folder = pam_folder_open(root, "run/antaractl", TRUE);
    int fd = -1;

    if (folder >= 0) {
        fd = openat(folder, "lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
        (void)close(folder);
    }
    if (fd >= 0 && flock(fd, waits ? LOCK_EX : LOCK_EX | LOCK_NB) < 0) {
        const int number = errno;
        (void)close(fd);
        errno = number;
        return -1;
    }
    return fd;
}

/* libpam reads it where it is, but what a package brought there is not edited. */
static void tell_of_vendor(const PamTree *tree, const char *name, GError **error)
{
    g_autofree char *path = NULL;

    if (!error || !g_error_matches(*error, CTL_ERROR, CTL_ERROR_NOT_FOUND) ||
        !pam_name_is_good(name) || !(path = pam_tree_vendor(tree, name))) {
        return;
    }
    g_clear_error(error);
    g_set_error(
        error, CTL_ERROR, CTL_ERROR_NOT_FOUND,
        "%s is the vendor's, and stays as it is. To enable %s, first: cp %s %s/%s", path, name,
        path, pam_tree_folder(tree), name);
}

gboolean pam_file_open(
    const PamTree *tree,
    const char *name,
    gboolean waits,
    PamFile *ret_file,
    GError **error)
{
    g_auto(PamFile)
        file = {.folder = g_strdup(pam_tree_folder(tree)), .name = g_strdup(name), .folder_fd = -1};

    file.folder_fd = pam_folder_open(pam_tree_root(tree), "etc/pam.d", FALSE);
    if (file.folder_fd < 0) {
        return fail_errno(&file, "Can't open (a symlink on the way is not followed)", "", error);
    }
    file.lock_fd = lock_take(pam_tree_root(tree), waits);
    if (file.lock_fd < 0) {
        file.lock_fd = 0;
        return fail_errno(&file, "Another antaractl is at work in", "", error);
    }
    file.text = read_all(&file, name, &file.stat, error);
    if (!file.text) {
        tell_of_vendor(tree, name, error);
        return FALSE;
    }
    *ret_file = file;
    file = (PamFile){.folder_fd = -1};
    return TRUE;
}

gboolean pam_file_open_below(
    const char *root,
    const char *path,
    const char *name,
    PamFile *ret_file,
    GError **error)
{
    g_auto(PamFile) file = {
        .folder = g_build_filename("/", root, path, NULL),
        .name = g_strdup(name),
        .folder_fd = pam_folder_open(root, path, FALSE)};

    if (file.folder_fd < 0) {
        return fail_errno(&file, "Can't open (a symlink on the way is not followed)", name, error);
    }
    file.text = read_all(&file, name, &file.stat, error);
    if (!file.text) {
        return FALSE;
    }
    *ret_file = file;
    file = (PamFile){.folder_fd = -1};
    return TRUE;
}

void pam_file_close(PamFile *file)
{
    if (file->folder_fd >= 0 && file->folder) {
        (void)close(file->folder_fd);
    }
    if (file->lock_fd > 0) {
        (void)close(file->lock_fd);
    }
    g_free(file->folder);
    g_free(file->name);
    g_free(file->text);
    *file = (PamFile){.folder_fd = -1};
}

static gboolean fill(int fd, const PamFile *file, const char *text)
{
    gsize size = strlen(text);

    while (size > 0) {
        const gssize written = write(fd, text, size);
        if (written < 0 && errno != EINTR) {
            return FALSE;
        }
        text += MAX(written, 0);
        size -= (gsize)MAX(written, 0);
    }
    return fchown(fd, file->stat.st_uid, file->stat.st_gid) == 0 &&
           fchmod(fd, file->stat.st_mode & 07777) == 0 && fsync(fd) == 0;
}

/* Nobody else has written it since it was read, or written by us. */
static gboolean is_as_read(const PamFile *file)
{
    struct stat now = {0};

    return fstatat(file->folder_fd, file->name, &now, AT_SYMLINK_NOFOLLOW) == 0 &&
           now.st_dev == file->stat.st_dev && now.st_ino == file->stat.st_ino &&
           now.st_size == file->stat.st_size && now.st_mtim.tv_sec == file->stat.st_mtim.tv_sec &&
           now.st_mtim.tv_nsec == file->stat.st_mtim.tv_nsec;
}

/* FALSE with errno. */
static gboolean
fresh_write(const PamFile *file, const char *fresh, const char *text, struct stat *ret_stat)
{
    (void)unlinkat(file->folder_fd, fresh, 0); /* what a crash left */
    const int fd =
        openat(file->folder_fd, fresh, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    const gboolean done = fd >= 0 && fill(fd, file, text) && fstat(fd, ret_stat) == 0;
    const int number = errno;

    if (fd >= 0 && close(fd) < 0 && done) {
        return FALSE;
    }
    errno = number;
    return done;
}

/* A fresh file takes the place of @name only when all of it is on the disk. */
static gboolean replace(PamFile *file, const char *name, const char *text, GError **error)
{
    g_autofree char *fresh = g_strconcat(".", name, FRESH, NULL);
    const gboolean of_file = g_str_equal(name, file->name);
    struct stat filled = {0};

    gboolean done = fresh_write(file, fresh, text, &filled);
    if (done && of_file && !is_as_read(file)) {
        (void)unlinkat(file->folder_fd, fresh, 0);
        return ctl_fail(
            error,
            "%s/%s was changed by somebody else meanwhile, so it is left as it is: try again",
            file->folder, name);
    }
    if (!done || renameat(file->folder_fd, fresh, file->folder_fd, name) < 0) {
        const int number = errno;
        (void)unlinkat(file->folder_fd, fresh, 0);
        errno = number;
        return fail_errno(file, "Nothing was changed. Can't write", name, error);
    }
    if (of_file) {
        file->stat = filled;
        file->changed = TRUE;
    }
    return fsync(file->folder_fd) == 0 ||
           fail_errno(file, "It is changed, but a power cut may undo it: can't sync", name, error);
}

char *pam_file_read(PamFile *file, GError **error)
{
    struct stat stat = {0};

    return read_all(file, file->name, &stat, error);
}

gboolean pam_file_write(PamFile *file, const char *text, GError **error)
{
    return replace(file, file->name, text, error);
}

gboolean pam_file_back_up(PamFile *file, GError **error)
{
    g_autofree char *name = g_strconcat(file->name, BACKUP, NULL);

    return replace(file, name, file->text, error);
}

gboolean pam_file_keep(PamFile *file, char **ret_path, GError **error)
{
    g_autofree char *name = g_strconcat(file->name, KEPT, NULL);

    if (!replace(file, name, file->text, error)) {
        return FALSE;
    }
    *ret_path = g_build_filename(file->folder, name, NULL);
    return TRUE;
}

char *pam_file_read_backup(PamFile *file, GError **error)
{
    g_autofree char *name = g_strconcat(file->name, BACKUP, NULL);
    struct stat stat = {0};

    return read_all(file, name, &stat, error);
}

void pam_file_drop_backup(PamFile *file)
{
    g_autofree char *name = g_strconcat(file->name, BACKUP, NULL);

    (void)unlinkat(file->folder_fd, name, 0);
}
