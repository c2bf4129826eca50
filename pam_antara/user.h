/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* user.h - what a local user may on this host */

#include <security/pam_modules.h>
#include <stdbool.h>

typedef struct UserRank {
    bool superuser;  /* uid 0 */
    bool privileged; /* that, in one of ANTARA_PRIVILEGED_GROUPS, or not to be found */
} UserRank;

/* Makes the same look-ups for a user who isn't there, so that their time tells nobody who is. */
UserRank user_rank(pam_handle_t *pamh, const char *name);
