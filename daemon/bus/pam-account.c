/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * pam-account.c - the account phase: answered from what is there, and a refusal's event is written
 * once the answer has left
 */

#include "base/catalog.h"
#include "base/log-events.h"
#include "base/log.h"
#include "bus/pam-inside.h"

static gboolean account_read(BusCall *call, gpointer data, GError **error)
{
    DeviceAccountAsked *asked = data;

    return pam_set_tenant(call, error) &&
           bus_read_text(call, PAM_TEXT_BYTES_MAX, &asked->pam_service, error) &&
           bus_read_text(call, PAM_TEXT_BYTES_MAX, &asked->local_user, error);
}

static gboolean account_admit(BusCall *call)
{
    const DeviceAccountAsked *asked = call->asked;

    return pam_may_ask(call, asked->pam_service, asked->local_user);
}

static int append(sd_bus_message *reply, const char *state, const char *info, const char *event)
{
    return sd_bus_message_append(reply, ANTARA_PAM_ACCOUNT, state, info, event);
}

static int account_reply(BusCall *call, gpointer answer, sd_bus_message *reply)
{
    (void)call;
    (void)answer;
    return append(reply, ANTARA_PAM_APPROVED, "", "");
}

/* A full disk keeps no event; what is told is what can be explained. */
static const char *event_to_tell(BusCall *call, const DeviceAccountAnswer *answer)
{
    if (!answer->event_is_new) {
        return answer->event;
    }
    if (runner_is_read_only(bus_server_runner(call->object->server))) {
        return "";
    }
    call->gone = g_free;
    call->data = g_strdup(answer->event);
    return answer->event;
}

static int account_denied(BusCall *call, gpointer data, sd_bus_message *reply)
{
    const DeviceAccountAnswer *answer = data;
    const DeviceAccountAsked *asked = call->asked;

    if (answer->reason == REASON_SERVICE_OFF) {
        return append(reply, ANTARA_PAM_IGNORED, "", "");
    }
    const char *event = event_to_tell(call, answer);
    g_autofree char *info = pam_text_refusal(
        pam_shape_of(call, asked->pam_service), N_("this user may not sign in here"), event);
    if (answer->event_is_new) { /* once a minute: whoever asks on and on fills no log */
        pam_log_refused(answer->reason, event, asked->pam_service, asked->local_user);
    }
    return append(reply, ANTARA_PAM_NO_LINK, info, event);
}

/* What was told and is not written: run outside any call. */
typedef struct Note {
    Caller caller;
    DeviceAccountAsked asked;
    char *pam_service, *local_user, *event;
} Note;

static void note_free(Note *note)
{
    g_free(note->pam_service);
    g_free(note->local_user);
    g_free(note->event);
    g_free(note);
}

static void
noted(Outcome outcome, gpointer answer, guint64 point, const GError *error, gpointer data)
{
    Note *note = data;
    const LogField fields[] = {{"AUDIT", note->event}, {0}};

    (void)answer;
    (void)point; /* nobody waits for it */
    if (outcome == OUTCOME_BROKEN) {
        log_event(
            LOG_LEVEL_ERR, LOG_EVENT_ACT_BROKEN, fields,
            "The event of a refusal was not written: %s",
            error ? error->message : "without an error");
    }
    note_free(note);
}

static void account_sent(BusCall *call)
{
    const DeviceAccountAsked *asked = call->asked;
    char *event = g_steal_pointer(&call->data);

    if (!event) {
        return;
    }
    Note *note = g_new0(Note, 1);
    note->caller = call->caller;
    note->pam_service = g_strdup(asked->pam_service);
    note->local_user = g_strdup(asked->local_user);
    note->event = event;
    note->asked =
        (DeviceAccountAsked){&note->caller, note->pam_service, note->local_user, note->event};
    const RunCall run = {&device_account_note_act, &note->asked, &note->caller};
    provider_ask(call->object->provider, &run, noted, note);
}

const BusMethod pam_account_method = {
    .member = "Account",
    .in = "ss",
    .out = ANTARA_PAM_ACCOUNT,
    .names = "service\0user\0state\0info\0event\0",
    .admit = account_admit,
    .act = &device_account_act,
    .asked_size = sizeof(DeviceAccountAsked),
    .read = account_read,
    .reply = account_reply,
    .denied = account_denied,
    .sent = account_sent,
};
