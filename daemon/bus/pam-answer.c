/* SPDX-License-Identifier: GPL-3.0-or-later */

/* pam-answer.c - the rest of a conversation: what was typed, the wait, the end */

#include "base/log-events.h"
#include "base/log.h"
#include "bus/pam-inside.h"

#include <errno.h>

#define TYPED_BYTES_MAX   64U
#define SLICES_BEFORE_ASK 2U

/* Another caller's conversation is no conversation. */
static Conversation *conversation_of(const BusCall *call, const Id *id)
{
    Conversation *conversation = g_hash_table_lookup(pam_of(call)->conversations, id);
    const char *sender = sd_bus_message_get_sender(call->message);

    return conversation && g_strcmp0(conversation->sender, sender) == 0 ? conversation : NULL;
}

static gboolean read_conversation(BusCall *call, DeviceAnswerAsked *asked, GError **error)
{
    if (!pam_set_tenant(call, error) || !bus_read_id(call, &asked->id, error)) {
        return FALSE;
    }
    return conversation_of(call, asked->id) ||
           pam_refuse(error, "There is no such conversation of yours.");
}

/* Enter at the short prompt asks for the rest of it, and is no answer yet. */
static gboolean typed_read(BusCall *call, DeviceAnswerAsked *asked, GError **error)
{
    Conversation *conversation = conversation_of(call, asked->id);

    if (!bus_read_text(call, TYPED_BYTES_MAX, &asked->typed, error)) {
        return FALSE;
    }
    conversation->rest_wanted = conversation->rest && !*asked->typed;
    if (conversation->rest_wanted) {
        asked->typed = NULL;
    }
    return TRUE;
}

static gboolean respond_read(BusCall *call, gpointer asked, GError **error)
{
    return read_conversation(call, asked, error) && typed_read(call, asked, error);
}

static gboolean wait_read(BusCall *call, gpointer data, GError **error)
{
    DeviceAnswerAsked *asked = data;
    guint32 msec = 0;

    if (!read_conversation(call, asked, error)) {
        return FALSE;
    }
    Conversation *conversation = conversation_of(call, asked->id);
    if (sd_bus_message_read(call->message, "u", &msec) < 0 || msec > ANTARA_PAM_WAIT_MSEC) {
        return pam_refuse(error, "A slice has 5000 ms at most.");
    }
    if (conversation->waiting) {
        return pam_refuse(error, "The conversation waits already.");
    }
    call->data = GUINT_TO_POINTER(msec);
    conversation->slice_over = FALSE;
    return TRUE;
}

/* The end: the place is free again. */
static void conversation_end(const BusCall *call)
{
    const DeviceAnswerAsked *asked = call->asked;

    (void)g_hash_table_remove(pam_of(call)->conversations, asked->id);
}

static const char *method_of(const DeviceAnswerAnswer *answer)
{
    return answer->by_code ? "code" : answer->by_key ? "key" : "device";
}

static int answer_granted(BusCall *call, gpointer data, sd_bus_message *reply)
{
    const DeviceAnswerAnswer *answer = data;
    const DeviceAnswerAsked *asked = call->asked;
    Conversation *conversation = conversation_of(call, asked->id);

    if (answer->by_key) {
        const LogField fields[] = {{"AUDIT", answer->event}, {0}};
        log_event(
            LOG_LEVEL_NOTICE, LOG_EVENT_PAM_KNOWN_KEY, fields,
            "A sign-in was let in by an ssh key, as one with it was approved before");
    }
    if (!conversation) {
        return -ECONNRESET; /* its caller is gone */
    }
    const PamAnswer said = {
        .conversation = conversation,
        .state = ANTARA_PAM_APPROVED,
        .event = answer->event,
        .slug = conversation->uid == 0 ? answer->slug : NULL,
        .method = method_of(answer),
    };
    int r = pam_answer_append(&said, reply);
    conversation_end(call);
    return r;
}

static const char *state_of_end(Reason reason)
{
    switch ((int)reason) {
    case REASON_CODE_EXPIRED:
        return ANTARA_PAM_EXPIRED;
    case REASON_NO_LINK:
        return ANTARA_PAM_NO_LINK;
    case REASON_TOO_MANY:
        return ANTARA_PAM_THROTTLED;
    default:
        return ANTARA_PAM_DENIED;
    }
}

/* A new code for one that expired on the screen, while enough of the sign-in's time is left to use
 * it; NULL: none. (transfer full) */
static char *offer(const Conversation *conversation, Reason reason)
{
    if (reason != REASON_CODE_EXPIRED || !conversation || !conversation->by_page ||
        conversation->codes >= ANTARA_PAM_CODES_MAX ||
        conversation->until_usec - g_get_monotonic_time() <
            ANTARA_PAM_CODE_SECONDS_MIN * USEC_PER_SEC) {
        return NULL;
    }
    return pam_text_expired(ANTARA_PAM_CODES_MAX - conversation->codes);
}

static int answer_denied(BusCall *call, gpointer data, sd_bus_message *reply)
{
    const DeviceAnswerAnswer *answer = data;
    const DeviceAnswerAsked *asked = call->asked;
    const char *event = answer->event ? answer->event : "";
    const Conversation *conversation = conversation_of(call, asked->id);
    g_autofree char *info = pam_text_refusal(
        conversation ? conversation->shape : PAM_SHAPE_TERMINAL, pam_text_words(answer->reason),
        event);
    g_autofree char *prompt = offer(conversation, answer->reason);
    const LogField fields[] = {
        {"AUDIT", event}, {"REASON", reason_face(answer->reason)->event_id}, {0}};
    const PamAnswer said = {
        .conversation = conversation,
        .state = state_of_end(answer->reason),
        .info = info,
        .prompt = prompt,
        .event = event};

    log_event(
        LOG_LEVEL_NOTICE, LOG_EVENT_PAM_ENDED, fields, "A sign-in at a prompt was not approved");
    int r = pam_answer_append(&said, reply);
    conversation_end(call);
    return r;
}

/* Enter came before the approval: the module waits a while, then the person is asked again. */
static int answer_waits(BusCall *call, gpointer data, sd_bus_message *reply)
{
    const DeviceAnswerAnswer *answer = data;
    const DeviceAnswerAsked *asked = call->asked;
    Conversation *conversation = conversation_of(call, asked->id);
    g_autofree char *rest = NULL;
    PamAnswer said = {.conversation = conversation, .state = ANTARA_PAM_WAIT};

    if (!conversation) {
        return -ECONNRESET;
    }
    if (conversation->rest_wanted) {
        conversation->rest_wanted = FALSE;
        rest = g_steal_pointer(&conversation->rest);
        said.state = ANTARA_PAM_ASK;
        said.prompt = rest;
    } else if (answer->number_wanted) {
        said.state = ANTARA_PAM_ASK;
        said.prompt = PAM_TEXT_NUMBER;
    } else if (conversation->slices >= SLICES_BEFORE_ASK) {
        conversation->slices = 0;
        said.state = ANTARA_PAM_ASK;
        said.prompt = PAM_TEXT_AGAIN;
    }
    return pam_answer_append(&said, reply);
}

static gboolean slice_ends(gpointer data)
{
    Conversation *conversation = data;
    BusCall *call = g_steal_pointer(&conversation->waiting);

    conversation->timer = 0;
    conversation->slice_over = TRUE;
    conversation->slices++;
    call->gone = NULL;
    bus_call_again(call);
    return G_SOURCE_REMOVE;
}

static void wait_is_over(gpointer data)
{
    Conversation *conversation = data;

    conversation->waiting = NULL;
    if (conversation->timer) {
        g_clear_handle_id(&conversation->timer, g_source_remove);
    }
}

/* Keeps a Wait until somebody decides, or its slice is over. Two that were read before either was
 * kept are not both kept: the second is answered at once. */
static gboolean wait_pending(BusCall *call, gpointer data)
{
    const DeviceAnswerAnswer *answer = data;
    const DeviceAnswerAsked *asked = call->asked;
    Conversation *conversation = conversation_of(call, asked->id);

    if (!conversation || conversation->waiting || answer->number_wanted ||
        conversation->slice_over) {
        return FALSE;
    }
    guint msec = GPOINTER_TO_UINT(call->data);
    conversation->waiting = call;
    conversation->timer = g_timeout_add(msec, slice_ends, conversation);
    call->data = conversation;
    call->gone = wait_is_over;
    return TRUE;
}

static int cancel_reply(BusCall *call, gpointer answer, sd_bus_message *reply)
{
    (void)answer;
    (void)reply;
    conversation_end(call);
    return 0;
}

static gboolean cancel_read(BusCall *call, gpointer asked, GError **error)
{
    return read_conversation(call, asked, error);
}

/* These three need no admission: read_conversation() took only what is the caller's own. */
const BusMethod pam_respond_method = {
    .member = "Respond",
    .in = "ss",
    .out = ANTARA_PAM_ANSWER,
    .names = "conversation\0typed\0" PAM_ANSWER_NAMES,
    .act = &device_answer_act,
    .asked_size = sizeof(DeviceAnswerAsked),
    .read = respond_read,
    .reply = answer_granted,
    .denied = answer_denied,
    .waits = answer_waits,
};

const BusMethod pam_wait_method = {
    .member = "Wait",
    .in = "su",
    .out = ANTARA_PAM_ANSWER,
    .names = "conversation\0msec\0" PAM_ANSWER_NAMES,
    .act = &device_answer_act,
    .asked_size = sizeof(DeviceAnswerAsked),
    .read = wait_read,
    .reply = answer_granted,
    .denied = answer_denied,
    .pending = wait_pending,
    .waits = answer_waits,
};

const BusMethod pam_cancel_method = {
    .member = "Cancel",
    .in = "s",
    .out = "",
    .names = "conversation\0",
    .act = &device_cancel_act,
    .asked_size = sizeof(DeviceAnswerAsked),
    .read = cancel_read,
    .reply = cancel_reply,
};
