/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * logout.c - the end session endpoint and its question
 *
 * Source: OpenID Connect RP-Initiated Logout 1.0. ui_locales and logout_hint may be there and
 * change nothing.
 */

#include "core/logout.h"

#include "base/catalog.h"
#include "http/hint.h"
#include "http/own-get.h"
#include "http/page.h"
#include "http/redirect.h"
#include "http/route.h"

static void show_question(Exchange *exchange, const LogoutAnswer *answer)
{
    Values *values = page_values(exchange, N_("Sign out?"));
    g_autofree char *target =
        answer->redirect_uri != NULL ? redirect_uri_target(answer->redirect_uri) : NULL;

    values_set(values, "app", answer->app_name);
    page_set_account(values, answer->email);
    values_set(values, "target", target);
    values_set(values, "form_token", answer->form_token);
    values_set(values, "request", answer->sealed);
    if (answer->redirect_uri != NULL) {
        exchange_form_may_end_at(exchange, answer->redirect_uri);
    }
    page_reply(exchange, 200, "logout", values);
}

static void show_over(Exchange *exchange)
{
    Values *values = page_values(exchange, N_("Signed out"));

    values_set(values, "number", NULL);
    values_set(values, "host", NULL);
    page_set_text(values, "words", exchange, N_("You are signed out here."));
    page_reply(exchange, 200, "decided", values);
}

static void redirect_answer(Exchange *exchange, const LogoutAnswer *answer)
{
    const RedirectParameter parameters[] = {{"state", answer->state}, {NULL, NULL}};
    g_autofree char *location = redirect_uri_with(answer->redirect_uri, parameters);

    exchange_redirect(exchange, location);
}

static void logout_done(
    Exchange *exchange,
    Outcome outcome,
    gpointer data,
    gconstpointer asked,
    const GError *error)
{
    const LogoutAnswer *answer = data;

    (void)outcome, (void)asked, (void)error;
    switch ((LogoutNext)answer->next) {
    case LOGOUT_QUESTION:
        show_question(exchange, answer);
        return;
    case LOGOUT_OVER:
        show_over(exchange);
        return;
    case LOGOUT_REDIRECT:
        redirect_answer(exchange, answer);
        return;
    case LOGOUT_PAGE_ERROR:
        break;
    }
    exchange_reply_problem(exchange, answer->reason);
}

static void logout_get(Exchange *exchange)
{
    LogoutAsked asked = {
        .caller = exchange_caller(exchange),
        .client_id = exchange_query(exchange, "client_id"),
        .post_logout_redirect_uri = exchange_query(exchange, "post_logout_redirect_uri"),
        .state = exchange_query(exchange, "state"),
        .id_token_hint = exchange_query(exchange, "id_token_hint"),
    };

    if (exchange_double(exchange) != NULL) {
        exchange_reply_problem(exchange, REASON_BAD_REQUEST);
        return;
    }
    if (asked.id_token_hint != NULL) {
        asked.hint = hint_read(exchange, asked.id_token_hint);
    }
    exchange_run(exchange, &logout_begin_act, &asked, sizeof(asked), logout_done);
}

static void logout_post(Exchange *exchange)
{
    own_get_redirect(exchange, "/oauth/logout");
}

static void confirm_done(
    Exchange *exchange,
    Outcome outcome,
    gpointer data,
    gconstpointer asked,
    const GError *error)
{
    if (outcome == OUTCOME_GRANTED) {
        exchange_set_cookie(exchange, COOKIE_SESSION, NULL, 0);
    }
    logout_done(exchange, outcome, data, asked, error);
}

static void confirm_post(Exchange *exchange)
{
    const LogoutAsked asked = {
        .caller = exchange_caller(exchange),
        .sealed = exchange_form(exchange, "request"),
        .form_token = exchange_form(exchange, "form_token"),
    };

    if (exchange_double(exchange) != NULL) {
        exchange_reply_problem(exchange, REASON_BAD_REQUEST);
        return;
    }
    exchange_run(exchange, &logout_confirm_act, &asked, sizeof(asked), confirm_done);
}

const Route logout_routes[] = {
    {"/oauth/logout", VERB_GET, FACE_CROSS, CALLER_SESSION_MAYBE, 0, logout_get},
    {"/oauth/logout", VERB_POST, FACE_CROSS, CALLER_NONE, OWN_GET_BODY_BYTES_MAX, logout_post},
    {"/oauth/logout/confirm", VERB_POST, FACE_PAGE, CALLER_SESSION_MAYBE, 16384, confirm_post},
    {NULL, 0, 0, CALLER_NONE, 0, NULL},
};
