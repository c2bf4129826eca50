/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* rehearsal.h - what switching the profile on would write, tried on a copy below ROOT/run */

#include "antaractl/pam/tree.h"

/**
 * pam_rehearse() - @tree pretends to be what pam-auth-update would make of it
 *
 * To be called under the lock that pam_file_open() takes. Returns: FALSE, with the reason, where
 * pam-auth-update would not write the profile's lines, and where switching it off again would not
 * give back each file as it is now.
 */
gboolean pam_rehearse(PamTree *tree, GError **error);
