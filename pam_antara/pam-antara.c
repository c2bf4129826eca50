/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * pam-antara.c - the PAM module: what an application's calls become
 *
 * The daemon decides, and writes every text; this module carries them between the bus and the
 * application's conversation. It lives inside login, sudo and sshd: no globals, no threads, no
 * signal handlers, no wait without limit.
 */

#include "options.h"
#include "peer.h"
#include "service.h"
#include "talk.h"
#include "terminal.h"
#include "user.h"

#include "dbus/names.h"

#include <errno.h>
#include <security/pam_ext.h>
#include <string.h>
#include <syslog.h>

#define PROMPTS_MAX 32U  /* of one code: a daemon that asks for ever is broken */
#define TURNS_MAX   256U /* and so is one that answers "wait" at once */

typedef struct SignIn {
    pam_handle_t *pamh;
    Options options;
    bool silent;
    Peer peer;
    PeerAnswer answer;
    char *conversation;
    unsigned codes;   /* conversations so far, each with a code of its own */
    unsigned prompts; /* of this conversation */
} SignIn;

static void sign_in_clear(SignIn *self)
{
    peer_answer_clear(&self->answer);
    peer_close(&self->peer);
    free(self->conversation);
}

static const char *item(pam_handle_t *pamh, int which)
{
    const void *text = NULL;

    return pam_get_item(pamh, which, &text) == PAM_SUCCESS ? text : NULL;
}

static int unavailable(pam_handle_t *pamh, const char *what, int r)
{
    if (r == -EPERM) {
        pam_syslog(pamh, LOG_ERR, "%s: org.antara1 belongs to a stranger", what);
    } else {
        pam_syslog(pamh, LOG_ERR, "%s: %s", what, strerror(-r));
    }
    return r == -ENOMEM ? PAM_BUF_ERR : PAM_AUTHINFO_UNAVAIL;
}

static PeerAsked asked_from(const SignIn *self)
{
    const char *user = item(self->pamh, PAM_USER);
    const UserRank rank = user_rank(self->pamh, user);

    return (PeerAsked){
        .service = item(self->pamh, PAM_SERVICE),
        .user = user,
        .rhost = item(self->pamh, PAM_RHOST),
        .tty = item(self->pamh, PAM_TTY),
        .ruser = item(self->pamh, PAM_RUSER),
        .auth_info = pam_getenv(self->pamh, "SSH_AUTH_INFO_0"),
        .qr = self->options.qr,
        .timeout_seconds = peer_seconds_left(&self->peer),
        .codes = self->codes,
        .silent = self->silent,
        .terminal = terminal_is_there(item(self->pamh, PAM_TTY)),
        .elapsed_seconds = peer_seconds_gone(&self->peer),
        .privileged = rank.privileged,
        .superuser = rank.superuser,
        .utf8 = terminal_is_utf8(),
    };
}

static int put_environment(SignIn *self)
{
    for (size_t i = 0; i < self->answer.variables_count; i++) {
        const PeerVariable *variable = &self->answer.variables[i];
        CLEANUP(cleanup_text) char *line = NULL;

        if (strcmp(variable->name, ANTARA_ENV_SLUG) == 0 && !self->options.slug) {
            continue;
        }
        if (asprintf(&line, "%s=%s", variable->name, variable->value) < 0) {
            line = NULL;
            return PAM_BUF_ERR;
        }
        int code = pam_putenv(self->pamh, line);
        if (code != PAM_SUCCESS) {
            return code;
        }
    }
    return PAM_SUCCESS;
}

/* The table of ends that are no success. */
static int refusal(PeerState state)
{
    switch (state) {
    case PEER_STATE_DENIED:
    case PEER_STATE_EXPIRED:
        return PAM_AUTH_ERR;
    case PEER_STATE_NO_LINK:
        return PAM_USER_UNKNOWN;
    case PEER_STATE_THROTTLED:
        return PAM_MAXTRIES;
    case PEER_STATE_IGNORED:
        return PAM_IGNORE;
    case PEER_STATE_NONE:
    case PEER_STATE_ASK:
    case PEER_STATE_TELL:
    case PEER_STATE_WAIT:
    case PEER_STATE_APPROVED:
        break;
    }
    return PAM_AUTHINFO_UNAVAIL;
}

/* The last words, and for the log the event that explains them. */
static void tell_end(pam_handle_t *pamh, const PeerAnswer *answer, bool silent)
{
    if (!silent && answer->info[0] != '\0') {
        talk_tell_end(pamh, answer->info);
    }
    if (answer->event[0] != '\0') {
        pam_syslog(pamh, LOG_NOTICE, "not approved, event %s", answer->event);
    }
}

/* The only place where somebody gets in. */
static int finish(SignIn *self)
{
    const PeerAnswer *answer = &self->answer;

    if (answer->state == PEER_STATE_APPROVED && answer->conversation[0] != '\0' &&
        strcmp(answer->conversation, self->conversation) == 0) {
        int code = put_environment(self);
        if (code != PAM_SUCCESS) {
            return code;
        }
        return PAM_SUCCESS;
    }
    tell_end(self->pamh, answer, self->silent);
    return refusal(answer->state);
}

/* Shows the prompt, and gives the daemon what was typed. */
static int ask_person(SignIn *self)
{
    CLEANUP(talk_forget) char *typed = NULL;
    const PeerAnswer *answer = &self->answer;
    const char *info = self->silent || answer->info[0] == '\0' ? NULL : answer->info;
    int r = 0;

    if (info != NULL && answer->state == PEER_STATE_TELL) {
        r = talk_tell(self->pamh, info);
        info = NULL;
    }
    if (r >= 0) {
        r = talk_ask(self->pamh, info, answer->prompt, answer->echo, &typed);
    }
    if (r < 0) {
        return r;
    }
    return peer_respond(&self->peer, self->conversation, typed, &self->answer);
}

/* What ends in "unavailable" is the daemon's doing alone: else whoever sits at the prompt could
 * have the ways in that are open only while it is away. */
static int give_up(SignIn *self, const char *what, int r)
{
    const bool is_there = peer_cancel(&self->peer, self->conversation) >= 0;

    if (r == -ECONNABORTED) {
        return PAM_CONV_ERR;
    }
    if (r == -ETIMEDOUT && is_there) { /* the time was the person's */
        return PAM_AUTH_ERR;
    }
    if (r == -EINVAL) { /* InvalidArgs: it has forgotten this conversation, as one too many */
        return PAM_AUTH_ERR;
    }
    return unavailable(self->pamh, what, r);
}

/* Opens a conversation: the first, or one with a new code. */
static int begin(SignIn *self)
{
    const PeerAsked asked = asked_from(self);
    int r = peer_begin(&self->peer, &asked, &self->answer);

    if (r < 0) {
        return r;
    }
    char *conversation = strdup(self->answer.conversation);
    if (conversation == NULL) {
        return -ENOMEM;
    }
    free(self->conversation);
    self->conversation = conversation;
    self->codes++;
    self->prompts = 0;
    peer_limit(&self->peer, self->answer.timeout_seconds);
    return 0;
}

/* Enter has a new code; whoever types something, or comes too late, has the old one's end. */
static int offer_new_code(SignIn *self)
{
    CLEANUP(talk_forget) char *typed = NULL;
    int r = talk_ask(self->pamh, NULL, self->answer.prompt, self->answer.echo, &typed);

    if (r < 0) {
        return r;
    }
    if (typed[0] == '\0' && peer_seconds_left(&self->peer) >= ANTARA_PAM_CODE_SECONDS_MIN) {
        return begin(self);
    }
    self->answer.prompt = "";
    return 0;
}

static bool wants_person(const SignIn *self)
{
    return self->answer.state == PEER_STATE_ASK || self->answer.state == PEER_STATE_TELL;
}

static bool has_offer(const SignIn *self)
{
    return self->answer.state == PEER_STATE_EXPIRED && self->answer.prompt[0] != '\0' &&
           self->codes < ANTARA_PAM_CODES_MAX;
}

/* From the first answer to the last. */
static int converse(SignIn *self)
{
    for (unsigned turns = 0; turns < TURNS_MAX; turns++) {
        int r = 0;

        if (wants_person(self) && self->prompts++ < PROMPTS_MAX) {
            r = ask_person(self);
        } else if (has_offer(self)) {
            r = offer_new_code(self);
        } else if (self->answer.state == PEER_STATE_WAIT && !peer_is_late(&self->peer)) {
            r = peer_wait(&self->peer, self->conversation, &self->answer);
        } else {
            break;
        }
        if (r < 0) {
            return give_up(self, "conversation", r);
        }
    }
    if (wants_person(self) || self->answer.state == PEER_STATE_WAIT) {
        return give_up(self, "conversation", -ETIMEDOUT); /* too late, or too many prompts */
    }
    return finish(self);
}

static int authenticate(SignIn *self)
{
    int r = peer_open(self->pamh, self->options.timeout_seconds, &self->peer);

    if (r < 0) {
        return unavailable(self->pamh, "antarad", r);
    }
    r = begin(self);
    if (r < 0) {
        return unavailable(self->pamh, "antarad", r);
    }
    if (self->options.debug) {
        pam_syslog(
            self->pamh, LOG_DEBUG, "conversation for %s begins", item(self->pamh, PAM_SERVICE));
    }
    return converse(self);
}

/* PAM_SUCCESS comes from finish() alone. */
PAM_EXTERN int pam_sm_authenticate(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
    CLEANUP(sign_in_clear)
    SignIn self = {
        .pamh = pamh,
        .options = options_read(pamh, argc, argv),
        .silent = (flags & PAM_SILENT) != 0,
    };
    const char *user = NULL;
    const char *service = item(pamh, PAM_SERVICE);

    if (service == NULL || service[0] == '\0') {
        return PAM_SYSTEM_ERR;
    }
    if (service_is_machine(service)) {
        return PAM_IGNORE;
    }
    int code = pam_get_user(pamh, &user, NULL);
    if (code != PAM_SUCCESS) {
        return code == PAM_CONV_AGAIN ? PAM_INCOMPLETE : code;
    }
    if (user[0] == '\0') {
        return PAM_USER_UNKNOWN;
    }
    return authenticate(&self);
}

/* There are no credentials beside the environment, which is there already. */
PAM_EXTERN int pam_sm_setcred(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
    (void)pamh, (void)flags, (void)argc, (void)argv;
    return PAM_SUCCESS;
}

static int account_code(PeerState state)
{
    if (state == PEER_STATE_APPROVED) {
        return PAM_SUCCESS;
    }
    if (state == PEER_STATE_IGNORED) {
        return PAM_IGNORE;
    }
    return state == PEER_STATE_NONE ? PAM_AUTHINFO_UNAVAIL : PAM_ACCT_EXPIRED;
}

static int account(pam_handle_t *pamh, const Options *options, bool silent)
{
    CLEANUP(peer_close) Peer peer = {0};
    CLEANUP(peer_answer_clear) PeerAnswer answer = {0};
    int r = peer_open(pamh, options->timeout_seconds, &peer);

    if (r >= 0) {
        r = peer_account(&peer, item(pamh, PAM_SERVICE), item(pamh, PAM_USER), &answer);
    }
    if (r < 0) {
        return unavailable(pamh, "account", r);
    }
    tell_end(pamh, &answer, silent);
    return account_code(answer.state);
}

PAM_EXTERN int pam_sm_acct_mgmt(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
    const Options options = options_read(pamh, argc, argv);
    const char *service = item(pamh, PAM_SERVICE);
    const char *user = item(pamh, PAM_USER);

    if (service == NULL || user == NULL || user[0] == '\0') {
        return PAM_USER_UNKNOWN;
    }
    if (service_is_machine(service)) {
        return PAM_IGNORE;
    }
    return account(pamh, &options, (flags & PAM_SILENT) != 0);
}

/* Sessions need nothing of us; pam_sm_open_session(3) knows no third answer. */
PAM_EXTERN int pam_sm_open_session(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
    (void)pamh, (void)flags, (void)argc, (void)argv;
    return PAM_SUCCESS;
}

PAM_EXTERN int pam_sm_close_session(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
    (void)pamh, (void)flags, (void)argc, (void)argv;
    return PAM_SUCCESS;
}

/* There is no password here: other modules decide, and alone this refuses. */
PAM_EXTERN int pam_sm_chauthtok(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
    (void)pamh, (void)flags, (void)argc, (void)argv;
    return PAM_IGNORE;
}
