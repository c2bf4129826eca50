/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * device-page.c - where a person types the code of a terminal or device, looks, and decides
 *
 * GET never approves, and reads nothing: a page opened with the code in its URL asks first whether
 * that code stands on the screen before the person (RFC 8628 3.3.1, 5.4).
 */

#include "base/catalog.h"
#include "core/device.h"
#include "http/handlers.h"
#include "http/login-form.h"
#include "http/page.h"
#include "http/route.h"
#include "http/words.h"

#define USER_CODE_HALF (USER_CODE_CHARS / 2)

/* As people see it: WDJB-MJHT. */
static char *code_shown(const char *code)
{
    return g_strdup_printf("%.*s-%s", (int)USER_CODE_HALF, code, code + USER_CODE_HALF);
}

static void show_code_form(Exchange *exchange, guint status, const char *problem)
{
    Values *values = page_values(exchange, N_("Enter a code"));

    values_set(values, "user_code", NULL);
    values_set(
        values, "problem",
        problem != NULL ? catalog_text(exchange_language(exchange), problem) : NULL);
    page_reply(exchange, status, "code", values);
}

static void show_code_wrong(Exchange *exchange)
{
    show_code_form(
        exchange, 400,
        N_("That code is not known here, or is over. Look at the screen before you once more."));
}

void code_refusal_reply(Exchange *exchange, Reason reason, const char *user_code)
{
    const ReasonFace *face = reason_face(reason);

    if (reason == REASON_SIGNED_OUT || reason == REASON_STALE_SIGN_IN ||
        reason == REASON_NEW_SIGN_IN) {
        const LoginForm form = {
            .user_code = user_code,
            .notice = reason == REASON_SIGNED_OUT ? NULL : face->words,
        };
        login_form_reply(exchange, &form);
    } else if (reason == REASON_CODE_WRONG) {
        show_code_wrong(exchange);
    } else if (reason == REASON_TOO_MANY) {
        show_code_form(exchange, face->http_status, face->words);
    } else {
        exchange_reply_problem(exchange, reason);
    }
}

const char *code_of_form(Exchange *exchange)
{
    const char *typed = exchange_form(exchange, "user_code");
    char code[USER_CODE_CHARS + 1];

    if (typed == NULL || !user_code_read(typed, code)) {
        return NULL;
    }
    return exchange_keep(exchange, code_shown(code));
}

static void code_get(Exchange *exchange)
{
    show_code_form(exchange, 200, NULL);
}

static void confirm_get(Exchange *exchange)
{
    const char *tail = exchange_tail(exchange);
    char code[USER_CODE_CHARS + 1];

    if (tail == NULL || !user_code_read(tail, code)) {
        show_code_wrong(exchange);
        return;
    }
    g_autofree char *shown = code_shown(code);
    Values *values = page_values(exchange, N_("Is this your code?"));
    values_set(values, "user_code", shown);
    page_reply(exchange, 200, "confirm", values);
}

static void set_host(Exchange *exchange, Values *values, const DeviceLookAnswer *answer)
{
    values_set(values, "host", answer->host);
    values_set(values, "service", answer->service);
    values_set(values, "local_user", answer->local_user);
    values_set(values, "asker", answer->asker);
    values_set(values, "terminal", answer->terminal);
    if (answer->remote != NULL && answer->remote[0] != '\0') {
        values_set(values, "remote", answer->remote);
    } else {
        page_set_text(values, "remote", exchange, N_("the host itself"));
    }
}

static void set_scopes(Exchange *exchange, Values *values, char **scopes)
{
    values_set_flag(values, "scoped", scopes != NULL && scopes[0] != NULL);
    values_set_list(values, "scopes");
    for (gsize i = 0; scopes != NULL && scopes[i] != NULL; i++) {
        values_set(
            values_add_row(values, "scopes"), "words",
            words_of_scope(exchange_language(exchange), scopes[i]));
    }
}

static void look_done(
    Exchange *exchange,
    Outcome outcome,
    gpointer data,
    gconstpointer asked_data,
    const GError *error)
{
    const DeviceLookAnswer *answer = data;
    const DeviceLookAsked *asked = asked_data;

    (void)error;
    if (answer->reason == REASON_LINK_ASKED) {
        link_page_show(exchange, asked->user_code);
        return;
    }
    if (outcome != OUTCOME_GRANTED) {
        code_refusal_reply(exchange, answer->reason, asked->user_code);
        return;
    }
    Values *values = page_values(exchange, N_("Do you approve this?"));
    set_host(exchange, values, answer);
    set_scopes(exchange, values, answer->scopes);
    values_set(values, "app", answer->app_name);
    page_set_text(values, "level", exchange, words_of_level(answer->level));
    values_set_flag(values, "warned", answer->state == APP_WARN || answer->state == APP_RESTRICT);
    values_set(values, "user_code", answer->user_code);
    page_set_time(values, "born", answer->born_usec);
    values_set(values, "viewer", exchange_caller(exchange)->address);
    values_set(values, "slug", answer->slug);
    values_set_flag(values, "may_mute", answer->may_mute);
    values_set(values, "key", answer->key);
    page_set_time(values, "key_until", answer->key_until_usec);
    values_set(values, "form_token", answer->form_token);
    page_set_account(values, answer->email);
    page_reply(exchange, 200, "approve", values);
}

static void code_post(Exchange *exchange)
{
    const DeviceLookAsked asked = {
        .caller = exchange_caller(exchange),
        .user_code = code_of_form(exchange),
    };

    if (asked.user_code == NULL) {
        show_code_wrong(exchange);
        return;
    }
    exchange_run(exchange, &device_look_act, &asked, sizeof(asked), look_done);
}

static const char *decided_words(const DeviceDecideAsked *asked, const DeviceDecideAnswer *answer)
{
    if (asked->muted) {
        return N_("Nobody was let in, and for an hour no page lets anybody in there as this user. "
                  "One-time codes still do. Your account's page ends it sooner.");
    }
    if (!asked->approved) {
        return N_("Nobody was let in. You can close this page.");
    }
    if (answer->app_name != NULL) {
        return N_("Go back to your device: it goes on by itself. You can close this page.");
    }
    return N_("Go back to the terminal and press Enter. You can close this page.");
}

static void decide_done(
    Exchange *exchange,
    Outcome outcome,
    gpointer data,
    gconstpointer asked_data,
    const GError *error)
{
    const DeviceDecideAnswer *answer = data;
    const DeviceDecideAsked *asked = asked_data;

    (void)error;
    if (outcome != OUTCOME_GRANTED) {
        code_refusal_reply(exchange, answer->reason, asked->user_code);
        return;
    }
    Values *values = page_values(
        exchange, asked->approved ? N_("Approved")
                  : asked->muted  ? N_("Muted")
                                  : N_("Declined"));
    values_set(values, "number", answer->number);
    values_set(values, "host", answer->host);
    page_set_text(values, "words", exchange, decided_words(asked, answer));
    page_reply(exchange, 200, "decided", values);
}

static void decide_post(Exchange *exchange)
{
    const char *decision = exchange_form(exchange, "decision");
    const DeviceDecideAsked asked = {
        .caller = exchange_caller(exchange),
        .user_code = code_of_form(exchange),
        .form_token = exchange_form(exchange, "form_token"),
        .approved = g_strcmp0(decision, "approve") == 0,
        .muted = g_strcmp0(decision, "mute") == 0,
    };

    if (exchange_double(exchange) != NULL || decision == NULL || asked.user_code == NULL) {
        exchange_reply_problem(exchange, REASON_BAD_REQUEST);
        return;
    }
    exchange_run(exchange, &device_decide_act, &asked, sizeof(asked), decide_done);
}

const Route device_routes[] = {
    {"/oauth/device", VERB_POST, FACE_API, CALLER_NONE, 8192, device_authorization_post},
    {"/d", VERB_GET, FACE_PAGE, CALLER_NONE, 0, code_get},
    {"/d", VERB_POST, FACE_PAGE, CALLER_SESSION, 4096, code_post},
    {"/D/*", VERB_GET, FACE_PAGE, CALLER_NONE, 0, confirm_get},
    {"/d/decide", VERB_POST, FACE_PAGE, CALLER_SESSION, 4096, decide_post},
    {"/d/link", VERB_POST, FACE_PAGE, CALLER_SESSION, 4096, link_decide_post},
    {NULL, 0, 0, CALLER_NONE, 0, NULL},
};
