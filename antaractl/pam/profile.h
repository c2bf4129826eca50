/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* profile.h - libpam-antara's profile in the two files that all services include, on or off */

#include "antaractl/pam/file.h"
#include "antaractl/pam/stack.h"

#define PAM_PROFILE_FILES 2U

typedef struct PamProfile {
    char *root;
    PamFile files[PAM_PROFILE_FILES]; /* common-auth, which has the lock; common-account */
} PamProfile;

#define PAM_PROFILE_CLOSED                                                                         \
    {                                                                                              \
        .files = { {.folder_fd = -1}, {.folder_fd = -1} }                                          \
    }

/* TRUE when pam-auth-update has written it; not for lines in the same files by somebody else. */
gboolean pam_profile_is_on(const PamTree *tree);

/* TRUE when @line stands in one of the files that all services include. */
gboolean pam_profile_has(const PamLine *line);

/* TRUE when a service comes to Antara by the shared files, not by lines of its own. */
gboolean pam_profile_asks_for(const PamTree *tree, const char *service);

/* As pam_file_open(), for both files; no other antaractl is at work until it is closed. */
gboolean
pam_profile_open(const PamTree *tree, gboolean waits, PamProfile *ret_profile, GError **error);
void pam_profile_close(PamProfile *profile);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(PamProfile, pam_profile_close)

/**
 * pam_profile_switch_on() - a backup of both files, then pam-auth-update
 * @rehearsed: as pam_rehearse() left it: what was judged is what must stand there
 *
 * Returns: FALSE, with the lines in maybe: pam_profile_take_back() then.
 */
gboolean pam_profile_switch_on(PamProfile *profile, const PamTree *rehearsed, GError **error);

/* By pam-auth-update; backups go. FALSE: the lines stand there still. */
gboolean pam_profile_switch_off(PamProfile *profile, GError **error);

/* By pam-auth-update; where that can't, by the backup of a moment ago: then what stood there is
 * kept beside it, and *ret_kept (transfer full, nullable) says where. */
gboolean pam_profile_take_back(PamProfile *profile, char **ret_kept, GError **error);
