/* SPDX-License-Identifier: GPL-3.0-or-later */

/* link.c - the requests that wait: each dies with the connection that made it */

#include "bus/link.h"

#include "bus/link-inside.h"
#include "core/link-request.h"
#include "dbus/names.h"

#include <string.h>

typedef struct LinkPart {
    BusObject object;
    sd_bus_vtable *vtable;
    sd_bus_slot *owners;  /* of NameOwnerChanged */
    GHashTable *requests; /* Id -> Request, owned */
} LinkPart;

/* One that waits for its person. */
typedef struct Request {
    Id id;
    char *sender;
    guint32 uid;
    gint64 ends_usec; /* CLOCK_MONOTONIC */
} Request;

static void request_free(gpointer data)
{
    Request *request = data;

    g_free(request->sender);
    g_free(request);
}

static LinkPart *part_of(const BusCall *call)
{
    return (LinkPart *)call->object;
}

/* Run outside any call. */
typedef struct Cancel {
    Caller caller;
    LinkFinishAsked asked;
    Id id;
} Cancel;

static void
cancelled(Outcome outcome, gpointer answer, guint64 point, const GError *error, gpointer data)
{
    (void)outcome; /* one that is over is over; and without its connection nobody can finish it */
    (void)answer;
    (void)point;
    (void)error;
    g_free(data);
}

static void cancel(const LinkPart *part, const Id *id)
{
    Runner *runner = bus_server_runner(part->object.server);
    Cancel *cancel = g_new0(Cancel, 1);

    cancel->id = *id;
    cancel->caller =
        (Caller){.kind = CALLER_DAEMON, .tenant = core_config_pam_tenant(runner_config(runner))};
    cancel->asked = (LinkFinishAsked){.caller = &cancel->caller, .id = &cancel->id};
    const RunCall run = {&link_request_cancel_act, &cancel->asked, &cancel->caller};
    runner_run(runner, &run, cancelled, cancel);
}

/* Whom a request belongs to, or (both unset) anybody. */
typedef struct Whose {
    const char *sender; /* NULL: any */
    guint32 uid;        /* G_MAXUINT32: any */
} Whose;

static void cancel_all(LinkPart *part, const Whose *whose)
{
    GHashTableIter iter;
    gpointer value = NULL;

    g_hash_table_iter_init(&iter, part->requests);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        const Request *request = value;
        if ((!whose->sender || g_str_equal(request->sender, whose->sender)) &&
            (whose->uid == G_MAXUINT32 || request->uid == whose->uid)) {
            cancel(part, &request->id);
            g_hash_table_iter_remove(&iter);
        }
    }
}

/* What is over leaves its place. */
gboolean link_requests_have_place(const BusCall *call)
{
    const LinkPart *part = part_of(call);
    GHashTableIter iter;
    gpointer value = NULL;
    const gint64 now_usec = g_get_monotonic_time();

    g_hash_table_iter_init(&iter, part->requests);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        if (((const Request *)value)->ends_usec <= now_usec) {
            g_hash_table_iter_remove(&iter);
        }
    }
    return g_hash_table_size(part->requests) < LINK_REQUESTS_MAX;
}

void link_request_remember(const BusCall *call, const Id *id)
{
    LinkPart *part = part_of(call);
    const Whose earlier = {.uid = call->caller.uid};
    Request *request = g_new0(Request, 1);

    cancel_all(part, &earlier);
    request->id = *id;
    request->sender = g_strdup(sd_bus_message_get_sender(call->message));
    request->uid = call->caller.uid;
    request->ends_usec = g_get_monotonic_time() + LINK_REQUEST_LIFE_USEC;
    g_hash_table_replace(part->requests, &request->id, request);
}

gboolean link_request_is_callers(const BusCall *call, const Id *id)
{
    const Request *request = g_hash_table_lookup(part_of(call)->requests, id);
    const char *sender = sd_bus_message_get_sender(call->message);

    return request && g_strcmp0(request->sender, sender) == 0;
}

void link_request_forget(const BusCall *call, const Id *id)
{
    (void)g_hash_table_remove(part_of(call)->requests, id);
}

static int owner_changed(sd_bus_message *message, void *data, G_GNUC_UNUSED sd_bus_error *ret_error)
{
    Whose whose = {.uid = G_MAXUINT32};
    const char *before = NULL;
    const char *after = NULL;

    if (sd_bus_message_read(message, "sss", &whose.sender, &before, &after) >= 0 && !*after) {
        cancel_all(data, &whose);
    }
    return 0;
}

static gpointer link_part_new(BusServer *server)
{
    LinkPart *part = g_new0(LinkPart, 1);

    part->object = (BusObject){.server = server, .methods = link_methods};
    part->vtable = bus_vtable_new(link_methods, NULL);
    part->requests = g_hash_table_new_full(id_table_hash, id_table_equal, NULL, request_free);
    return part;
}

static int link_part_export(gpointer data, sd_bus *bus)
{
    LinkPart *part = data;
    int r = sd_bus_match_signal_async(
        bus, &part->owners, "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus",
        "NameOwnerChanged", owner_changed, NULL, part);

    return r < 0 ? r
                 : sd_bus_add_object_vtable(
                       bus, NULL, ANTARA_BUS_PATH, ANTARA_BUS_LINK, part->vtable, &part->object);
}

static void link_part_lost(gpointer data)
{
    LinkPart *part = data;
    const Whose all = {.uid = G_MAXUINT32};

    part->owners = sd_bus_slot_unref(part->owners);
    cancel_all(part, &all);
}

static void link_part_free(gpointer data)
{
    LinkPart *part = data;

    sd_bus_slot_unref(part->owners);
    g_hash_table_unref(part->requests);
    g_free(part->vtable);
    g_free(part);
}

const BusPart link_part = {
    .new = link_part_new,
    .export = link_part_export,
    .lost = link_part_lost,
    .free = link_part_free};
