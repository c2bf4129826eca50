/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* revert.h - a timer of systemd that takes an edit back unless somebody confirms it */

#include <glib.h>
#include <systemd/sd-bus.h>

typedef struct Revert {
    const char *service;
    const char *root; /* "" or --root */
} Revert;

/* Sets the timer: it will run "antaractl service revert SERVICE". FALSE where no systemd runs, and
 * with CTL_ERROR_SETTLED where a timer waits already. */
gboolean revert_set(sd_bus *bus, const Revert *revert, guint64 seconds, GError **error);

/* The edit stays, or is undone already. */
gboolean revert_stop(sd_bus *bus, const Revert *revert, GError **error);
