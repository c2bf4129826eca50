/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * approval-watch.c - who asked to be told, and what he is told: the id of an approval of his that
 * began, was decided or is over
 *
 * A signal goes to that one connection. What came from another machine is told to nobody: nothing
 * that a stranger elsewhere does makes a window open here, with a button to let him in.
 */

#include "base/error.h"
#include "base/log-events.h"
#include "base/log.h"
#include "bus/approval-inside.h"
#include "core/kinds.h"
#include "dbus/names.h"

#include <string.h>

typedef struct Watcher {
    Watchers *watchers;
    char *name; /* unique, of his connection */
    guint32 uid;
    char *user;            /* NULL: an administrator, who sees everybody's */
    sd_bus_slot *question; /* is he still there? */
} Watcher;

struct Watchers {
    Approvals *approvals;
    GHashTable *all; /* name -> Watcher, owned */
    sd_bus_slot *owners;
};

/* One look at what an announcement is about. */
typedef struct Look {
    Watchers *watchers;
    Caller caller;
    ApprovalAsked asked;
    Id id;
    char *local_user;
} Look;

static void watcher_free(gpointer data)
{
    Watcher *watcher = data;

    sd_bus_slot_unref(watcher->question);
    g_free(watcher->name);
    g_free(watcher->user);
    g_free(watcher);
}

static void look_free(gpointer data)
{
    Look *look = data;

    caller_clear(&look->caller);
    g_free(look->local_user);
    g_free(look);
}

static Watchers *watchers_of(const BusCall *call)
{
    return ((Approvals *)call->object)->watchers;
}

/* Who asks again takes no second place. */
static gboolean has_place(const Watchers *watchers, const char *name, guint32 uid)
{
    GHashTableIter iter;
    gpointer value = NULL;
    guint of_uid = 0;
    guint of_all = 0;

    if (uid == 0 || g_hash_table_contains(watchers->all, name)) {
        return TRUE;
    }
    g_hash_table_iter_init(&iter, watchers->all);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        of_all += ((const Watcher *)value)->uid != 0;
        of_uid += ((const Watcher *)value)->uid == uid;
    }
    return of_uid < APPROVAL_WATCHERS_UID_MAX && of_all < APPROVAL_WATCHERS_MAX;
}

/* He may have gone before his place was taken, when nobody listened for that. */
static int is_there(sd_bus_message *reply, void *data, G_GNUC_UNUSED sd_bus_error *ret_error)
{
    Watcher *watcher = data;
    int there = FALSE;

    watcher->question = sd_bus_slot_unref(watcher->question);
    if (sd_bus_message_is_method_error(reply, NULL) ||
        sd_bus_message_read(reply, "b", &there) < 0 || !there) {
        (void)g_hash_table_remove(watcher->watchers->all, watcher->name);
    }
    return 0;
}

static gboolean watch(BusCall *call, GError **error)
{
    const ApprovalAsked *asked = call->asked;
    const char *name = sd_bus_message_get_sender(call->message);
    Watchers *watchers = watchers_of(call);

    if (!has_place(watchers, name, call->caller.uid)) {
        g_set_error_literal(
            error, ANTARA_ERROR, ANTARA_ERROR_FAILED, "Too many connections watch already.");
        return FALSE;
    }
    Watcher *watcher = g_new0(Watcher, 1);
    *watcher = (Watcher){
        .watchers = watchers,
        .name = g_strdup(name),
        .uid = call->caller.uid,
        .user = asked->everybody ? NULL : g_strdup(asked->own_user)};
    (void)g_hash_table_replace(watchers->all, watcher->name, watcher);
    int r = sd_bus_call_method_async(
        sd_bus_message_get_bus(call->message), &watcher->question, "org.freedesktop.DBus",
        "/org/freedesktop/DBus", "org.freedesktop.DBus", "NameHasOwner", is_there, watcher, "s",
        name);
    if (r < 0) {
        (void)g_hash_table_remove(watchers->all, name);
        g_set_error(
            error, ANTARA_ERROR, ANTARA_ERROR_FAILED, "The bus could not be asked: %s.",
            g_strerror(-r));
    }
    return r >= 0;
}

static gboolean unwatch(BusCall *call, G_GNUC_UNUSED GError **error)
{
    const char *name = sd_bus_message_get_sender(call->message);

    (void)g_hash_table_remove(watchers_of(call)->all, name);
    return TRUE;
}

static int owner_changed(sd_bus_message *message, void *data, G_GNUC_UNUSED sd_bus_error *ret_error)
{
    Watchers *watchers = data;
    const char *name = NULL;
    const char *before = NULL;
    const char *after = NULL;

    if (sd_bus_message_read(message, "sss", &name, &before, &after) >= 0 && !*after) {
        (void)g_hash_table_remove(watchers->all, name);
    }
    return 0;
}

static void tell(const Watchers *watchers, const Look *look)
{
    sd_bus *bus = bus_server_bus(watchers->approvals->object.server);
    char id[ID_TEXT_CHARS + 1];
    GHashTableIter iter;
    gpointer value = NULL;

    id_to_text(&look->id, id);
    g_hash_table_iter_init(&iter, watchers->all);
    while (bus && g_hash_table_iter_next(&iter, NULL, &value)) {
        const Watcher *watcher = value;
        __attribute__((cleanup(sd_bus_message_unrefp))) sd_bus_message *signal = NULL;
        if (watcher->user && !g_str_equal(watcher->user, look->local_user)) {
            continue;
        }
        int r = sd_bus_message_new_signal(
            bus, &signal, ANTARA_BUS_PATH, ANTARA_BUS_APPROVAL, "Changed");
        r = r < 0 ? r : sd_bus_message_append(signal, "s", id);
        r = r < 0 ? r : sd_bus_send_to(bus, signal, watcher->name, NULL);
        if (r < 0) {
            log_event(
                LOG_LEVEL_WARNING, LOG_EVENT_BUS_CALL, NULL, "A signal could not be sent: %s",
                g_strerror(-r));
        }
    }
}

static void look_leaves(gpointer data)
{
    Look *look = data;

    if (look->local_user) {
        tell(look->watchers, look);
    }
    look_free(look);
}

static void
news_came(Outcome outcome, gpointer data, guint64 point, const GError *error, gpointer look_data)
{
    Look *look = look_data;
    ApprovalAnswer *answer = data;
    Runner *runner = bus_server_runner(look->watchers->approvals->object.server);

    if (outcome != OUTCOME_GRANTED) {
        log_event(
            LOG_LEVEL_ERR, LOG_EVENT_ACT_BROKEN, NULL, "The bus can't tell of an approval: %s",
            error ? error->message : "refused");
    } else if (answer->from_here) {
        look->local_user = g_steal_pointer(&answer->local_user);
    }
    runner_hold(runner, point, look_leaves, look_free, look);
}

void watchers_heard(Watchers *watchers, const Announcement *announcement)
{
    Runner *runner = bus_server_runner(watchers->approvals->object.server);
    const Tenant *tenant = core_config_pam_tenant(runner_config(runner));

    if (announcement->kind != KIND_DEVICE || !tenant || g_hash_table_size(watchers->all) == 0 ||
        strcmp(announcement->tenant, tenant->name) != 0) {
        return;
    }
    Look *look = g_new0(Look, 1);
    look->watchers = watchers;
    look->id = announcement->id;
    look->caller = (Caller){.kind = CALLER_DAEMON, .tenant = tenant};
    look->asked = (ApprovalAsked){.caller = &look->caller, .id = &look->id};
    const RunCall run = {&approval_news_act, &look->asked, &look->caller};
    runner_run(runner, &run, news_came, look);
}

Watchers *watchers_new(Approvals *approvals)
{
    Watchers *watchers = g_new0(Watchers, 1);

    watchers->approvals = approvals;
    watchers->all = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, watcher_free);
    return watchers;
}

int watchers_listen(Watchers *watchers, sd_bus *bus)
{
    return sd_bus_match_signal_async(
        bus, &watchers->owners, "org.freedesktop.DBus", "/org/freedesktop/DBus",
        "org.freedesktop.DBus", "NameOwnerChanged", owner_changed, NULL, watchers);
}

/* Their names were of the connection that is gone. */
void watchers_lost(Watchers *watchers)
{
    g_hash_table_remove_all(watchers->all);
    watchers->owners = sd_bus_slot_unref(watchers->owners);
}

void watchers_free(Watchers *watchers)
{
    sd_bus_slot_unref(watchers->owners);
    g_hash_table_unref(watchers->all);
    g_free(watchers);
}

const BusMethod approval_watch_methods[] = {
    {.member = "Watch",
     .in = "s",
     .out = "",
     .names = "tenant\0",
     .action = ACTION_OWN,
     .asked_size = sizeof(ApprovalAsked),
     .read = approval_read_tenant,
     .look = approval_look_own,
     .start = watch},
    {.member = "WatchAll",
     .in = "s",
     .out = "",
     .names = "tenant\0",
     .action = ACTION_MANAGE,
     .asked_size = sizeof(ApprovalAsked),
     .read = approval_read_tenant,
     .look = approval_look_everybody,
     .start = watch},
    {.member = "Unwatch", .in = "", .out = "", .names = "", .start = unwatch},
    {0},
};
