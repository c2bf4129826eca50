/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "bus/local-user.h"

#include "base/error.h"
#include "dbus/names.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>

#define ENTRY_BYTES 65536U /* of a group with all its members too */

void local_user_clear(LocalUser *user)
{
    g_clear_pointer(&user->name, g_free);
}

static gboolean fail(GError **error, const char *what, int r)
{
    g_set_error(
        error, ANTARA_ERROR, ANTARA_ERROR_FAILED, "%s could not be looked up: %s.", what,
        g_strerror(r));
    return FALSE;
}

gboolean local_user_find(guint32 uid, LocalUser *ret_user, GError **error)
{
    struct passwd entry;
    struct passwd *found = NULL;
    g_autofree char *buffer = g_malloc(ENTRY_BYTES);
    int r = getpwuid_r(uid, &entry, buffer, ENTRY_BYTES, &found);

    if (!found) {
        return fail(error, "Your user on this host", r ? r : ENOENT);
    }
    *ret_user = (LocalUser){g_strdup(entry.pw_name), entry.pw_gid};
    return TRUE;
}

/* A group that this host doesn't have has no members; one that can't be read is an error. */
static gboolean find_group(const char *name, gboolean *ret_there, gid_t *ret_group, GError **error)
{
    struct group entry;
    struct group *found = NULL;
    g_autofree char *buffer = g_malloc(ENTRY_BYTES);
    int r = getgrnam_r(name, &entry, buffer, ENTRY_BYTES, &found);

    *ret_there = found != NULL;
    *ret_group = found ? entry.gr_gid : 0;
    return found || r == 0 || r == ENOENT || r == ESRCH || fail(error, "A group", r);
}

static gboolean is_among(const gid_t *groups, int n_groups, gid_t group)
{
    for (int i = 0; i < n_groups; i++) {
        if (groups[i] == group) {
            return TRUE;
        }
    }
    return FALSE;
}

gboolean local_user_is_privileged(
    guint32 uid,
    const LocalUser *user,
    gboolean *ret_privileged,
    GError **error)
{
    static const char *const names[] = {ANTARA_PRIVILEGED_GROUPS};
    g_autofree gid_t *groups = g_new(gid_t, LOCAL_USER_GROUPS_MAX);
    int n_groups = LOCAL_USER_GROUPS_MAX;
    gboolean privileged = uid == 0 || getgrouplist(user->name, user->group, groups, &n_groups) < 0;

    for (gsize i = 0; !privileged && i < G_N_ELEMENTS(names); i++) {
        gboolean there = FALSE;
        gid_t group = 0;
        if (!find_group(names[i], &there, &group, error)) {
            return FALSE;
        }
        privileged = there && is_among(groups, n_groups, group);
    }
    *ret_privileged = privileged;
    return TRUE;
}
