/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "base/notify.h"

#include <systemd/sd-daemon.h>

#define WATCHDOG_PART      4                     /* so that one that is missed ends nothing */
#define RECOVERY_USEC_MORE (60 * G_USEC_PER_SEC) /* pieces of it take far less */

void notify_ready(const GError *problem)
{
    (void)sd_notifyf(
        0, "READY=1\nSTATUS=Serving%s%s", problem ? ". Not reloaded: " : "",
        problem ? problem->message : "");
}

void notify_reloading(void)
{
    (void)sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%" G_GINT64_FORMAT, g_get_monotonic_time());
}

void notify_stopping(void)
{
    (void)sd_notify(0, "STOPPING=1\nSTATUS=Stopping");
}

void notify_recovering(guint64 records)
{
    (void)sd_notifyf(
        0, "EXTEND_TIMEOUT_USEC=%lu\nSTATUS=Recovering: %" G_GUINT64_FORMAT " records replayed",
        (gulong)RECOVERY_USEC_MORE, records);
}

typedef struct Watch {
    NotifyTurning is_turning;
    gpointer data;
} Watch;

static gboolean tell_if_turning(gpointer data)
{
    const Watch *watch = data;

    if (watch->is_turning(watch->data)) {
        (void)sd_notify(0, "WATCHDOG=1");
    }
    return G_SOURCE_CONTINUE;
}

void notify_watchdog_start(NotifyTurning is_turning, gpointer data)
{
    guint64 usec = 0;

    if (sd_watchdog_enabled(0, &usec) <= 0) {
        return;
    }
    Watch *watch = g_new(Watch, 1);
    *watch = (Watch){is_turning, data};
    guint msec = (guint)CLAMP(usec / WATCHDOG_PART / 1000, 1, G_MAXUINT);
    g_timeout_add_full(G_PRIORITY_DEFAULT, msec, tell_if_turning, watch, g_free);
}
