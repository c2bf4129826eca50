/* SPDX-License-Identifier: GPL-3.0-or-later */

/* approval.c - list, deny, approve: each for a person about himself, and for an administrator about
 * everybody, under an action of its own */

#include "base/log-events.h"
#include "base/log.h"
#include "bus/approval-inside.h"
#include "bus/local-user.h"
#include "bus/pam.h"
#include "dbus/names.h"

#include <string.h>

#define APPROVAL_FIELDS "ssssssbbxx" /* id … remote, approved, approvable, born, expires */

gboolean approval_read_tenant(BusCall *call, G_GNUC_UNUSED gpointer asked, GError **error)
{
    return bus_read_host_tenant(call, error);
}

static gboolean read_id(BusCall *call, gpointer asked, GError **error)
{
    return bus_read_host_tenant(call, error) &&
           bus_read_id(call, &((ApprovalAsked *)asked)->id, error);
}

gboolean approval_look_own(BusCall *call, gpointer asked, GError **error)
{
    g_auto(LocalUser) user = {0};

    if (!local_user_find(call->caller.uid, &user, error)) {
        return FALSE;
    }
    ((ApprovalAsked *)asked)->own_user = bus_call_own(call, g_steal_pointer(&user.name));
    return TRUE;
}

gboolean
approval_look_everybody(G_GNUC_UNUSED BusCall *call, gpointer asked, G_GNUC_UNUSED GError **error)
{
    ((ApprovalAsked *)asked)->everybody = TRUE;
    return TRUE;
}

static void add_conversations(BusCall *call, ApprovalAsked *asked)
{
    const gpointer pam = bus_server_part(call->object->server, &pam_part);

    asked->ids = bus_call_own(call, pam_conversations(pam, &asked->n_ids));
}

static gboolean look_list_own(BusCall *call, gpointer asked, GError **error)
{
    add_conversations(call, asked);
    return approval_look_own(call, asked, error);
}

static gboolean look_list_all(BusCall *call, gpointer asked, GError **error)
{
    add_conversations(call, asked);
    return approval_look_everybody(call, asked, error);
}

/* Groups are looked up anew: who was made an administrator since his prompt opened is one. */
static gboolean look_approve_own(BusCall *call, gpointer data, GError **error)
{
    ApprovalAsked *asked = data;
    g_auto(LocalUser) user = {0};

    asked->privileged = TRUE;
    if (!local_user_find(call->caller.uid, &user, error) ||
        !local_user_is_privileged(call->caller.uid, &user, &asked->privileged, error)) {
        return FALSE;
    }
    asked->own_user = bus_call_own(call, g_steal_pointer(&user.name));
    return TRUE;
}

static int append_row(sd_bus_message *reply, const ApprovalRow *row)
{
    char id[ID_TEXT_CHARS + 1];

    id_to_text(&row->id, id);
    return sd_bus_message_append(
        reply, "(" APPROVAL_FIELDS ")", id, row->service, row->local_user, row->asker,
        row->terminal, row->remote, row->approved, row->approvable, row->born_usec,
        row->expires_usec);
}

static int reply_list(G_GNUC_UNUSED BusCall *call, gpointer answer, sd_bus_message *reply)
{
    const GArray *rows = ((ApprovalAnswer *)answer)->rows;

    int r = sd_bus_message_open_container(reply, 'a', "(" APPROVAL_FIELDS ")");
    for (guint i = 0; r >= 0 && rows && i < rows->len; i++) {
        r = append_row(reply, &g_array_index(rows, ApprovalRow, i));
    }
    return r < 0 ? r : sd_bus_message_close_container(reply);
}

static void log_decision(const BusCall *call, const ApprovalAnswer *answer, const char *decision)
{
    g_autofree char *uid = g_strdup_printf("%u", call->caller.uid);
    const LogField fields[] = {{"AUDIT", answer->event}, {"DECISION", decision}, {"UID", uid}, {0}};

    log_event(
        LOG_LEVEL_NOTICE, LOG_EVENT_APPROVAL_DECIDED, fields,
        "A sign-in at a prompt was %s on the bus", decision);
}

static int reply_denied(BusCall *call, gpointer data, sd_bus_message *reply)
{
    const ApprovalAnswer *answer = data;

    log_decision(call, answer, "denied");
    return sd_bus_message_append(reply, "s", answer->event);
}

static int reply_approved(BusCall *call, gpointer data, sd_bus_message *reply)
{
    const ApprovalAnswer *answer = data;

    log_decision(call, answer, "approved");
    return sd_bus_message_append(reply, "ss", answer->number ? answer->number : "", answer->event);
}

static const char *problem_of(gconstpointer answer)
{
    return ((const ApprovalAnswer *)answer)->problem;
}

static const BusMethod decision_methods[] = {
    {.member = "List",
     .in = "s",
     .out = "a(" APPROVAL_FIELDS ")",
     .names = "tenant\0approvals\0",
     .action = ACTION_OWN,
     .act = &approval_list_act,
     .asked_size = sizeof(ApprovalAsked),
     .read = approval_read_tenant,
     .look = look_list_own,
     .reply = reply_list},
    {.member = "ListAll",
     .in = "s",
     .out = "a(" APPROVAL_FIELDS ")",
     .names = "tenant\0approvals\0",
     .action = ACTION_MANAGE,
     .act = &approval_list_act,
     .asked_size = sizeof(ApprovalAsked),
     .read = approval_read_tenant,
     .look = look_list_all,
     .reply = reply_list},
    {.member = "Deny",
     .in = "ss",
     .out = "s",
     .names = "tenant\0id\0event\0",
     .action = ACTION_OWN,
     .act = &approval_deny_act,
     .asked_size = sizeof(ApprovalAsked),
     .read = read_id,
     .look = approval_look_own,
     .reply = reply_denied},
    {.member = "DenyAny",
     .in = "ss",
     .out = "s",
     .names = "tenant\0id\0event\0",
     .action = ACTION_MANAGE,
     .act = &approval_deny_act,
     .asked_size = sizeof(ApprovalAsked),
     .read = read_id,
     .look = approval_look_everybody,
     .reply = reply_denied},
    {.member = "Approve",
     .in = "ss",
     .out = "ss",
     .names = "tenant\0id\0number\0event\0",
     .action = ACTION_APPROVE,
     .act = &approval_approve_act,
     .asked_size = sizeof(ApprovalAsked),
     .read = read_id,
     .look = look_approve_own,
     .reply = reply_approved,
     .problem = problem_of},
    {.member = "ApproveAny",
     .in = "ss",
     .out = "ss",
     .names = "tenant\0id\0number\0event\0",
     .action = ACTION_MANAGE,
     .act = &approval_approve_act,
     .asked_size = sizeof(ApprovalAsked),
     .read = read_id,
     .look = approval_look_everybody,
     .reply = reply_approved,
     .problem = problem_of},
    {0},
};

static const BusMethod *const groups[] = {decision_methods, approval_watch_methods};

static const sd_bus_vtable signals[] = {
    SD_BUS_SIGNAL_WITH_NAMES("Changed", "s", SD_BUS_PARAM(id), 0),
    {0},
};

static gpointer approval_new(BusServer *server)
{
    Approvals *approvals = g_new0(Approvals, 1);

    approvals->methods = bus_methods_join(groups, G_N_ELEMENTS(groups));
    approvals->object = (BusObject){.server = server, .methods = approvals->methods};
    approvals->vtable = bus_vtable_new(approvals->methods, signals);
    approvals->watchers = watchers_new(approvals);
    return approvals;
}

static int approval_export(gpointer part, sd_bus *bus)
{
    Approvals *approvals = part;
    int r = watchers_listen(approvals->watchers, bus);

    return r < 0 ? r
                 : sd_bus_add_object_vtable(
                       bus, NULL, ANTARA_BUS_PATH, ANTARA_BUS_APPROVAL, approvals->vtable,
                       &approvals->object);
}

static void approval_lost(gpointer part)
{
    watchers_lost(((Approvals *)part)->watchers);
}

static void approval_heard(gpointer part, const Announcement *announcement)
{
    watchers_heard(((Approvals *)part)->watchers, announcement);
}

static void approval_free(gpointer part)
{
    Approvals *approvals = part;

    watchers_free(approvals->watchers);
    g_free(approvals->vtable);
    g_free(approvals->methods);
    g_free(approvals);
}

const BusPart approval_part = {
    .new = approval_new,
    .export = approval_export,
    .lost = approval_lost,
    .heard = approval_heard,
    .free = approval_free};
