/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "people.h"

#include "core/account.h"
#include "core/session.h"

char *people_app(House *house, const Tenant *tenant, const char *name)
{
    static const char *const uris[] = {PEOPLE_REDIRECT, "http://127.0.0.1/back", NULL};
    Caller caller = house_caller(house, CALLER_BUS);
    const AppAsked asked = {.caller = &caller, .name = name, .redirect_uris = uris};
    AppAnswer answer;

    caller.tenant = tenant;
    g_assert_cmpint(house_run(house, &app_add_act, &asked, &answer), ==, OUTCOME_GRANTED);
    char *client_id = g_malloc(ID_TEXT_CHARS + 1);
    id_to_text(&answer.app->id, client_id);
    house_clear(&app_add_act, &answer);
    return client_id;
}

void people_app_state(House *house, const char *client_id, AppState state)
{
    g_autoptr(Txn) txn = house_begin(house, house->tenant);
    g_autoptr(App) app = NULL;

    g_assert_true(app_find(txn, client_id, &app, NULL));
    app->state = state;
    g_assert_true(app_save(txn, app, NULL));
    house_commit(txn);
}

Caller people_sign_in(House *house, const char *email)
{
    g_autoptr(Txn) txn = house_begin(house, house->tenant);
    g_autofree char *cookie = NULL;
    Caller caller = house_caller(house, CALLER_SESSION);

    g_assert_true(account_make(txn, email, email, "", &caller.account, NULL));
    g_assert_true(session_start(txn, &caller.account->id, &caller, &caller.session, &cookie, NULL));
    house_commit(txn);
    return caller;
}

Caller people_sign_in_again(House *house, const Caller *caller)
{
    g_autoptr(Txn) txn = house_begin(house, house->tenant);
    g_autofree char *cookie = NULL;
    Caller again = house_caller(house, CALLER_SESSION);

    g_assert_true(account_load(txn, &caller->account->id, &again.account, NULL));
    g_assert_true(session_start(txn, &again.account->id, &again, &again.session, &cookie, NULL));
    house_commit(txn);
    return again;
}

static AccountAnswer change_account(House *house, const ActType *act, const Caller *whose)
{
    const Caller caller = house_caller(house, CALLER_BUS);
    const AccountAsked asked = {.caller = &caller, .id = &whose->account->id};
    AccountAnswer answer;
    Outcome outcome = house_run(house, act, &asked, &answer);

    g_assert_cmpint(outcome == OUTCOME_GRANTED, ==, answer.reason == REASON_NONE);
    return answer;
}

void people_suspend(House *house, const Caller *caller)
{
    const AccountAnswer answer = change_account(house, &account_suspend_act, caller);

    g_assert_cmpint(answer.reason, ==, REASON_NONE);
    g_assert_true(answer.changed);
    caller->account->state = ACCOUNT_SUSPENDED;
}

Reason people_resume(House *house, const Caller *caller)
{
    const AccountAnswer answer = change_account(house, &account_resume_act, caller);

    if (answer.reason == REASON_NONE) {
        caller->account->state = ACCOUNT_ACTIVE;
    }
    return answer.reason;
}

gboolean people_clear_one(House *house, EndingPlace *place)
{
    const Caller caller = house_caller(house, CALLER_DAEMON);
    const EndingPlace begin = {ID_NONE, ID_NONE};
    const EndingAsked asked = {&caller, place ? *place : begin};
    EndingAnswer answer;

    g_assert_cmpint(house_run(house, &ending_step_act, &asked, &answer), ==, OUTCOME_GRANTED);
    if (place) {
        *place = answer.place;
    }
    return answer.more;
}

AuthorizationParameters people_parameters(const char *client_id)
{
    return (AuthorizationParameters){
        .client_id = client_id,
        .redirect_uri = PEOPLE_REDIRECT,
        .response_type = "code",
        .scope = "openid",
        .state = "s",
        .code_challenge = PEOPLE_CHALLENGE,
        .code_challenge_method = "S256",
    };
}

char *people_code(House *house, const Caller *caller, const char *client_id, const char *scope)
{
    AuthorizeAsked asked = {.caller = caller, .parameters = people_parameters(client_id)};
    AuthorizeAnswer page;
    AuthorizeAnswer answer;

    asked.parameters.scope = scope;
    asked.parameters.prompt = "consent";
    g_assert_cmpint(house_run(house, &authorize_begin_act, &asked, &page), ==, OUTCOME_PENDING);
    const AuthorizeAsked decision = {
        .caller = caller, .sealed = page.sealed, .form_token = page.form_token, .approved = TRUE};
    g_assert_cmpint(
        house_run(house, &authorize_decide_act, &decision, &answer), ==, OUTCOME_GRANTED);
    char *code = g_strdup(answer.code);
    house_clear(&authorize_begin_act, &page);
    house_clear(&authorize_decide_act, &answer);
    return code;
}

Outcome people_redeem(
    House *house,
    const char *client_id,
    const char *code,
    const char *verifier,
    TokenAnswer *ret_answer)
{
    Caller caller = house_caller(house, CALLER_NONE);
    const GrantRedeemAsked asked = {
        .caller = &caller,
        .client_id = client_id,
        .code = code,
        .redirect_uri = PEOPLE_REDIRECT,
        .code_verifier = verifier};

    return house_run(house, &grant_redeem_act, &asked, ret_answer);
}

void people_tokens(
    House *house,
    const Caller *caller,
    const char *client_id,
    const char *scope,
    TokenAnswer *ret_answer)
{
    g_autofree char *code = people_code(house, caller, client_id, scope);

    g_assert_cmpint(
        people_redeem(house, client_id, code, PEOPLE_VERIFIER, ret_answer), ==, OUTCOME_GRANTED);
}

Outcome people_refresh(
    House *house,
    const char *client_id,
    const char *token,
    const char *scope,
    TokenAnswer *ret_answer)
{
    Caller caller = house_caller(house, CALLER_NONE);
    const RefreshAsked asked = {
        .caller = &caller, .client_id = client_id, .refresh_token = token, .scope = scope};

    return house_run(house, &chain_refresh_act, &asked, ret_answer);
}

gboolean people_access(House *house, const char *token)
{
    g_autoptr(Txn) txn = house_begin(house, house->tenant);
    ChainAccess access;

    g_assert_true(chain_find_access(txn, token, NULL, &access, NULL));
    g_autoptr(Chain) chain = access.chain;
    g_autoptr(Identity) identity = access.identity;
    g_assert_true((chain != NULL) == (identity != NULL));
    return chain != NULL;
}
