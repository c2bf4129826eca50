/* SPDX-License-Identifier: GPL-3.0-or-later */

/* login-redeem.c - the button of a mailed link, or a code or a number on the page that asked */

#include "base/secret.h"
#include "core/address.h"
#include "core/event.h"
#include "core/kept.h"
#include "core/login.h"
#include "crypto/envelope.h"
#include "crypto/random.h"

#include <string.h>

static void answer_clear(gpointer data)
{
    LoginRedeemAnswer *answer = data;

    secret_text_free(answer->session_cookie);
    g_free(answer->user_code);
    *answer = (LoginRedeemAnswer){0};
}

static Outcome refuse(LoginRedeemAnswer *answer, Reason reason)
{
    answer->reason = reason;
    return OUTCOME_DENIED;
}

/* The words of the code page for what a link's page says in its own. */
static Reason as_code(Reason reason)
{
    return reason == REASON_LINK_EXPIRED ? REASON_CODE_EXPIRED : reason;
}

/* The account that may sign in by this login; *ret_account NULL: nobody may. */
static gboolean find_account(
    Txn *txn,
    const Login *login,
    const Tenant *tenant,
    Account **ret_account,
    GError **error)
{
    g_autoptr(Account) account = NULL;
    g_autoptr(SecretText) typed = NULL;
    g_autoptr(SecretText) mail = NULL;
    g_autoptr(SecretText) lookup = NULL;

    *ret_account = NULL;
    if (login->state == LOGIN_DISOWNED) {
        return TRUE;
    }
    if (!id_is_none(&login->account)) {
        if (!account_load(txn, &login->account, &account, error)) {
            return FALSE;
        }
        if (account && account_admits(account, login->born_usec)) {
            *ret_account = g_steal_pointer(&account);
        }
        return TRUE;
    }
    if (!tenant->sign_up_open) {
        return TRUE;
    }
    g_autoptr(GBytes) bound = email_bound(txn, KIND_LOGIN, &login->id);
    typed = envelope_open(txn_keks(txn), bound, login->sign_up, error);
    if (!typed) {
        return FALSE;
    }
    g_assert(address_normalise(typed, &mail, &lookup)); /* it was when it was sealed */
    if (!account_find(txn, lookup, &account, error)) {
        return FALSE;
    }
    if (!account) {
        return account_make(txn, mail, lookup, login->locale, ret_account, error);
    }
    if (account_admits(
            account, login->born_usec)) { /* two links were asked for; this is the second */
        *ret_account = g_steal_pointer(&account);
    }
    return TRUE;
}

/* A wrong code counts; the last try ends the login. */
static Outcome wrong_code(Txn *txn, Login *login, LoginRedeemAnswer *answer, GError **error)
{
    login->tries++;
    if (login->tries < LOGIN_CODE_TRIES_MAX) {
        return login_save(txn, login, error) ? refuse(answer, REASON_CODE_WRONG) : OUTCOME_BROKEN;
    }
    return login_end(txn, login, LOGIN_ENDED, error) ? refuse(answer, REASON_CODE_BURNT)
                                                     : OUTCOME_BROKEN;
}

/* A number is tried once. */
static Outcome wrong_number(Txn *txn, Login *login, LoginRedeemAnswer *answer, GError **error)
{
    return login_end(txn, login, LOGIN_MISSED, error) ? refuse(answer, REASON_LINK_MISSED)
                                                      : OUTCOME_BROKEN;
}

/* From now on this browser has a budget of its own for asking. */
static gboolean remember_browser(Txn *txn, const Login *login, GError **error)
{
    Browser browser = {0};

    memcpy(browser.hash, login->browser_hash, sizeof(browser.hash));
    memcpy(browser.email_mac, login->email_mac, sizeof(browser.email_mac));
    random_id(&browser.budget);
    return browser_save(txn, &login->id, &browser, error);
}

static Outcome sign_in(
    Txn *txn,
    const Caller *caller,
    Login *login,
    const Account *account,
    LoginRedeemAnswer *answer,
    GError **error)
{
    const Event news = {
        .subject = EVENT_OF_ACCOUNT,
        .subject_id = account->id,
        .what = EVENT_SIGN_IN,
        .outcome = OUTCOME_GRANTED,
    };

    if (!login_end(txn, login, LOGIN_USED, error) || !remember_browser(txn, login, error) ||
        !session_start_or_renew(txn, &account->id, caller, &answer->session_cookie, error) ||
        !event_write(txn, &news, NULL, error)) {
        return OUTCOME_BROKEN;
    }
    if (login->request && !kept_put(txn, &account->id, login->request, &answer->kept, error)) {
        return OUTCOME_BROKEN;
    }
    answer->user_code = *login->user_code ? g_strdup(login->user_code) : NULL;
    return OUTCOME_GRANTED;
}

/* By link: one that is not this browser's login says so, or why it is over. */
static Reason judge_link(Txn *txn, const Token *link, const Login *login, gboolean ours)
{
    if (!login || !token_matches(link, login->link_hash)) {
        return REASON_LINK_UNKNOWN;
    }
    Reason problem = login_problem(txn, login);
    return problem == REASON_NONE && !ours ? REASON_LINK_ELSEWHERE : problem;
}

static gboolean code_matches(Txn *txn, const Login *login, const char *code)
{
    guint8 mac[SHA256_BYTES];

    login_code_mac(txn, &login->id, code, mac);
    return secret_equal(mac, login->code_mac, sizeof(mac));
}

static gboolean number_matches(Txn *txn, const Login *login, const char *number)
{
    guint8 mac[SHA256_BYTES];

    login_number_mac(txn, &login->id, number, mac);
    return secret_equal(mac, login->number_mac, sizeof(mac));
}

static Outcome redeem_link(
    Txn *txn,
    const LoginRedeemAsked *asked,
    const Token *cookie,
    LoginRedeemAnswer *answer,
    GError **error)
{
    Token link;
    g_autoptr(Login) login = NULL;
    g_autoptr(Account) account = NULL;

    if (!token_from_text(txn_mac(txn, KEY_TOKEN), TOKEN_LINK, asked->link, &link)) {
        return refuse(answer, REASON_LINK_UNKNOWN);
    }
    if (!login_load(txn, &link.handle, &login, error)) {
        return OUTCOME_BROKEN;
    }
    gboolean ours = login && cookie && id_equal(&cookie->handle, &login->id) &&
                    token_matches(cookie, login->browser_hash);
    Reason problem = judge_link(txn, &link, login, ours);
    if (problem != REASON_NONE) {
        return refuse(answer, problem);
    }
    if (!browser_form_token_matches(txn, asked->caller->browser, asked->form_token)) {
        return refuse(answer, REASON_FORM_TOKEN);
    }
    if (!find_account(txn, login, asked->caller->tenant, &account, error)) {
        return OUTCOME_BROKEN;
    }
    return account ? sign_in(txn, asked->caller, login, account, answer, error)
                   : refuse(answer, REASON_LINK_UNKNOWN);
}

/* The login of the cookie, its code or number judged; one that nobody may use counts as wrong, and
 * so does a number before any was drawn. */
static Outcome try_typed(
    Txn *txn,
    const LoginRedeemAsked *asked,
    Login *login,
    LoginRedeemAnswer *answer,
    GError **error)
{
    g_autoptr(Account) account = NULL;
    gboolean right = asked->code ? code_matches(txn, login, asked->code)
                                 : number_matches(txn, login, asked->number);

    if (right && !find_account(txn, login, asked->caller->tenant, &account, error)) {
        return OUTCOME_BROKEN;
    }
    if (account) {
        return sign_in(txn, asked->caller, login, account, answer, error);
    }
    return asked->code ? wrong_code(txn, login, answer, error)
                       : wrong_number(txn, login, answer, error);
}

static Outcome redeem_typed(
    Txn *txn,
    const LoginRedeemAsked *asked,
    const Token *cookie,
    LoginRedeemAnswer *answer,
    GError **error)
{
    g_autoptr(Login) login = NULL;
    gboolean allowed = FALSE;

    if (!cookie) {
        return refuse(answer, REASON_CODE_WRONG);
    }
    if (!browser_form_token_matches(txn, asked->caller->browser, asked->form_token)) {
        return refuse(answer, REASON_FORM_TOKEN);
    }
    if (!login_load(txn, &cookie->handle, &login, error)) {
        return OUTCOME_BROKEN;
    }
    if (!login || !token_matches(cookie, login->browser_hash)) {
        return refuse(answer, REASON_CODE_WRONG);
    }
    Reason problem = login_problem_for_asker(txn, login);
    if (problem != REASON_NONE) {
        return refuse(answer, as_code(problem));
    }
    if (!login_take_try(txn, asked->caller, &allowed, error)) {
        return OUTCOME_BROKEN;
    }
    return allowed ? try_typed(txn, asked, login, answer, error) : refuse(answer, REASON_TOO_MANY);
}

Outcome
login_redeem(Txn *txn, const LoginRedeemAsked *asked, LoginRedeemAnswer *ret_answer, GError **error)
{
    Token cookie;
    gboolean has_cookie =
        token_from_text(txn_mac(txn, KEY_TOKEN), TOKEN_BROWSER, asked->caller->browser, &cookie);

    if (asked->link) {
        return redeem_link(txn, asked, has_cookie ? &cookie : NULL, ret_answer, error);
    }
    if (asked->code || asked->number) {
        return redeem_typed(txn, asked, has_cookie ? &cookie : NULL, ret_answer, error);
    }
    return refuse(ret_answer, REASON_BAD_REQUEST);
}
ACT_DEFINE(login_redeem, LoginRedeemAsked, LoginRedeemAnswer, answer_clear);
