/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "user.h"

#include "dbus/names.h"

#include <grp.h>
#include <security/pam_modutil.h>
#include <stdlib.h>
#include <string.h>

#define GROUPS_FIRST 32 /* room for so many at first */
#define NO_GROUP     ((gid_t)-1)

/* The groups of a user, in *ret_groups (owned by the caller); -1: no memory. */
static int groups_of(const char *name, gid_t own, gid_t **ret_groups)
{
    gid_t *groups = NULL;
    int wanted = GROUPS_FIRST;

    for (int room = 0; wanted > room;) { /* or it had no memory, and wants no more than it got */
        gid_t *more = reallocarray(groups, (size_t)wanted, sizeof(*groups));
        if (more == NULL) {
            break;
        }
        groups = more;
        room = wanted;
        const int found = getgrouplist(name, own, groups, &wanted);
        if (found >= 0) {
            *ret_groups = groups;
            return found;
        }
    }
    free(groups);
    return -1;
}

static bool has_group(const gid_t *groups, int count, gid_t wanted)
{
    for (int i = 0; i < count; i++) {
        if (groups[i] == wanted) {
            return true;
        }
    }
    return false;
}

/* As the group itself lists it, which getgrouplist(3) may be told not to look at. */
static bool lists(const struct group *group, const char *name)
{
    for (char **member = group->gr_mem; *member != NULL; member++) {
        if (strcmp(*member, name) == 0) {
            return true;
        }
    }
    return false;
}

UserRank user_rank(pam_handle_t *pamh, const char *name)
{
    static const char *const names[] = {ANTARA_PRIVILEGED_GROUPS};
    const struct passwd *entry = pam_modutil_getpwnam(pamh, name);
    const char *own = entry != NULL ? entry->pw_name : name; /* groups may not know an alias */
    gid_t *groups = NULL;
    const int count = groups_of(own, entry != NULL ? entry->pw_gid : NO_GROUP, &groups);
    bool member = entry == NULL || count < 0; /* unknown is privileged */

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        const struct group *group = pam_modutil_getgrnam(pamh, names[i]);
        member =
            (group != NULL && (has_group(groups, count, group->gr_gid) || lists(group, own))) ||
            member;
    }
    free(groups);
    const bool superuser = entry != NULL && entry->pw_uid == 0;
    return (UserRank){.superuser = superuser, .privileged = superuser || member};
}
