/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "antaractl/pam/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

/* The folder below @fd, which is closed. */
static int step_open(int fd, const char *name, gboolean makes)
{
    const int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
    int next = openat(fd, name, flags);

    if (next < 0 && errno == ENOENT && makes && mkdirat(fd, name, 0700) == 0 && fsync(fd) == 0) {
        next = openat(fd, name, flags);
    }
    const int number = errno;
    (void)close(fd);
    errno = number;
    return next;
}

int pam_folder_open(const char *root, const char *path, gboolean makes)
{
    g_auto(GStrv) steps = g_strsplit(path, "/", -1);
    int fd = open(*root ? root : "/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    for (char **step = steps; fd >= 0 && *step; step++) {
        fd = step_open(fd, *step, makes);
    }
    return fd;
}
