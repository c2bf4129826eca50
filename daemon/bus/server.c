/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "bus/server.h"

#include "base/error.h"
#include "base/log-events.h"
#include "base/log.h"
#include "bus/approval.h"
#include "bus/event-source.h"
#include "bus/link.h"
#include "bus/manager.h"
#include "bus/objects.h"
#include "bus/pam.h"
#include "bus/serve.h"
#include "dbus/names.h"

#include <errno.h>

#define RETRY_MSEC_MIN 250U
#define RETRY_MSEC_MAX 30000U

static const BusPart *const parts[] = {
    &manager_part, &objects_part, &pam_part, &approval_part, &link_part};

struct BusServer {
    Runner *runner;
    BusStatus status;
    GQueue calls; /* of BusCall */
    gpointer part[G_N_ELEMENTS(parts)];
    sd_event *event;
    GSource *source;
    sd_bus *bus; /* NULL while there is no connection */
    guint retry; /* source id */
    guint retry_msec;
    guint lost; /* source id: the connection is to be put away */
};

static gboolean server_connect(BusServer *server, gboolean wait, GError **error);

sd_bus *bus_server_bus(const BusServer *server)
{
    return server->bus;
}

Runner *bus_server_runner(const BusServer *server)
{
    return server->runner;
}

const BusStatus *bus_server_status(const BusServer *server)
{
    return &server->status;
}

GQueue *bus_server_calls(BusServer *server)
{
    return &server->calls;
}

gpointer bus_server_part(const BusServer *server, const BusPart *part)
{
    gsize i = 0;

    while (i < G_N_ELEMENTS(parts) && parts[i] != part) {
        i++;
    }
    g_assert(i < G_N_ELEMENTS(parts));
    return server->part[i];
}

static void server_disconnect(BusServer *server)
{
    sd_bus *bus = g_steal_pointer(&server->bus);

    if (!bus) {
        return;
    }
    bus_calls_drop(server);
    for (gsize i = 0; i < G_N_ELEMENTS(parts); i++) {
        if (parts[i]->lost && server->part[i]) {
            parts[i]->lost(server->part[i]);
        }
    }
    sd_bus_detach_event(bus);
    sd_bus_flush_close_unref(bus);
}

static gboolean try_again(gpointer data)
{
    BusServer *server = data;
    g_autoptr(GError) error = NULL;

    server->retry = 0;
    if (!server_connect(server, FALSE, &error)) {
        server->retry_msec = MIN(server->retry_msec * 2, RETRY_MSEC_MAX);
        server->retry = g_timeout_add(server->retry_msec, try_again, server);
    }
    return G_SOURCE_REMOVE;
}

static gboolean put_away(gpointer data)
{
    BusServer *server = data;

    server->lost = 0;
    server_disconnect(server);
    if (!server->retry) {
        server->retry = g_timeout_add(server->retry_msec, try_again, server);
    }
    return G_SOURCE_REMOVE;
}

/* Later, since sd-bus is in the middle of a dispatch. */
static void server_lost(BusServer *server, const char *why)
{
    if (!server->lost) {
        log_event(
            LOG_LEVEL_WARNING, LOG_EVENT_BUS_LOST, NULL, "The bus is lost (%s): trying again", why);
        server->lost = g_idle_add(put_away, server);
    }
}

static int bus_is_gone(
    G_GNUC_UNUSED sd_bus_message *message,
    void *data,
    G_GNUC_UNUSED sd_bus_error *ret_error)
{
    server_lost(data, "disconnected");
    return 0;
}

static void name_is_ours(BusServer *server)
{
    server->retry_msec = RETRY_MSEC_MIN;
    log_event(LOG_LEVEL_NOTICE, LOG_EVENT_BUS_CONNECTED, NULL, "On the bus as " ANTARA_BUS_NAME);
}

static int name_was_asked(sd_bus_message *reply, void *data, G_GNUC_UNUSED sd_bus_error *ret_error)
{
    const sd_bus_error *refused = sd_bus_message_get_error(reply);
    guint32 answer = 0;

    if (!refused && sd_bus_message_read(reply, "u", &answer) >= 0 && answer == 1) {
        name_is_ours(data);
        return 0;
    }
    BusServer *server = data;
    server->retry_msec = MIN(server->retry_msec * 2, RETRY_MSEC_MAX);
    server_lost(server, refused ? refused->message : "another process has the name");
    return 0;
}

/* Objects first, so that whoever sees the name finds them. */
static int server_export(BusServer *server, sd_bus *bus)
{
    int r = sd_bus_add_object_manager(bus, NULL, ANTARA_BUS_PATH);

    for (gsize i = 0; r >= 0 && i < G_N_ELEMENTS(parts); i++) {
        r = parts[i]->export(server->part[i], bus);
    }
    return r;
}

static int server_open(BusServer *server, gboolean wait)
{
    int r = sd_bus_open_system_with_description(&server->bus, "antarad");

    r = r < 0 ? r : sd_bus_set_exit_on_disconnect(server->bus, 0);
    r = r < 0 ? r : sd_bus_attach_event(server->bus, server->event, SD_EVENT_PRIORITY_NORMAL);
    r = r < 0 ? r
              : sd_bus_match_signal_async(
                    server->bus, NULL, "org.freedesktop.DBus.Local", NULL,
                    "org.freedesktop.DBus.Local", "Disconnected", bus_is_gone, NULL, server);
    r = r < 0 ? r : server_export(server, server->bus);
    if (r < 0) {
        return r;
    }
    return wait ? sd_bus_request_name(server->bus, ANTARA_BUS_NAME, 0)
                : sd_bus_request_name_async(
                      server->bus, NULL, ANTARA_BUS_NAME, 0, name_was_asked, server);
}

static gboolean server_connect(BusServer *server, gboolean wait, GError **error)
{
    int r = server_open(server, wait);

    if (r < 0) {
        server_disconnect(server);
        g_set_error(
            error, ANTARA_ERROR, ANTARA_ERROR_FAILED,
            r == -EEXIST ? "another process is " ANTARA_BUS_NAME " on the system bus already (%s)"
                         : "can't be " ANTARA_BUS_NAME
                           " on the system bus (%s): is dbus running, and does "
                           "/usr/share/dbus-1/system.d/org.antara1.conf allow it?",
            g_strerror(-r));
        return FALSE;
    }
    if (wait) {
        name_is_ours(server);
    }
    return TRUE;
}

static void heard(const Announcement *announcement, gpointer data)
{
    BusServer *server = data;

    for (gsize i = 0; i < G_N_ELEMENTS(parts); i++) {
        if (parts[i]->heard && server->part[i]) {
            parts[i]->heard(server->part[i], announcement);
        }
    }
}

BusServer *
bus_server_new(Store *store, const CoreConfig *config, const BusStatus *status, GError **error)
{
    g_autoptr(BusServer) server = g_new0(BusServer, 1);

    server->status = *status;
    server->retry_msec = RETRY_MSEC_MIN;
    g_queue_init(&server->calls);
    int r = sd_event_new(&server->event);
    if (r < 0) {
        g_set_error(
            error, ANTARA_ERROR, ANTARA_ERROR_FAILED, "can't make an event loop: %s",
            g_strerror(-r));
        return NULL;
    }
    server->source = event_source_new(server->event);
    g_source_attach(server->source, NULL);
    server->runner = runner_new(store, config, NULL, heard, server);
    for (gsize i = 0; i < G_N_ELEMENTS(parts); i++) {
        server->part[i] = parts[i]->new (server);
    }
    return server_connect(server, TRUE, error) ? g_steal_pointer(&server) : NULL;
}

void bus_server_free(BusServer *server)
{
    if (!server) {
        return;
    }
    g_clear_handle_id(&server->retry, g_source_remove);
    g_clear_handle_id(&server->lost, g_source_remove);
    server_disconnect(server);
    g_clear_pointer(&server->runner, runner_free); /* lets go of what calls it held */
    for (gsize i = 0; i < G_N_ELEMENTS(parts); i++) {
        if (server->part[i]) {
            parts[i]->free(server->part[i]);
        }
    }
    if (server->source) {
        g_source_destroy(server->source);
        g_source_unref(server->source);
    }
    sd_event_unref(server->event);
    g_free(server);
}
