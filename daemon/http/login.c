/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * login.c - a person signs in by mail: the address, the link, the code, the number
 *
 * GET and HEAD change nothing, since mail scanners follow links. The answer to asking is a redirect
 * to one and the same page, whatever the address.
 */

#include "core/login.h"

#include "base/catalog.h"
#include "http/handlers.h"
#include "http/login-elsewhere.h"
#include "http/login-form.h"
#include "http/login-link.h"
#include "http/page.h"
#include "http/route.h"

#define SECONDS_OF(usec) ((usec) / USEC_PER_SEC)

static void login_get(Exchange *exchange)
{
    const LoginForm form = {.status = 200};
    login_form_reply(exchange, &form);
}

/* A sealed request that is too old is left out: with it the person could never get on. */
static void
show_asking_refused(Exchange *exchange, const LoginAskAnswer *answer, const LoginAskAsked *asked)
{
    const ReasonFace *face = reason_face(answer->reason);
    gboolean too_old = answer->reason == REASON_BAD_REQUEST;
    const LoginForm form = {
        .status = face->http_status,
        .request = too_old ? NULL : asked->sealed,
        .user_code = asked->user_code,
        .email = asked->email,
        .problem = too_old ? NULL : face->words,
        .notice = too_old ? N_("That took too long. Please go back to the app and begin again, "
                               "or sign in here first.")
                          : NULL,
    };

    login_form_reply(exchange, &form);
}

static void ask_done(
    Exchange *exchange,
    Outcome outcome,
    gpointer data,
    gconstpointer asked_data,
    const GError *error)
{
    const LoginAskAnswer *answer = data;
    const LoginAskAsked *asked = asked_data;

    (void)error;
    if (outcome != OUTCOME_GRANTED) {
        show_asking_refused(exchange, answer, asked);
        return;
    }
    exchange_set_cookie(
        exchange, COOKIE_BROWSER, answer->browser_cookie, SECONDS_OF(SESSION_LIFE_USEC));
    exchange_redirect(exchange, "/login/check");
}

static void login_post(Exchange *exchange)
{
    const LoginAskAsked asked = {
        .caller = exchange_caller(exchange),
        .email = exchange_form(exchange, "email"),
        .locale = exchange_language(exchange),
        .sealed = exchange_form(exchange, "request"),
        .user_code = exchange_form(exchange, "user_code"),
    };

    if (exchange_double(exchange) != NULL || asked.email == NULL) {
        login_form_reply_reason(exchange, REASON_ADDRESS_BAD);
        return;
    }
    exchange_run(exchange, &login_ask_act, &asked, sizeof(asked), ask_done);
}

static void look(Exchange *exchange, ExchangeDone done)
{
    const LoginLookAsked asked = {.caller = exchange_caller(exchange)};
    exchange_run(exchange, &login_look_act, &asked, sizeof(asked), done);
}

/* The page that waits for the code, or the number. @field: "problem" or "number_problem", or NULL.
 */
static void show_check(
    Exchange *exchange,
    const LoginLookAnswer *answer,
    const char *field,
    const char *problem)
{
    Values *values = page_values(exchange, N_("Check your mail"));
    guint status = field != NULL ? 400 : 200;

    values_set(values, "form_token", answer->form_token);
    page_set_time(values, "expires", answer->expires_usec);
    values_set(values, "problem", NULL);
    values_set(values, "number_problem", NULL);
    if (field != NULL) {
        page_set_text(values, field, exchange, problem);
    }
    if (answer->redirect_uri != NULL) {
        exchange_form_may_end_at(exchange, answer->redirect_uri);
    }
    page_reply(exchange, status, "check", values);
}

/* The same, or what ended it. */
static void show_check_or_end(
    Exchange *exchange,
    Outcome outcome,
    const LoginLookAnswer *answer,
    const char *field,
    const char *problem)
{
    if (outcome != OUTCOME_GRANTED) {
        login_form_reply_reason(exchange, answer->reason);
        return;
    }
    show_check(exchange, answer, field, problem);
}

static void check_done(
    Exchange *exchange,
    Outcome outcome,
    gpointer answer,
    gconstpointer asked,
    const GError *error)
{
    (void)asked, (void)error;
    show_check_or_end(exchange, outcome, answer, NULL, NULL);
}

/* The form once more, with what waits; from the beginning where nothing does any more. */
static void again_done(
    Exchange *exchange,
    Outcome outcome,
    gpointer data,
    gconstpointer asked,
    const GError *error)
{
    const LoginLookAnswer *answer = data;
    gboolean waits = outcome == OUTCOME_GRANTED;
    const LoginForm form = {
        .status = 200,
        .request = waits ? answer->sealed : NULL,
        .redirect_uri = waits ? answer->redirect_uri : NULL,
        .user_code = waits && *answer->user_code ? answer->user_code : NULL,
    };

    (void)asked, (void)error;
    login_form_reply(exchange, &form);
}

static void again_get(Exchange *exchange)
{
    look(exchange, again_done);
}

static void wrong_code_done(
    Exchange *exchange,
    Outcome outcome,
    gpointer answer,
    gconstpointer asked,
    const GError *error)
{
    (void)asked, (void)error;
    show_check_or_end(exchange, outcome, answer, "problem", reason_face(REASON_CODE_WRONG)->words);
}

static void no_number_done(
    Exchange *exchange,
    Outcome outcome,
    gpointer answer,
    gconstpointer asked,
    const GError *error)
{
    (void)asked, (void)error;
    show_check_or_end(
        exchange, outcome, answer, "number_problem",
        N_("Type the two digits that your other browser shows."));
}

static void check_get(Exchange *exchange)
{
    look(exchange, check_done);
}

static void show_link(Exchange *exchange, const LoginLookAnswer *answer, const char *link)
{
    Values *values = login_link_values(exchange, N_("Sign in"), answer, link);

    if (answer->redirect_uri != NULL) {
        exchange_form_may_end_at(exchange, answer->redirect_uri);
    }
    page_reply(exchange, 200, "link", values);
}

static void link_done(
    Exchange *exchange,
    Outcome outcome,
    gpointer data,
    gconstpointer asked_data,
    const GError *error)
{
    const LoginLookAnswer *answer = data;
    const LoginLookAsked *asked = asked_data;

    (void)error;
    if (outcome == OUTCOME_GRANTED) {
        show_link(exchange, answer, asked->link);
    } else if (answer->reason == REASON_LINK_ELSEWHERE) {
        login_elsewhere_reply(exchange, answer, asked->link);
    } else {
        login_form_reply_reason(exchange, answer->reason);
    }
}

static void link_get(Exchange *exchange)
{
    const LoginLookAsked asked = {
        .caller = exchange_caller(exchange),
        .link = exchange_tail(exchange),
    };

    if (asked.link == NULL) {
        login_form_reply_reason(exchange, REASON_LINK_UNKNOWN);
        return;
    }
    exchange_run(exchange, &login_look_act, &asked, sizeof(asked), link_done);
}

/* Where to go on is kept on the server under an id: no URL is ever taken from a parameter. */
static void go_on(Exchange *exchange, const LoginRedeemAnswer *answer)
{
    char kept[ID_TEXT_CHARS + 1];

    if (!id_is_none(&answer->kept)) {
        id_to_text(&answer->kept, kept);
        g_autofree char *location = g_strconcat("/oauth/authorize?kept=", kept, NULL);
        exchange_redirect(exchange, location);
        return;
    }
    if (answer->user_code != NULL && answer->user_code[0] != '\0') {
        g_autofree char *code = g_uri_escape_string(answer->user_code, NULL, FALSE);
        g_autofree char *location = g_strconcat("/D/", code, NULL);
        exchange_redirect(exchange, location);
        return;
    }
    exchange_redirect(exchange, "/me");
}

static void redeem_done(
    Exchange *exchange,
    Outcome outcome,
    gpointer data,
    gconstpointer asked,
    const GError *error)
{
    const LoginRedeemAnswer *answer = data;

    (void)asked, (void)error;
    if (outcome == OUTCOME_GRANTED) {
        exchange_set_cookie(
            exchange, COOKIE_SESSION, answer->session_cookie, SECONDS_OF(SESSION_LIFE_USEC));
        go_on(exchange, answer);
    } else if (answer->reason == REASON_CODE_WRONG) {
        look(exchange, wrong_code_done);
    } else {
        login_form_reply_refused(exchange, answer->reason);
    }
}

static void link_post(Exchange *exchange)
{
    LoginRedeemAsked asked = {.caller = exchange_caller(exchange)};

    if (login_link_read(exchange, &asked.link, &asked.form_token)) {
        exchange_run(exchange, &login_redeem_act, &asked, sizeof(asked), redeem_done);
    }
}

/* People type "1234 5678". */
static const char *digits_of(Exchange *exchange, const char *typed)
{
    GString *digits = g_string_new(NULL);

    for (; typed != NULL && *typed != '\0' && digits->len <= LOGIN_CODE_CHARS; typed++) {
        if (*typed != ' ' && *typed != '-') {
            g_string_append_c(digits, *typed);
        }
    }
    return exchange_keep(exchange, g_string_free(digits, FALSE));
}

static void code_post(Exchange *exchange)
{
    const char *typed = exchange_form(exchange, "code");
    const LoginRedeemAsked asked = {
        .caller = exchange_caller(exchange),
        .code = digits_of(exchange, typed),
        .form_token = exchange_form(exchange, "form_token"),
    };

    if (exchange_double(exchange) != NULL || typed == NULL) {
        look(exchange, wrong_code_done);
        return;
    }
    exchange_run(exchange, &login_redeem_act, &asked, sizeof(asked), redeem_done);
}

/* What is no number was not tried: the one try is for what looks like one. */
static gboolean is_number(const char *digits)
{
    return strlen(digits) == LOGIN_NUMBER_CHARS &&
           strspn(digits, "0123456789") == LOGIN_NUMBER_CHARS;
}

static void number_post(Exchange *exchange)
{
    const LoginRedeemAsked asked = {
        .caller = exchange_caller(exchange),
        .number = digits_of(exchange, exchange_form(exchange, "number")),
        .form_token = exchange_form(exchange, "form_token"),
    };

    if (exchange_double(exchange) != NULL || !is_number(asked.number)) {
        look(exchange, no_number_done);
        return;
    }
    exchange_run(exchange, &login_redeem_act, &asked, sizeof(asked), redeem_done);
}

const Route login_routes[] = {
    {"/login", VERB_GET, FACE_PAGE, CALLER_NONE, 0, login_get},
    {"/login", VERB_POST, FACE_PAGE, CALLER_NONE, 16384, login_post},
    {"/login/check", VERB_GET, FACE_PAGE, CALLER_SESSION_MAYBE, 0, check_get},
    {"/login/again", VERB_GET, FACE_PAGE, CALLER_SESSION_MAYBE, 0, again_get},
    {"/login/code", VERB_POST, FACE_PAGE, CALLER_SESSION_MAYBE, 4096, code_post},
    {"/login/number", VERB_POST, FACE_PAGE, CALLER_SESSION_MAYBE, 4096, number_post},
    {"/login/link/*", VERB_GET, FACE_PAGE, CALLER_SESSION_MAYBE, 0, link_get},
    {"/login/link", VERB_POST, FACE_PAGE, CALLER_SESSION_MAYBE, 4096, link_post},
    {"/login/elsewhere", VERB_POST, FACE_PAGE, CALLER_NONE, 4096, elsewhere_post},
    {"/login/disown", VERB_POST, FACE_PAGE, CALLER_NONE, 4096, disown_post},
    {NULL, 0, 0, CALLER_NONE, 0, NULL},
};
