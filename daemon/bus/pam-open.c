/* SPDX-License-Identifier: GPL-3.0-or-later */

/* pam-open.c - the first call of a conversation: who asks for what, and the screen that answers */

#include "bus/pam-inside.h"
#include "core/ssh-key.h"

#include <string.h>

#define CODE_SECONDS     100U
#define PATIENCE_SECONDS 300U
#define AFTER_USEC       USEC_PER_MINUTE /* in which a prompt that is over can still be told so */

/* What Open was asked beside the act's own. */
typedef struct OpenAsked {
    DeviceOpenAsked device; /* first: its caller is set by serve */
    const char *qr;
    gboolean silent, terminal, utf8;
    guint32 timeout;
    guint32 codes;
    guint32 elapsed; /* seconds */
    guint seconds;   /* that the whole sign-in may last from now on */
} OpenAsked;

/* How long a code lives (pam.md), and how long the caller itself waits for a sign-in unless its
 * administrator says otherwise: sshd's LoginGraceTime, login's LOGIN_TIMEOUT. And whether it shows
 * but a line. */
typedef struct Patience {
    const char *name;
    guint code_seconds, seconds;
    gboolean line;
} Patience;

static Patience patience_of(const char *service)
{
    static const Patience rows[] = {
        {"sshd", 100, 120, FALSE},
        {"login", 45, 60, FALSE},
        {"sudo", 60, PATIENCE_SECONDS, FALSE},
        {"su", 60, PATIENCE_SECONDS, FALSE},
        {"gdm-password", 180, PATIENCE_SECONDS, TRUE},
        {"lightdm", 180, PATIENCE_SECONDS, TRUE},
        {"sddm", 180, PATIENCE_SECONDS, TRUE},
        {"polkit-1", CODE_SECONDS, PATIENCE_SECONDS, TRUE}};

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        if (g_str_equal(rows[i].name, service_base_name(service))) {
            return rows[i];
        }
    }
    return (Patience){service, CODE_SECONDS, PATIENCE_SECONDS, FALSE};
}

static const ServicePolicy *policy_of(const BusCall *call, const char *service)
{
    const CoreConfig *config = runner_config(bus_server_runner(call->object->server));

    return core_config_service(config, service_base_name(service));
}

/* Of a whole sign-in, with all its codes: the smallest of what policy and module say. */
static guint seconds_for(const BusCall *call, const OpenAsked *asked)
{
    const ServicePolicy *policy = policy_of(call, asked->device.pam_service);
    guint seconds = policy && policy->timeout ? policy->timeout
                                              : patience_of(asked->device.pam_service).seconds;

    return asked->timeout ? MIN(seconds, asked->timeout) : seconds;
}

static guint code_seconds(const OpenAsked *asked)
{
    return MIN(patience_of(asked->device.pam_service).code_seconds, asked->seconds);
}

static int read_text_detail(BusCall *call, const char **place)
{
    const char *text = NULL;
    int r = sd_bus_message_read(call->message, "v", "s", &text);

    if (r >= 0) {
        *place = *text ? bus_call_own(call, g_strndup(text, PAM_TEXT_BYTES_MAX)) : NULL;
    }
    return r;
}

/* Cut, it would name another key, or none: so what is too long is passed over. */
static int read_auth_info(BusCall *call, OpenAsked *asked)
{
    const char *text = NULL;
    int r = sd_bus_message_read(call->message, "v", "s", &text);

    if (r >= 0 && strlen(text) <= SSH_AUTH_INFO_BYTES_MAX) {
        asked->device.auth_info = bus_call_own(call, g_strdup(text));
    }
    return r;
}

static int read_flag_detail(BusCall *call, gboolean *place)
{
    int flag = 0;
    int r = sd_bus_message_read(call->message, "v", "b", &flag);

    *place = flag != 0;
    return r;
}

static int read_detail(BusCall *call, OpenAsked *asked, const char *name)
{
    const struct {
        const char *name;
        const char **place;
    } texts[] = {
        {"rhost", &asked->device.remote},
        {"tty", &asked->device.terminal},
        {"ruser", &asked->device.asker},
        {"qr", &asked->qr}};
    const struct {
        const char *name;
        gboolean *place;
    } flags[] = {
        {"silent", &asked->silent},
        {"terminal", &asked->terminal},
        {"utf8", &asked->utf8},
        {"privileged", &asked->device.privileged},
        {"superuser", &asked->device.superuser}};
    const struct {
        const char *name;
        guint32 *place;
    } counts[] = {
        {"timeout", &asked->timeout}, {"codes", &asked->codes}, {"elapsed", &asked->elapsed}};

    for (gsize i = 0; i < G_N_ELEMENTS(texts); i++) {
        if (g_str_equal(texts[i].name, name)) {
            return read_text_detail(call, texts[i].place);
        }
    }
    for (gsize i = 0; i < G_N_ELEMENTS(flags); i++) {
        if (g_str_equal(flags[i].name, name)) {
            return read_flag_detail(call, flags[i].place);
        }
    }
    for (gsize i = 0; i < G_N_ELEMENTS(counts); i++) {
        if (g_str_equal(counts[i].name, name)) {
            return sd_bus_message_read(call->message, "v", "u", counts[i].place);
        }
    }
    return sd_bus_message_skip(call->message, "v");
}

static int read_details(BusCall *call, OpenAsked *asked)
{
    int r = sd_bus_message_enter_container(call->message, 'a', "{sv}");

    while (r >= 0 && (r = sd_bus_message_enter_container(call->message, 'e', "sv")) > 0) {
        const char *name = NULL;
        r = sd_bus_message_read(call->message, "s", &name);
        if (r >= 0) {
            r = g_str_equal(name, "auth_info") ? read_auth_info(call, asked)
                                               : read_detail(call, asked, name);
        }
        r = r < 0 ? r : sd_bus_message_exit_container(call->message);
    }
    return r;
}

static gboolean open_read(BusCall *call, gpointer data, GError **error)
{
    OpenAsked *asked = data;

    asked->utf8 = asked->terminal = TRUE;
    if (!pam_set_tenant(call, error) ||
        !bus_read_text(call, PAM_TEXT_BYTES_MAX, &asked->device.pam_service, error) ||
        !bus_read_text(call, PAM_TEXT_BYTES_MAX, &asked->device.local_user, error)) {
        return FALSE;
    }
    if (read_details(call, asked) < 0) {
        return pam_refuse(error, "The details are malformed.");
    }
    if (asked->codes >= ANTARA_PAM_CODES_MAX) {
        return pam_refuse(error, "A sign-in has three codes at most.");
    }
    asked->seconds = seconds_for(call, asked);
    asked->device.life_usec = code_seconds(asked) * USEC_PER_SEC;
    asked->device.elapsed_usec = MIN(asked->elapsed, PATIENCE_SECONDS) * USEC_PER_SEC;
    return TRUE;
}

PamShape pam_shape_of(const BusCall *call, const char *service)
{
    const ServicePolicy *policy = policy_of(call, service);
    const gboolean line = patience_of(service).line || (policy && policy->unprivileged);

    return line ? PAM_SHAPE_LINE : PAM_SHAPE_TERMINAL;
}

/* Where nobody sits before a terminal (Ansible, an IMAP server), a program answers: one prompt, of
 * which it knows what it is for. An X display is no terminal. */
static PamShape shape_for(const BusCall *call, const OpenAsked *asked)
{
    const char *tty = asked->device.terminal;
    const PamShape shape =
        tty && *tty == ':' ? PAM_SHAPE_LINE : pam_shape_of(call, asked->device.pam_service);

    return shape == PAM_SHAPE_TERMINAL && (asked->silent || !asked->terminal) ? PAM_SHAPE_PROMPT
                                                                              : shape;
}

static gboolean open_admit(BusCall *call)
{
    const DeviceOpenAsked *asked = call->asked;

    return pam_may_ask(call, asked->pam_service, asked->local_user);
}

static gboolean open_look(BusCall *call, gpointer data, GError **error)
{
    const OpenAsked *asked = data;

    return pam_make_place(call, asked->device.local_user) ||
           pam_refuse(error, "Too many conversations are under way.");
}

static Conversation *
conversation_new(BusCall *call, const DeviceOpenAnswer *answer, const OpenAsked *asked)
{
    Conversation *conversation = g_new0(Conversation, 1);
    const gint64 now_usec = g_get_monotonic_time();

    conversation->id = answer->id;
    conversation->pam = pam_of(call);
    conversation->sender = g_strdup(sd_bus_message_get_sender(call->message));
    conversation->uid = call->caller.uid;
    conversation->user = g_strdup(asked->device.local_user);
    conversation->origin = device_origin_of(
        service_base_name(asked->device.pam_service), asked->device.local_user,
        asked->device.remote, asked->device.asker);
    conversation->seconds = asked->seconds;
    conversation->codes = asked->codes + 1;
    conversation->shape = shape_for(call, asked);
    conversation->by_page = answer->user_code != NULL;
    conversation->born_usec = now_usec;
    conversation->until_usec = now_usec + asked->seconds * USEC_PER_SEC;
    conversation->ends_usec = now_usec + code_seconds(asked) * USEC_PER_SEC + AFTER_USEC;
    g_hash_table_replace(conversation->pam->conversations, &conversation->id, conversation);
    return conversation;
}

/* Since 10.3 sshd shows a text when it comes; before, it keeps it for the next prompt. */
static gboolean tells_at_once(const BusCall *call, const OpenAsked *asked)
{
    gboolean ssh = g_strcmp0(asked->device.terminal, "ssh") == 0 ||
                   g_str_equal(asked->device.pam_service, "sshd");

    return ssh && call->caller.config->ssh_immediate_info == SSH_INFO_AT_ONCE;
}

static int open_reply(BusCall *call, gpointer data, sd_bus_message *reply)
{
    const DeviceOpenAnswer *answer = data;
    const OpenAsked *asked = call->asked;
    Conversation *conversation = conversation_new(call, answer, asked);

    if (answer->known) { /* nothing is shown: the end comes with the first Wait */
        const PamAnswer wait = {.conversation = conversation, .state = ANTARA_PAM_WAIT};
        return pam_answer_append(&wait, reply);
    }
    const PamScreen screen = {
        .tenant = call->caller.tenant,
        .host = call->caller.config->host_name,
        .service = asked->device.pam_service,
        .user = asked->device.local_user,
        .remote = asked->device.remote,
        .user_code = answer->user_code,
        .seconds = code_seconds(asked),
        .one_time = service_takes_codes(call->caller.config, asked->device.pam_service),
        .shape = conversation->shape,
        .utf8 = asked->utf8,
        .qr = !asked->qr || !g_str_equal(asked->qr, "off"),
        .qr_inverse = asked->qr && g_str_equal(asked->qr, "inverse"),
    };
    g_autofree char *info = pam_text_info(&screen);
    g_autofree char *prompt = pam_text_prompt(&screen);
    PamAnswer said = {
        .conversation = conversation,
        .state = tells_at_once(call, asked) ? ANTARA_PAM_TELL : ANTARA_PAM_ASK,
        .info = info,
        .prompt = prompt};

    if (screen.shape == PAM_SHAPE_PROMPT && screen.one_time && asked->codes == 0) {
        said.prompt = PAM_TEXT_PASSWORD;
        said.hidden = TRUE; /* for programs, what may be seen is the user's name */
        conversation->rest = g_steal_pointer(&prompt);
    }
    return pam_answer_append(&said, reply);
}

static int open_throttled(BusCall *call, const DeviceOpenAnswer *answer, sd_bus_message *reply)
{
    const OpenAsked *asked = call->asked;
    g_autofree char *info =
        pam_text_refusal(shape_for(call, asked), pam_text_words(answer->reason), answer->event);
    const PamAnswer said = {.state = ANTARA_PAM_THROTTLED, .info = info, .event = answer->event};

    if (answer->event_is_new) {
        pam_log_refused(
            answer->reason, answer->event, asked->device.pam_service, asked->device.local_user);
    }
    return pam_answer_append(&said, reply);
}

static int open_denied(BusCall *call, gpointer data, sd_bus_message *reply)
{
    const DeviceOpenAnswer *answer = data;
    const PamAnswer said = {
        .state = answer->reason == REASON_SERVICE_OFF ? ANTARA_PAM_IGNORED : ANTARA_PAM_DENIED};

    return answer->reason == REASON_TOO_MANY ? open_throttled(call, answer, reply)
                                             : pam_answer_append(&said, reply);
}

const BusMethod pam_open_method = {
    .member = "Open",
    .in = "ssa{sv}",
    .out = ANTARA_PAM_ANSWER,
    .names = "service\0user\0details\0" PAM_ANSWER_NAMES,
    .admit = open_admit,
    .act = &device_open_act,
    .asked_size = sizeof(OpenAsked),
    .read = open_read,
    .look = open_look,
    .reply = open_reply,
    .denied = open_denied,
};
