/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "antaractl/revert.h"

#include "antaractl/bus.h"
#include "antaractl/pam/login-since.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#define SYSTEMD         "org.freedesktop.systemd1"
#define SYSTEMD_PATH    "/org/freedesktop/systemd1"
#define SYSTEMD_MANAGER "org.freedesktop.systemd1.Manager"

static char *unit_name(const Revert *revert, const char *kind)
{
    g_autofree char *safe = g_strdup(revert->service);

    return g_strdup_printf("antara-revert-%s.%s", g_strdelimit(safe, "@", '_'), kind);
}

static char *note_path(const Revert *revert)
{
    return g_strdup_printf("%s/run/antaractl/%s.pending", revert->root, revert->service);
}

/* What the service runs: this very program. */
static int append_command(sd_bus_message *call, const Revert *revert)
{
    char self[4096] = "";
    const char *words[8] = {self, "service", "disable", revert->service, "--unconfirmed"};

    if (readlink("/proc/self/exe", self, sizeof(self) - 1) < 0) {
        return -errno;
    }
    if (*revert->root) {
        words[5] = "--root";
        words[6] = revert->root;
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
    r = r < 0 ? r : append_command(call, revert);
    for (guint i = 0; r >= 0 && i < 3; i++) {
        r = sd_bus_message_close_container(call);
    }
    return r;
}

static gboolean explain(const sd_bus_error *failure, int r, GError **error)
{
    if (sd_bus_error_has_name(failure, SYSTEMD ".UnitExists")) {
        return ctl_fail(
            error, "A change of this service waits for its confirmation already: antaractl service "
                   "confirm, or disable.");
    }
    return ctl_fail(
        error,
        "Nothing was changed: no timer can be set (%s). --confirm-within needs a running systemd.",
        failure->message ? failure->message : g_strerror(-r));
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
    const gboolean done = r >= 0 || explain(&failure, r, error);
    sd_bus_error_free(&failure);
    return done;
}

gboolean revert_note_edit(const Revert *revert, GError **error)
{
    g_autofree char *path = note_path(revert);
    g_autofree char *folder = g_path_get_dirname(path);
    g_autofree char *text = g_strdup_printf("%" G_GINT64_FORMAT, boot_time_usec());
    g_autoptr(GError) why = NULL;

    if (g_mkdir_with_parents(folder, 0700) < 0 || !g_file_set_contents(path, text, -1, &why)) {
        return ctl_fail(
            error, "Can't note when the edit was made: %s", why ? why->message : folder);
    }
    return TRUE;
}

gboolean revert_pending(const Revert *revert, gint64 *ret_usec, GError **error)
{
    g_autofree char *path = note_path(revert);
    g_autofree char *text = NULL;

    if (!g_file_get_contents(path, &text, NULL, NULL)) {
        return ctl_fail(error, "Nothing of %s waits for a confirmation.", revert->service);
    }
    *ret_usec = g_ascii_strtoll(text, NULL, 10);
    return TRUE;
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

void revert_forget(const Revert *revert)
{
    g_autofree char *path = note_path(revert);

    (void)g_unlink(path);
}
