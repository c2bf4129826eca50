/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "user.h"

#include "dbus/names.h"

#include <security/pam_modutil.h>
#include <stddef.h>

bool user_is_superuser(pam_handle_t *pamh, const char *user)
{
    const struct passwd *entry = pam_modutil_getpwnam(pamh, user);

    return entry != NULL && entry->pw_uid == 0;
}

bool user_is_privileged(pam_handle_t *pamh, const char *user)
{
    static const char *const groups[] = {ANTARA_PRIVILEGED_GROUPS};

    if (pam_modutil_getpwnam(pamh, user) == NULL) {
        return false;
    }
    bool privileged = user_is_superuser(pamh, user);
    for (size_t i = 0; !privileged && i < sizeof(groups) / sizeof(groups[0]); i++) {
        privileged = pam_modutil_user_in_group_nam_nam(pamh, user, groups[i]) > 0;
    }
    return privileged;
}
