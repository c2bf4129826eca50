/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* folder.h - a folder of a tree, reached step by step: no part of the way leads out of the tree */

#include <glib.h>

/**
 * pam_folder_open() - a symlink is not followed; the root itself may be one
 * @root: "" or of another tree
 * @path: "etc/pam.d", below it
 * @makes: what is missing is made, for its owner alone, and synced
 *
 * Returns: a descriptor; -1 with errno.
 */
int pam_folder_open(const char *root, const char *path, gboolean makes);
