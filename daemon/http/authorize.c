/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * authorize.c - the authorization endpoint and its consent page
 *
 * Source: RFC 6749 4.1, OpenID Connect Core 3.1.2, RFC 9207. What to do is core/authorization's
 * word; this file makes pages and redirects of it.
 */

#include "base/catalog.h"
#include "core/pushed.h"
#include "http/authorization-form.h"
#include "http/form-post.h"
#include "http/handlers.h"
#include "http/login-form.h"
#include "http/own-get.h"
#include "http/page.h"
#include "http/redirect.h"
#include "http/route.h"
#include "http/words.h"

static void redirect_answer(Exchange *exchange, const AuthorizeAnswer *answer)
{
    const RedirectParameter parameters[] = {
        {"code", answer->code},
        {"error", answer->code == NULL ? reason_face(answer->reason)->oauth_error : NULL},
        {"error_description", answer->code == NULL ? answer->description : NULL},
        {"state", answer->state},
        {"iss", exchange_tenant(exchange)->issuer},
        {NULL, NULL},
    };
    if (answer->form_post) {
        form_post_reply(exchange, answer->redirect_uri, parameters);
        return;
    }
    g_autofree char *location = redirect_uri_with(answer->redirect_uri, parameters);
    exchange_redirect(exchange, location);
}

static void show_consent(Exchange *exchange, const AuthorizeAnswer *answer)
{
    g_autofree char *target = redirect_uri_target(answer->redirect_uri);
    Values *values = page_values(exchange, N_("Sign in to this app?"));

    values_set(values, "app", answer->app->name);
    values_set_flag(values, "unknown", app_is_unknown(answer->app));
    values_set(values, "policy", answer->app->policy_uri);
    values_set(values, "terms", answer->app->tos_uri);
    values_set(values, "logo", answer->app->logo_uri);
    page_set_text(values, "level", exchange, words_of_level(answer->app->level));
    values_set_flag(values, "warned", answer->app->state >= APP_WARN);
    values_set_list(values, "scopes");
    for (gsize i = 0; answer->scopes != NULL && answer->scopes[i] != NULL; i++) {
        values_set(
            values_add_row(values, "scopes"), "words",
            words_of_scope(exchange_language(exchange), answer->scopes[i]));
    }
    page_set_account(values, answer->email);
    values_set(values, "target", target);
    /* Plain http is registrable for loopback alone. */
    values_set_flag(values, "local", g_str_has_prefix(answer->redirect_uri, "http:"));
    values_set(values, "form_token", answer->form_token);
    values_set(values, "request", answer->sealed);
    exchange_form_may_end_at(exchange, answer->redirect_uri);
    page_reply(exchange, 200, "consent", values);
}

static void show_sign_in(Exchange *exchange, const AuthorizeAnswer *answer)
{
    g_autofree char *target = redirect_uri_target(answer->redirect_uri);
    const LoginForm form = {
        .app = app_is_unknown(answer->app) ? target : answer->app->name,
        .request = answer->sealed,
        .redirect_uri = answer->redirect_uri,
        .email = answer->login_hint,
    };
    login_form_reply(exchange, &form);
}

static void authorize_done(
    Exchange *exchange,
    Outcome outcome,
    gpointer data,
    gconstpointer asked,
    const GError *error)
{
    const AuthorizeAnswer *answer = data;

    (void)outcome, (void)asked, (void)error;
    switch ((AuthorizeNext)answer->next) {
    case AUTHORIZE_SIGN_IN:
        show_sign_in(exchange, answer);
        return;
    case AUTHORIZE_CONSENT:
        show_consent(exchange, answer);
        return;
    case AUTHORIZE_REDIRECT:
        redirect_answer(exchange, answer);
        return;
    case AUTHORIZE_PAGE_ERROR:
        break;
    }
    exchange_reply_problem(exchange, answer->reason);
}

/* A copy that lives as long as the request; NULL: @text names none. */
static const Id *keep_id(Exchange *exchange, gboolean is_one, const Id *id)
{
    return is_one ? (const Id *)exchange_keep(exchange, g_memdup2(id, sizeof(*id))) : NULL;
}

static void authorize_get(Exchange *exchange)
{
    AuthorizeAsked asked = {.caller = exchange_caller(exchange)};
    const char *kept = exchange_query(exchange, "kept");
    Id id = ID_NONE;

    if (kept != NULL) {
        asked.kept = keep_id(exchange, id_from_text(kept, &id), &id);
        if (asked.kept == NULL) {
            exchange_reply_problem(exchange, REASON_BAD_REQUEST);
            return;
        }
    } else {
        authorization_form_read(exchange, exchange_query, &asked.parameters);
        asked.pushed =
            keep_id(exchange, pushed_id_from_uri(asked.parameters.request_uri, &id), &id);
    }
    exchange_run(exchange, &authorize_begin_act, &asked, sizeof(asked), authorize_done);
}

static void authorize_post(Exchange *exchange)
{
    own_get_redirect(exchange, "/oauth/authorize");
}

/* The session ended while the person looked at the page: the same request, after a sign-in. */
static void decide_done(
    Exchange *exchange,
    Outcome outcome,
    gpointer data,
    gconstpointer asked_data,
    const GError *error)
{
    const AuthorizeAnswer *answer = data;
    const AuthorizeAsked *asked = asked_data;

    if (answer->reason == REASON_SIGNED_OUT) {
        const LoginForm form = {.request = asked->sealed};
        login_form_reply(exchange, &form);
        return;
    }
    authorize_done(exchange, outcome, data, asked_data, error);
}

static void consent_post(Exchange *exchange)
{
    const char *decision = exchange_form(exchange, "decision");
    const AuthorizeAsked asked = {
        .caller = exchange_caller(exchange),
        .sealed = exchange_form(exchange, "request"),
        .form_token = exchange_form(exchange, "form_token"),
        .approved = g_strcmp0(decision, "approve") == 0,
    };

    if (exchange_double(exchange) != NULL || decision == NULL) {
        exchange_reply_problem(exchange, REASON_BAD_REQUEST);
        return;
    }
    exchange_run(exchange, &authorize_decide_act, &asked, sizeof(asked), decide_done);
}

const Route authorize_routes[] = {
    {"/oauth/authorize", VERB_GET, FACE_CROSS, CALLER_SESSION_MAYBE, 0, authorize_get},
    {"/oauth/authorize", VERB_POST, FACE_CROSS, CALLER_NONE, OWN_GET_BODY_BYTES_MAX,
     authorize_post},
    {"/oauth/par", VERB_POST, FACE_API, CALLER_NONE, 16384, push_post},
    {"/oauth/register", VERB_POST, FACE_API, CALLER_NONE, 16384, register_post},
    {"/oauth/consent", VERB_POST, FACE_PAGE, CALLER_SESSION, 16384, consent_post},
    {NULL, 0, 0, CALLER_NONE, 0, NULL},
};
