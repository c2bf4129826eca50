/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* service-guard.h - enable --confirm-within: what takes a change back unless it is confirmed */

#include "antaractl/bus.h"
#include "antaractl/command.h"
#include "antaractl/revert.h"

/* The service that @words name (NULL: none), in "" or --root; borrowed from @words. */
Revert revert_of(const Words *words);

/**
 * guard_begin() - note and timer, before anything is changed
 * @by_profile: what will be changed is the profile
 *
 * The note is what counts after a reboot. To be called under the lock that pam_file_open() takes.
 */
gboolean
guard_begin(Bus *bus, const Revert *revert, guint64 seconds, gboolean by_profile, GError **error);

/* Nothing waits any more. A timer that can't be stopped will find no note, and do nothing.
 * @bus: (nullable) */
gboolean guard_end(Bus *bus, const Revert *revert, GError **error);
