/* SPDX-License-Identifier: GPL-3.0-or-later */

/* authorize.c - the acts of the authorization endpoint: begin, and what the person decides */

#include "base/secret.h"
#include "core/authorization-check.h"
#include "core/event.h"
#include "core/grant.h"
#include "core/identity.h"
#include "core/kept.h"
#include "core/pushed.h"
#include "core/scope.h"

/* One request under way: what the two acts and their parts share. */
typedef struct Request {
    Txn *txn;
    const Caller *caller;
    AuthorizeAnswer *answer;
    Authorization *authorization;
    App *app; /* moves to the answer when a page shows it */
} Request;

static void request_clear(Request *request)
{
    g_clear_pointer(&request->authorization, authorization_free);
    g_clear_pointer(&request->app, app_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Request, request_clear)

static void answer_clear(gpointer data)
{
    AuthorizeAnswer *answer = data;

    g_clear_pointer(&answer->redirect_uri, g_free);
    g_clear_pointer(&answer->code, secret_text_free);
    g_clear_pointer(&answer->state, g_free);
    g_clear_pointer(&answer->sealed, g_free);
    g_clear_pointer(&answer->form_token, g_free);
    g_clear_pointer(&answer->login_hint, g_free);
    g_clear_pointer(&answer->email, secret_text_free);
    g_clear_pointer(&answer->app, app_free);
    g_clear_pointer(&answer->scopes, g_strfreev);
}

static Outcome page_error(AuthorizeAnswer *answer, Reason reason)
{
    answer->next = AUTHORIZE_PAGE_ERROR;
    answer->reason = reason;
    return OUTCOME_DENIED;
}

static void back_to_app(Request *request)
{
    AuthorizeAnswer *answer = request->answer;
    const Authorization *authorization = request->authorization;

    answer->next = AUTHORIZE_REDIRECT;
    answer->redirect_uri = g_strdup(authorization->redirect_uri);
    answer->form_post = authorization->form_post;
    answer->state = authorization->has_state ? g_strdup(authorization->state) : NULL;
}

static Outcome app_error(Request *request, Reason reason, const char *description)
{
    back_to_app(request);
    request->answer->reason = reason;
    request->answer->description = description;
    return OUTCOME_DENIED;
}

static Outcome app_code(Request *request, const Identity *identity, GError **error)
{
    if (!grant_make(
            request->txn, request->authorization, identity, request->caller->session,
            &request->answer->code, error)) {
        return OUTCOME_BROKEN;
    }
    back_to_app(request);
    return pushed_forget(request->txn, &request->authorization->pushed, error) ? OUTCOME_GRANTED
                                                                               : OUTCOME_BROKEN;
}

/* A page of ours goes on with the request, sealed in its form. */
static Outcome show(Request *request, AuthorizeNext next, GError **error)
{
    AuthorizeAnswer *answer = request->answer;
    const Authorization *authorization = request->authorization;

    answer->next = next;
    answer->sealed = authorization_seal(request->txn, authorization);
    answer->form_token = session_form_token(request->txn, request->caller);
    answer->redirect_uri = g_strdup(authorization->redirect_uri);
    answer->login_hint = g_strdup(authorization->login_hint);
    answer->scopes = g_strdupv(authorization->scopes);
    answer->app = g_steal_pointer(&request->app);
    if (request->caller->account) {
        answer->email = account_email(request->txn, request->caller->account, error);
    }
    return request->caller->account && !answer->email ? OUTCOME_BROKEN : OUTCOME_PENDING;
}

/* prompt=login wants a sign-in after the request; max_age one that is not older (OIDC
 * Core 3.1.2.1). */
static gboolean wants_newer_sign_in(const Request *request)
{
    const Authorization *authorization = request->authorization;
    gint64 signed_in = request->caller->session->signed_in_usec;
    gint64 age_usec = txn_now(request->txn) - signed_in;

    if (signed_in >= authorization->born_usec) {
        return FALSE;
    }
    return (authorization->prompt & PROMPT_LOGIN) ||
           (authorization->max_age >= 0 && age_usec > authorization->max_age * USEC_PER_SEC);
}

static gboolean wants_consent(const Request *request, const Identity *identity)
{
    const Authorization *authorization = request->authorization;

    return (authorization->prompt & (PROMPT_CONSENT | PROMPT_SELECT)) ||
           request->app->state == APP_WARN || !identity || !identity->consented_usec ||
           !scope_within(
               (const char *const *)authorization->scopes, (const char *const *)identity->scopes);
}

/* The account that an id_token_hint means, if it still has that slug. With another one nobody gets
 * a code; where the slug is gone, a person may choose, and prompt=none fails. */
static gboolean
hint_allows(const Request *request, gboolean silent, gboolean *ret_allows, GError **error)
{
    const Id *hinted = &request->authorization->hinted;
    const Account *account = request->caller->account;
    g_autoptr(Identity) identity = NULL;

    if (id_is_none(hinted)) {
        *ret_allows = TRUE;
        return TRUE;
    }
    if (!identity_find_slug(request->txn, hinted, &identity, error)) {
        return FALSE;
    }
    const gboolean is_known = identity && id_equal(&identity->app, &request->app->id);
    *ret_allows = is_known ? account && id_equal(&identity->account, &account->id) : !silent;
    return TRUE;
}

static Outcome go_on(Request *request, GError **error)
{
    gboolean silent = (request->authorization->prompt & PROMPT_NONE) != 0;
    const Caller *caller = request->caller;
    g_autoptr(Identity) identity = NULL;
    gboolean allowed = FALSE;

    if (request->app->state == APP_DISABLED) {
        return app_error(request, REASON_APP_DISABLED, "this client is disabled");
    }
    if (!hint_allows(request, silent, &allowed, error)) {
        return OUTCOME_BROKEN;
    }
    if (!caller->session || !allowed || wants_newer_sign_in(request)) {
        return silent ? app_error(request, REASON_LOGIN_REQUIRED, "nobody is signed in")
                      : show(request, AUTHORIZE_SIGN_IN, error);
    }
    if (!identity_find(request->txn, &caller->account->id, &request->app->id, &identity, error)) {
        return OUTCOME_BROKEN;
    }
    if (request->app->state == APP_RESTRICT && !identity) {
        return app_error(request, REASON_NOT_PERMITTED, "this client may not meet new people");
    }
    if (wants_consent(request, identity)) {
        return silent ? app_error(request, REASON_CONSENT_REQUIRED, "the person has to consent")
                      : show(request, AUTHORIZE_CONSENT, error);
    }
    return app_code(request, identity, error);
}

/* A request that was kept while its person signed in. */
static Outcome begin_kept(Request *request, const Id *kept, GError **error)
{
    g_autoptr(GBytes) bytes = NULL;

    if (!request->caller->account) {
        return page_error(request->answer, REASON_SIGNED_OUT);
    }
    if (!kept_take(request->txn, kept, &request->caller->account->id, &bytes, error)) {
        return OUTCOME_BROKEN;
    }
    if (!bytes) {
        return page_error(request->answer, REASON_FORM_TOKEN);
    }
    request->authorization = record_decode(&authorization_table, bytes, error);
    if (!request->authorization ||
        !app_load(request->txn, &request->authorization->app, &request->app, error)) {
        return OUTCOME_BROKEN;
    }
    if (!request->app) {
        return page_error(request->answer, REASON_CLIENT_UNKNOWN);
    }
    /* It may have been taken back while the request waited. */
    return app_has_redirect_uri(request->app, request->authorization->redirect_uri)
               ? go_on(request, error)
               : page_error(request->answer, REASON_REDIRECT_URI);
}

/* RFC 9126 4: what was pushed is the request; it begins when the browser brings it. */
static Outcome
begin_pushed(Request *request, const Id *pushed, const char *client_id, GError **error)
{
    if (!app_find(request->txn, client_id, &request->app, error)) {
        return OUTCOME_BROKEN;
    }
    if (!request->app) {
        return page_error(request->answer, REASON_CLIENT_UNKNOWN);
    }
    if (!pushed_load(request->txn, pushed, &request->app->id, &request->authorization, error)) {
        return OUTCOME_BROKEN;
    }
    if (!request->authorization ||
        !app_has_redirect_uri(request->app, request->authorization->redirect_uri)) {
        return page_error(request->answer, REASON_PUSHED_UNKNOWN);
    }
    return go_on(request, error);
}

static Outcome
begin_fresh(Request *request, const AuthorizationParameters *parameters, GError **error)
{
    const char *description = NULL;

    if (!app_find(request->txn, parameters->client_id, &request->app, error)) {
        return OUTCOME_BROKEN;
    }
    if (!request->app) {
        return page_error(request->answer, REASON_CLIENT_UNKNOWN);
    }
    if (!app_has_redirect_uri(request->app, parameters->redirect_uri)) {
        return page_error(request->answer, REASON_REDIRECT_URI);
    }

    request->authorization = authorization_new(parameters, request->app, txn_now(request->txn));
    Reason reason =
        authorization_check(parameters, request->app, request->authorization, &description);
    return reason == REASON_NONE ? go_on(request, error) : app_error(request, reason, description);
}

Outcome
authorize_begin(Txn *txn, const AuthorizeAsked *asked, AuthorizeAnswer *ret_answer, GError **error)
{
    g_auto(Request) request = {.txn = txn, .caller = asked->caller, .answer = ret_answer};

    /* A client id or redirect URI that came twice is no address to send an error to. */
    const char *twice = asked->parameters.double_name;
    if (twice && (g_str_equal(twice, "client_id") || g_str_equal(twice, "redirect_uri"))) {
        return page_error(ret_answer, REASON_BAD_REQUEST);
    }
    if (asked->pushed) {
        return begin_pushed(&request, asked->pushed, asked->parameters.client_id, error);
    }
    return asked->kept ? begin_kept(&request, asked->kept, error)
                       : begin_fresh(&request, &asked->parameters, error);
}

static Outcome approve(Request *request, GError **error)
{
    const Caller *caller = request->caller;
    g_autoptr(Identity) identity = NULL;

    if (!identity_make(request->txn, &caller->account->id, &request->app->id, &identity, error)) {
        return OUTCOME_BROKEN;
    }
    char **joined = scope_join(
        (const char *const *)identity->scopes, (const char *const *)request->authorization->scopes);
    g_strfreev(identity->scopes);
    identity->scopes = joined;
    identity->consented_usec = txn_now(request->txn);
    const Event news = {
        .subject = EVENT_OF_ACCOUNT,
        .subject_id = caller->account->id,
        .what = EVENT_CONSENT,
        .outcome = OUTCOME_GRANTED,
        .detail = request->app->name,
    };
    if (!identity_save(request->txn, identity, error) ||
        !event_write(request->txn, &news, NULL, error)) {
        return OUTCOME_BROKEN;
    }
    return app_code(request, identity, error);
}

Outcome
authorize_decide(Txn *txn, const AuthorizeAsked *asked, AuthorizeAnswer *ret_answer, GError **error)
{
    g_auto(Request) request = {.txn = txn, .caller = asked->caller, .answer = ret_answer};
    g_autoptr(Identity) identity = NULL;
    gboolean allowed = FALSE;

    /* A browser that is not signed in has a form token as well. */
    if (!asked->caller->account) {
        return page_error(ret_answer, REASON_SIGNED_OUT);
    }
    if (!session_form_token_matches(txn, asked->caller, asked->form_token)) {
        return page_error(ret_answer, REASON_FORM_TOKEN);
    }
    request.authorization = authorization_unseal(txn, asked->sealed);
    if (!request.authorization) {
        return page_error(ret_answer, REASON_FORM_TOKEN);
    }
    if (!app_load(txn, &request.authorization->app, &request.app, error) ||
        !identity_find(
            txn, &asked->caller->account->id, &request.authorization->app, &identity, error)) {
        return OUTCOME_BROKEN;
    }
    if (!request.app || !app_has_redirect_uri(request.app, request.authorization->redirect_uri)) {
        return page_error(ret_answer, REASON_CLIENT_UNKNOWN);
    }
    if (!asked->approved) {
        return app_error(&request, REASON_NOT_PERMITTED, "the person declined");
    }
    if (request.app->state == APP_DISABLED || (request.app->state == APP_RESTRICT && !identity)) {
        return app_error(&request, REASON_APP_DISABLED, "this client may not meet new people");
    }
    /* The form of a page that asks for a sign-in holds the request too: only the act can tell. */
    if (!hint_allows(&request, FALSE, &allowed, error)) {
        return OUTCOME_BROKEN;
    }
    return wants_newer_sign_in(&request) || !allowed ? show(&request, AUTHORIZE_SIGN_IN, error)
                                                     : approve(&request, error);
}

ACT_DEFINE(authorize_begin, AuthorizeAsked, AuthorizeAnswer, answer_clear);
ACT_DEFINE(authorize_decide, AuthorizeAsked, AuthorizeAnswer, answer_clear);
