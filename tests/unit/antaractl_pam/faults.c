/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "faults.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static guint calls_left;
static gboolean kill_there;

void faults_set(guint nth, gboolean kills)
{
    calls_left = nth;
    kill_there = kills;
}

static gboolean is_the_one(void)
{
    if (calls_left == 0 || --calls_left > 0) {
        return FALSE;
    }
    if (kill_there) {
        _exit(9);
    }
    errno = ENOSPC;
    return TRUE;
}

/* What the linker puts in the place of libc's (--wrap). */
ssize_t __real_write(int fd, const void *data, size_t size);
int __real_fchown(int fd, uid_t owner, gid_t group);
int __real_fchmod(int fd, mode_t mode);
int __real_fsync(int fd);
int __real_renameat(int from_fd, const char *from, int to_fd, const char *to);
ssize_t __wrap_write(int fd, const void *data, size_t size);
int __wrap_fchown(int fd, uid_t owner, gid_t group);
int __wrap_fchmod(int fd, mode_t mode);
int __wrap_fsync(int fd);
int __wrap_renameat(int from_fd, const char *from, int to_fd, const char *to);

ssize_t __wrap_write(int fd, const void *data, size_t size)
{
    return is_the_one() ? -1 : __real_write(fd, data, size);
}

int __wrap_fchown(int fd, uid_t owner, gid_t group)
{
    return is_the_one() ? -1 : __real_fchown(fd, owner, group);
}

int __wrap_fchmod(int fd, mode_t mode)
{
    return is_the_one() ? -1 : __real_fchmod(fd, mode);
}

int __wrap_fsync(int fd)
{
    return is_the_one() ? -1 : __real_fsync(fd);
}

int __wrap_renameat(int from_fd, const char *from, int to_fd, const char *to)
{
    return is_the_one() ? -1 : __real_renameat(from_fd, from, to_fd, to);
}
