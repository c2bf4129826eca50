/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* user.h - looking with another user's eyes */

#include <glib.h>

/**
 * user_become_owner() - root goes on as the user that owns @dir, so that it can do no more than it
 *
 * Nothing happens when the caller isn't root, and where @dir is root's own or isn't there (yet).
 */
gboolean user_become_owner(const char *dir, GError **error);
