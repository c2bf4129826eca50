/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* debconf-lock.h - keeps another pam-auth-update, and a package's, out while files are written */

#include <glib.h>

#define DEBCONF_LOCK_SECONDS_MAX 30U

/**
 * debconf_lock_take() - the lock of ROOT/var/cache/debconf/config.dat, as debconf's frontend does
 *
 * Waits for whoever has it. Returns: to be given to debconf_lock_drop(); -1 where he has it still.
 */
int debconf_lock_take(const char *root, GError **error);
void debconf_lock_drop(int lock);
