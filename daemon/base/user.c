/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "base/user.h"

#include "base/error.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

gboolean user_become_owner(const char *dir, GError **error)
{
    struct stat status;

    if (geteuid() != 0 || stat(dir, &status) < 0 || status.st_uid == 0) {
        return TRUE;
    }
    const struct passwd *user = getpwuid(status.st_uid);
    const gid_t group = user ? user->pw_gid : status.st_gid;
    const int r = user ? initgroups(user->pw_name, group) : setgroups(0, NULL);

    if (r < 0 || setegid(group) < 0 || seteuid(status.st_uid) < 0) {
        g_set_error(
            error, ANTARA_ERROR, ANTARA_ERROR_FAILED, "Can't go on as the owner of %s: %s", dir,
            g_strerror(errno));
        return FALSE;
    }
    return TRUE;
}
