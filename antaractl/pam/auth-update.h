/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* auth-update.h - Debian's pam-auth-update(8), which alone writes what all services include */

#include <glib.h>

#define PAM_SHARED_FILES 5U

/* Of ROOT/etc/pam.d; auth and account come first, and NULL last. */
extern const char *const pam_shared_files[PAM_SHARED_FILES + 1];

/**
 * pam_auth_update() - runs it for the profile "antara", with no question and no record in debconf
 * @root: "" or another's, with /etc/pam.d, /usr/share/pam-configs and /var/lib/pam
 * @verb: "--enable" or "--disable"
 *
 * It leaves files alone that were changed by hand, and that is no failure of its own: look at them
 * after it. Returns: FALSE where it isn't there or fails; *ret_said (transfer full): its warnings.
 */
gboolean pam_auth_update(const char *root, const char *verb, char **ret_said, GError **error);
