/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "antaractl/revert.h"

#include "antaractl/bus.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#define SYSTEMD         "org.freedesktop.systemd1"
#define SYSTEMD_PATH    "/org/freedesktop/systemd1"
#define SYSTEMD_MANAGER "org.freedesktop.systemd1.Manager"
#define RETRY_USEC      ((uint64_t)60 * G_USEC_PER_SEC) /* what failed, until it does not */

static char *unit_name(const Revert *revert, const char *kind)
{
    g_autofree char *safe = g_strdup(revert->service);

    return g_strdup_printf("antara-revert-%s.%s", g_strdelimit(safe, "@", '_'), kind);
}

/* What the service runs: this very program. */
static int append_command(sd_bus_message *call, const Revert *revert)
{
    char self[4096] = "";
    const char *words[7] = {self, "service", "revert", revert->service};

    if (readlink("/proc/self/exe", self, sizeof(self) - 1) < 0) {
        return -errno;
    }
    if (*revert->root) {
        words[4] = "--root";
        words[5] = revert->root;
    }
    int r = sd_bus_message_open_container(call, 'r', "sv");
    r = r < 0 ? r : sd_bus_message_append(call, "s", "ExecStart");
    r = r < 0 ? r : sd_bus_message_open_container(call, 'v', "a(sasb)");
    r = r < 0 ? r : sd_bus_message_open_container(call, 'a', "(sasb)");
    r = r < 0 ? r : sd_bus_message_open_container(call, 'r', "sasb");
    r = r < 0 ? r : sd_bus_message_append(call, "s", self);
    r = r < 0 ? r : sd_bus_message_append_strv(call, (char **)words);
    r = r < 0 ? r : sd_bus_message_append(call, "b", 0);
    for (guint i = 0; r >= 0 && i < 4; i++) {
        r = sd_bus_message_close_container(call);
    }
    return r;
}

static int append_timer(sd_bus_message *call, const Revert *revert, guint64 seconds)
{
    g_autofree char *timer = unit_name(revert, "timer");
    int r = sd_bus_message_append(call, "ss", timer, "fail");

    return r < 0 ? r
                 : sd_bus_message_append(
                       call, "a(sv)", 4, "Description", "s",
                       "Takes Antara's lines out of a PAM file unless they are confirmed",
                       "TimersMonotonic", "a(st)", 1, "OnActiveSec",
                       (uint64_t)(seconds * G_USEC_PER_SEC), "AccuracyUSec", "t",
                       (uint64_t)G_USEC_PER_SEC, "RemainAfterElapse", "b", 0);
}

/* The service that the timer starts comes with it. */
static int append_service(sd_bus_message *call, const Revert *revert)
{
    g_autofree char *name = unit_name(revert, "service");
    int r = sd_bus_message_open_container(call, 'a', "(sa(sv))");

    r = r < 0 ? r : sd_bus_message_open_container(call, 'r', "sa(sv)");
    r = r < 0 ? r : sd_bus_message_append(call, "s", name);
    r = r < 0 ? r : sd_bus_message_open_container(call, 'a', "(sv)");
    r = r < 0 ? r : sd_bus_message_append(call, "(sv)", "Type", "s", "oneshot");
    r = r < 0 ? r : sd_bus_message_append(call, "(sv)", "Restart", "s", "on-failure");
    r = r < 0 ? r : sd_bus_message_append(call, "(sv)", "RestartUSec", "t", RETRY_USEC);
    r = r < 0 ? r : append_command(call, revert);
    for (guint i = 0; r >= 0 && i < 3; i++) {
        r = sd_bus_message_close_container(call);
    }
    return r;
}

gboolean revert_set(sd_bus *bus, const Revert *revert, guint64 seconds, GError **error)
{
    sd_bus_error failure = SD_BUS_ERROR_NULL;
    g_autoptr(BusMessage) call = NULL;

    int r = sd_bus_message_new_method_call(
        bus, &call, SYSTEMD, SYSTEMD_PATH, SYSTEMD_MANAGER, "StartTransientUnit");
    r = r < 0 ? r : append_timer(call, revert, seconds);
    r = r < 0 ? r : append_service(call, revert);
    r = r < 0 ? r : sd_bus_call(bus, call, 0, &failure, NULL);
    const gboolean exists = sd_bus_error_has_name(&failure, SYSTEMD ".UnitExists");
    if (r < 0) {
        g_set_error(
            error, CTL_ERROR, exists ? CTL_ERROR_SETTLED : CTL_ERROR_FAILED,
            "no timer can be set (%s)", failure.message ? failure.message : g_strerror(-r));
    }
    sd_bus_error_free(&failure);
    return r >= 0;
}

gboolean revert_stop(sd_bus *bus, const Revert *revert, GError **error)
{
    sd_bus_error failure = SD_BUS_ERROR_NULL;
    g_autofree char *timer = unit_name(revert, "timer");

    const int r = sd_bus_call_method(
        bus, SYSTEMD, SYSTEMD_PATH, SYSTEMD_MANAGER, "StopUnit", &failure, NULL, "ss", timer,
        "replace");
    const gboolean done = r >= 0 || ctl_fail(
                                        error, "The timer %s can't be stopped: %s", timer,
                                        failure.message ? failure.message : g_strerror(-r));
    sd_bus_error_free(&failure);
    return done;
}
