/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* revert.h - a timer of systemd that takes an edit back unless somebody confirms it */

#include <glib.h>
#include <systemd/sd-bus.h>

typedef struct Revert {
    const char *service;
    const char *root; /* "" or --root */
} Revert;

/* Sets the timer: it will run "antaractl service disable SERVICE --unconfirmed". FALSE where no
 * systemd runs, or where a timer waits already. */
gboolean revert_set(sd_bus *bus, const Revert *revert, guint64 seconds, GError **error);

/* The edit is made: what signs in from now on may confirm it. */
gboolean revert_note_edit(const Revert *revert, GError **error);

/* FALSE when nothing waits. *ret_usec: when the edit was made, as boot_time_usec() has it. */
gboolean revert_pending(const Revert *revert, gint64 *ret_usec, GError **error);

/* The edit stays, or is undone already. */
gboolean revert_stop(sd_bus *bus, const Revert *revert, GError **error);
void revert_forget(const Revert *revert);
