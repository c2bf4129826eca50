/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * link-methods.c - the rows of org.antara1.Link
 *
 * Who is linked is no argument: it is the local user whose uid the bus says the connection has, and
 * polkit has asked for that user's password.
 */

#include "base/error.h"
#include "base/log-events.h"
#include "base/log.h"
#include "bus/link-inside.h"
#include "bus/local-user.h"
#include "core/link-request.h"
#include "dbus/names.h"

#define ACTION_OWN       "org.antara1.link-own"
#define NUMBER_BYTES_MAX 16U
#define ORDINARY_UID_MIN 1000U
#define OVERFLOW_UID     65534U /* nobody: the kernel shows it for whoever has no uid here */

static gboolean refuse(GError **error, const char *words)
{
    g_set_error_literal(error, ANTARA_ERROR, ANTARA_ERROR_FAILED, words);
    return FALSE;
}

static gboolean
look_up_caller(BusCall *call, const char **ret_name, gboolean *ret_privileged, GError **error)
{
    const guint32 uid = call->caller.uid;
    g_auto(LocalUser) user = {0};
    gboolean privileged = TRUE;

    if (!local_user_find(uid, &user, error) ||
        !local_user_is_privileged(uid, &user, &privileged, error)) {
        return FALSE;
    }
    *ret_privileged = privileged || uid < ORDINARY_UID_MIN || uid == OVERFLOW_UID;
    if (ret_name) {
        *ret_name = bus_call_own(call, g_steal_pointer(&user.name));
    }
    return TRUE;
}

static gboolean look_up_own(BusCall *call, gpointer data, GError **error)
{
    LinkAsked *asked = data;

    return look_up_caller(call, &asked->local_user, &asked->privileged, error);
}

static gboolean look_before_ask(BusCall *call, gpointer asked, GError **error)
{
    return link_requests_have_place(call)
               ? look_up_own(call, asked, error)
               : refuse(error, "Too many links are being asked for: try again in a few minutes.");
}

static gboolean look_before_finish(BusCall *call, gpointer data, GError **error)
{
    return look_up_caller(call, NULL, &((LinkFinishAsked *)data)->privileged, error);
}

static gboolean read_ask(BusCall *call, gpointer data, GError **error)
{
    return bus_read_host_tenant(call, error) &&
           bus_read_named(call, &((LinkAsked *)data)->services, error);
}

static gboolean read_list(BusCall *call, G_GNUC_UNUSED gpointer asked, GError **error)
{
    return bus_read_host_tenant(call, error);
}

static gboolean read_remove(BusCall *call, gpointer data, GError **error)
{
    LinkAsked *asked = data;
    const char *text = NULL;
    Id *id = bus_call_own(call, g_new0(Id, 1));

    if (!bus_read_host_tenant(call, error) || !bus_read_text(call, ID_TEXT_CHARS, &text, error)) {
        return FALSE;
    }
    if (*text && !id_from_text(text, id)) {
        return refuse(error, "That is not an id: an id has 22 characters.");
    }
    asked->id = *text ? id : NULL;
    return bus_read_named(call, &asked->services, error);
}

/* Another connection's request is no request. */
static gboolean read_finish(BusCall *call, gpointer data, GError **error)
{
    LinkFinishAsked *asked = data;

    if (!bus_read_host_tenant(call, error) || !bus_read_id(call, &asked->id, error) ||
        !bus_read_text(call, NUMBER_BYTES_MAX, &asked->typed, error)) {
        return FALSE;
    }
    return link_request_is_callers(call, asked->id) ||
           refuse(error, "There is no such request of yours: it is over, or was never there.");
}

static int reply_asked(BusCall *call, gpointer data, sd_bus_message *reply)
{
    const LinkRequestAnswer *answer = data;
    g_autofree char *uri = g_strconcat(call->caller.tenant->issuer, "/d", NULL);
    char id[ID_TEXT_CHARS + 1];

    link_request_remember(call, &answer->id);
    id_to_text(&answer->id, id);
    int r = sd_bus_message_append(
        reply, "ssss", id, answer->user_code, uri, call->caller.config->host_name);
    r = r < 0 ? r : sd_bus_message_append(reply, "s", answer->local_user);
    r = r < 0 ? r : sd_bus_message_append_strv(reply, answer->services);
    return r < 0 ? r : sd_bus_message_append(reply, "x", answer->expires_usec);
}

static void log_change(const BusCall *call, const char *link, const char *state)
{
    g_autofree char *uid = g_strdup_printf("%u", call->caller.uid);
    const LogField fields[] = {{"LINK", link}, {"STATE", state}, {"UID", uid}, {0}};

    log_event(
        LOG_LEVEL_NOTICE, LOG_EVENT_LINK_CHANGED, fields,
        "The local user with uid %s has %s links to himself", uid, state);
}

static int reply_finished(BusCall *call, gpointer data, sd_bus_message *reply)
{
    const LinkAnswer *answer = data;
    const LinkFinishAsked *asked = call->asked;
    char id[ID_TEXT_CHARS + 1];

    id_to_text(&answer->id, id);
    link_request_forget(call, asked->id);
    log_change(call, id, "added");
    return sd_bus_message_append(reply, "ss", ANTARA_LINK_MADE, id);
}

static int
reply_waits(G_GNUC_UNUSED BusCall *call, G_GNUC_UNUSED gpointer data, sd_bus_message *reply)
{
    return sd_bus_message_append(reply, "ss", ANTARA_LINK_WAITS, "");
}

static int append_link(sd_bus_message *reply, const LinkRow *row)
{
    char id[ID_TEXT_CHARS + 1];

    id_to_text(&row->id, id);
    int r = sd_bus_message_open_container(reply, 'r', "sassxb");
    r = r < 0 ? r : sd_bus_message_append(reply, "s", id);
    r = r < 0 ? r : sd_bus_message_append_strv(reply, row->services);
    r = r < 0
            ? r
            : sd_bus_message_append(reply, "sxb", row->local_user, row->born_usec, row->by_himself);
    return r < 0 ? r : sd_bus_message_close_container(reply);
}

static int reply_links(G_GNUC_UNUSED BusCall *call, gpointer answer, sd_bus_message *reply)
{
    const GArray *rows = ((LinkAnswer *)answer)->rows;

    int r = sd_bus_message_open_container(reply, 'a', "(sassxb)");
    for (guint i = 0; r >= 0 && rows && i < rows->len; i++) {
        r = append_link(reply, &g_array_index(rows, LinkRow, i));
    }
    return r < 0 ? r : sd_bus_message_close_container(reply);
}

static int
reply_removed(BusCall *call, G_GNUC_UNUSED gpointer answer, G_GNUC_UNUSED sd_bus_message *reply)
{
    log_change(call, "", "removed");
    return 0;
}

const BusMethod link_methods[] = {
    {.member = "Ask",
     .in = "sas",
     .out = "sssssasx",
     .names = "tenant\0services\0id\0user_code\0uri\0host\0local_user\0services\0expires\0",
     .action = ACTION_OWN,
     .act = &link_request_open_act,
     .asked_size = sizeof(LinkAsked),
     .read = read_ask,
     .look = look_before_ask,
     .reply = reply_asked},
    {.member = "Finish",
     .in = "sss",
     .out = "ss",
     .names = "tenant\0id\0number\0state\0link\0",
     .act = &link_request_finish_act,
     .asked_size = sizeof(LinkFinishAsked),
     .read = read_finish,
     .look = look_before_finish,
     .reply = reply_finished,
     .waits = reply_waits},
    {.member = "List",
     .in = "s",
     .out = "a(sassxb)",
     .names = "tenant\0links\0",
     .action = ACTION_OWN,
     .act = &link_own_list_act,
     .asked_size = sizeof(LinkAsked),
     .read = read_list,
     .look = look_up_own,
     .reply = reply_links},
    {.member = "Remove",
     .in = "ssas",
     .out = "",
     .names = "tenant\0id\0services\0",
     .action = ACTION_OWN,
     .act = &link_own_remove_act,
     .asked_size = sizeof(LinkAsked),
     .read = read_remove,
     .look = look_up_own,
     .reply = reply_removed},
    {0},
};
