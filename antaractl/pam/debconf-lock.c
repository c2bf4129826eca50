/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "antaractl/pam/debconf-lock.h"

#include "antaractl/error.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define POLL_USEC (100U * 1000U)

/* The file is a new one each time that debconf has written it. -1 with errno. */
static int lock_now(const char *path)
{
    const int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    struct stat held = {0}, there = {0};

    if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0 && fstat(fd, &held) == 0 &&
        stat(path, &there) == 0 && held.st_ino == there.st_ino) {
        return fd;
    }
    const int number = fd < 0 ? errno : EWOULDBLOCK;
    if (fd >= 0) {
        (void)close(fd);
    }
    errno = number;
    return -1;
}

int debconf_lock_take(const char *root, GError **error)
{
    g_autofree char *path = g_build_filename("/", root, "var/cache/debconf/config.dat", NULL);
    const gint64 until = g_get_monotonic_time() + DEBCONF_LOCK_SECONDS_MAX * G_USEC_PER_SEC;
    int lock = lock_now(path);

    while (lock < 0 && errno == EWOULDBLOCK && g_get_monotonic_time() < until) {
        g_usleep(POLL_USEC);
        lock = lock_now(path);
    }
    if (lock < 0 && errno == ENOENT) { /* no debconf: nobody has its lock */
        lock = open("/dev/null", O_RDONLY | O_CLOEXEC);
    }
    if (lock < 0) {
        ctl_fail(
            error,
            "Nothing was changed: a package is being installed, or pam-auth-update runs (%s: %s). "
            "Try again when it has ended.",
            path, errno == EWOULDBLOCK ? "is locked" : g_strerror(errno));
    }
    return lock;
}

void debconf_lock_drop(int lock)
{
    if (lock >= 0) {
        (void)close(lock);
    }
}
