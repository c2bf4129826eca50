/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* user.h - what the host's own accounts say of a local user; false of who is not there */

#include <security/pam_modules.h>
#include <stdbool.h>

bool user_is_superuser(pam_handle_t *pamh, const char *user); /* uid 0 */
/* That, or in one of ANTARA_PRIVILEGED_GROUPS. */
bool user_is_privileged(pam_handle_t *pamh, const char *user);
