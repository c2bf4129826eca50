/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* rehearsal.h - what pam-auth-update makes of a tree's files, on a copy below ROOT/run/antaractl */

#include "antaractl/pam/auth-update.h"

/**
 * pam_rehearse() - the tree itself stays as it is
 * @root: "" or of another tree, for its profiles and the place of the copy
 * @verb: as in pam_auth_update()
 * @before: of pam_auth_update_files, in their order
 * @after: (transfer full): likewise, what they become; each NULL before
 * @ret_leaves: as in pam_auth_update()
 *
 * To be called under the lock that pam_file_open() takes.
 */
gboolean pam_rehearse(
    const char *root,
    const char *verb,
    char *const before[PAM_AUTH_UPDATE_FILES],
    char *after[PAM_AUTH_UPDATE_FILES],
    gboolean *ret_leaves,
    GError **error);
