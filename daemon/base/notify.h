/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * notify.h - what the service manager is told (sd_notify(3)); without one, nothing happens
 *
 * Called by main.c alone, from the thread of the default main context.
 */

#include <glib.h>

/* All is open: whoever waits for the unit may go on. Also the end of a reload; what went wrong in
 * it (@problem, NULL: nothing) stands in the unit's status until the next one. */
void notify_ready(const GError *problem);

/* The configuration is being read anew; notify_ready() ends it. */
void notify_reloading(void);

void notify_stopping(void);

/* The start replays the journal, @records of it so far: it may take another minute from now. */
void notify_recovering(guint64 records);

typedef gboolean (*NotifyTurning)(gpointer data);

/**
 * notify_watchdog_start() - be restarted if nothing moves any more
 * @is_turning: asked at each quarter of WatchdogSec= while the default main context turns, to its
 *     end; TRUE: the service manager hears that all is well
 *
 * Does nothing where the unit has no watchdog.
 */
void notify_watchdog_start(NotifyTurning is_turning, gpointer data);
