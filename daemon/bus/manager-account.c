/* SPDX-License-Identifier: GPL-3.0-or-later */

/* manager-account.c - accounts, their sessions, and the audit: personal, so polkit is asked always
 */

#include "base/error.h"
#include "base/log-events.h"
#include "base/log.h"
#include "bus/manager.h"
#include "core/event.h"
#include "core/session.h"

#define ACTION_MANAGE      "org.antara1.manage-accounts"
#define ACTION_VIEW        "org.antara1.view-accounts"
#define ACTION_EVENTS      "org.antara1.view-events"
#define ACCOUNT_FIELDS     "ssssx" /* id, email, state, locale, born */
#define SESSION_FIELDS     "sxxss" /* id, born, used, address, agent */
#define EVENT_ID_BYTES_MAX 32U

static gboolean read_email(BusCall *call, gpointer asked, GError **error)
{
    return bus_read_tenant(call, error) &&
           bus_read_text(call, BUS_TEXT_BYTES_MAX, &((AccountAsked *)asked)->email, error);
}

static gboolean read_account(BusCall *call, gpointer asked, GError **error)
{
    return bus_read_tenant(call, error) && bus_read_id(call, &((AccountAsked *)asked)->id, error);
}

static gboolean read_sessions(BusCall *call, gpointer asked, GError **error)
{
    return bus_read_tenant(call, error) &&
           bus_read_id(call, &((SessionListAsked *)asked)->account, error);
}

static gboolean read_session(BusCall *call, gpointer asked, GError **error)
{
    return bus_read_tenant(call, error) &&
           bus_read_id(call, &((SessionListAsked *)asked)->session, error);
}

static gboolean read_event(BusCall *call, gpointer asked, GError **error)
{
    return bus_read_tenant(call, error) &&
           bus_read_text(call, EVENT_ID_BYTES_MAX, &((EventAsked *)asked)->id, error);
}

static int reply_id(G_GNUC_UNUSED BusCall *call, gpointer answer, sd_bus_message *reply)
{
    char id[ID_TEXT_CHARS + 1];

    id_to_text(&((AccountAnswer *)answer)->id, id);
    return sd_bus_message_append(reply, "s", id);
}

static int reply_account(G_GNUC_UNUSED BusCall *call, gpointer answer, sd_bus_message *reply)
{
    const AccountAnswer *account = answer;
    char id[ID_TEXT_CHARS + 1];

    id_to_text(&account->id, id);
    return sd_bus_message_append(
        reply, "(" ACCOUNT_FIELDS ")", id, account->email ? account->email : "",
        account->state == ACCOUNT_ACTIVE ? "active" : "suspended",
        account->locale ? account->locale : "", account->born_usec);
}

static void log_change(const BusCall *call, const AccountAnswer *answer, const char *state)
{
    g_autofree char *uid = g_strdup_printf("%u", call->caller.uid);
    char id[ID_TEXT_CHARS + 1];
    const LogField fields[] = {{"ACCOUNT", id}, {"STATE", state}, {"UID", uid}, {0}};

    if (answer->changed) {
        id_to_text(((const AccountAsked *)call->asked)->id, id);
        log_event(
            LOG_LEVEL_NOTICE, LOG_EVENT_ACCOUNT_CHANGED, fields, "An account is %s now", state);
    }
}

static int reply_suspended(BusCall *call, gpointer answer, G_GNUC_UNUSED sd_bus_message *reply)
{
    log_change(call, answer, "suspended");
    return 0;
}

static int reply_resumed(BusCall *call, gpointer answer, G_GNUC_UNUSED sd_bus_message *reply)
{
    log_change(call, answer, "active");
    return 0;
}

static int append_session(sd_bus_message *reply, const SessionRow *row)
{
    char id[ID_TEXT_CHARS + 1];

    id_to_text(&row->id, id);
    return sd_bus_message_append(
        reply, "(" SESSION_FIELDS ")", id, row->born_usec, row->used_usec,
        row->address ? row->address : "", row->agent ? row->agent : "");
}

static int reply_sessions(G_GNUC_UNUSED BusCall *call, gpointer answer, sd_bus_message *reply)
{
    const GArray *rows = ((SessionListAnswer *)answer)->sessions;

    int r = sd_bus_message_open_container(reply, 'a', "(" SESSION_FIELDS ")");
    for (guint i = 0; r >= 0 && rows && i < rows->len; i++) {
        r = append_session(reply, &g_array_index(rows, SessionRow, i));
    }
    return r < 0 ? r : sd_bus_message_close_container(reply);
}

static const char *event_what(guint32 what)
{
    static const char *const names[] = {
        [EVENT_SIGN_IN] = "sign-in",
        [EVENT_SIGN_OUT] = "sign-out",
        [EVENT_CONSENT] = "consent",
        [EVENT_TOKEN_REUSE] = "token-reuse",
        [EVENT_DEVICE_DECISION] = "device-decision",
        [EVENT_LINK_CHANGE] = "link-change",
        [EVENT_APP_CHANGE] = "app-change",
        [EVENT_KEY_CHANGE] = "key-change",
        [EVENT_ACCOUNT_CHANGE] = "account-change",
        [EVENT_MUTE] = "mute",
        [EVENT_KNOWN_KEY] = "known-key",
        [EVENT_REFUSAL] = "refusal",
    };

    return what < G_N_ELEMENTS(names) && names[what] ? names[what] : "unknown";
}

static const char *event_outcome(guint32 outcome)
{
    static const char *const names[] = {
        [OUTCOME_DENIED] = "denied",
        [OUTCOME_GRANTED] = "granted",
        [OUTCOME_PENDING] = "pending",
        [OUTCOME_BROKEN] = "broken"};

    return outcome < G_N_ELEMENTS(names) ? names[outcome] : "unknown";
}

static int reply_event(G_GNUC_UNUSED BusCall *call, gpointer answer, sd_bus_message *reply)
{
    const Event *event = ((EventAnswer *)answer)->event;
    const gboolean has_reason = event->reason != REASON_NONE;
    const ReasonFace *face = reason_face((Reason)event->reason);

    return sd_bus_message_append(
        reply, "(sxsssss)", event->id, event->time_usec, event_what(event->what),
        event_outcome(event->outcome), has_reason ? face->event_id : "",
        has_reason ? face->words : "", event->detail ? event->detail : "");
}

const BusMethod manager_account_methods[] = {
    {.member = "AddAccount",
     .in = "ss",
     .out = "s",
     .names = "tenant\0email\0id\0",
     .action = ACTION_MANAGE,
     .act = &account_add_act,
     .asked_size = sizeof(AccountAsked),
     .read = read_email,
     .reply = reply_id},
    {.member = "FindAccount",
     .in = "ss",
     .out = "(" ACCOUNT_FIELDS ")",
     .names = "tenant\0email\0account\0",
     .action = ACTION_VIEW,
     .act = &account_show_act,
     .asked_size = sizeof(AccountAsked),
     .read = read_email,
     .reply = reply_account},
    {.member = "ShowAccount",
     .in = "ss",
     .out = "(" ACCOUNT_FIELDS ")",
     .names = "tenant\0id\0account\0",
     .action = ACTION_VIEW,
     .act = &account_show_act,
     .asked_size = sizeof(AccountAsked),
     .read = read_account,
     .reply = reply_account},
    {.member = "SuspendAccount",
     .in = "ss",
     .out = "",
     .names = "tenant\0id\0",
     .action = ACTION_MANAGE,
     .act = &account_suspend_act,
     .asked_size = sizeof(AccountAsked),
     .read = read_account,
     .reply = reply_suspended},
    {.member = "ResumeAccount",
     .in = "ss",
     .out = "",
     .names = "tenant\0id\0",
     .action = ACTION_MANAGE,
     .act = &account_resume_act,
     .asked_size = sizeof(AccountAsked),
     .read = read_account,
     .reply = reply_resumed},
    {.member = "ListSessions",
     .in = "ss",
     .out = "a(" SESSION_FIELDS ")",
     .names = "tenant\0account\0sessions\0",
     .action = ACTION_VIEW,
     .act = &session_list_act,
     .asked_size = sizeof(SessionListAsked),
     .read = read_sessions,
     .reply = reply_sessions},
    {.member = "RevokeSession",
     .in = "ss",
     .out = "",
     .names = "tenant\0id\0",
     .action = ACTION_MANAGE,
     .act = &session_revoke_act,
     .asked_size = sizeof(SessionListAsked),
     .read = read_session},
    {.member = "Explain",
     .in = "ss",
     .out = "(sxsssss)",
     .names = "tenant\0id\0event\0",
     .action = ACTION_EVENTS,
     .act = &event_explain_act,
     .asked_size = sizeof(EventAsked),
     .read = read_event,
     .reply = reply_event},
    {0},
};
