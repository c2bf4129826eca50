/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* auth-update.h - Debian's pam-auth-update(8), which makes what all services include of profiles */

#include <glib.h>

#define PAM_AUTH_UPDATE_SECONDS_MAX 60U

/* The files that it reads and writes; the first are what services include, then its own notes. */
#define PAM_SHARED_FILES      5U
#define PAM_AUTH_UPDATE_FILES 11U
#define PAM_AUTH_UPDATE_SEEN  10U /* the names of the profiles that it knows */

typedef struct PamAuthUpdateFile {
    const char *folder; /* below a root */
    const char *name;
} PamAuthUpdateFile;

/* common-auth and common-account come first. */
extern const PamAuthUpdateFile pam_auth_update_files[PAM_AUTH_UPDATE_FILES];

/**
 * pam_auth_update() - runs it for the profile "antara", with no question and no record in debconf
 * @root: of a tree with /etc/pam.d, /usr/share/pam-configs and /var/lib/pam
 * @verb: "--enable" or "--disable"
 *
 * Returns: FALSE where it isn't there, fails, or doesn't end. *ret_leaves: it has left all alone,
 * since files were changed by hand, which is no failure of its own.
 */
gboolean pam_auth_update(const char *root, const char *verb, gboolean *ret_leaves, GError **error);
