/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "core/login.h"
#include "core/limit.h"
#include "core/network.h"

#include "base/secret.h"
#include "core/authorization.h"
#include "crypto/envelope.h"
#include "store/list.h"

#include <string.h>

static const RecordField login_fields[] = {
    {.number = 1, "id", FIELD_ID, offsetof(Login, id)},
    {.number = 2, "link_hash", FIELD_HASH, offsetof(Login, link_hash), .secret = TRUE},
    {.number = 3, "browser_hash", FIELD_HASH, offsetof(Login, browser_hash), .secret = TRUE},
    {.number = 4, "code_mac", FIELD_HASH, offsetof(Login, code_mac), .secret = TRUE},
    {.number = 5, "account", FIELD_ID, offsetof(Login, account)},
    {.number = 6, "sign_up", FIELD_BYTES, offsetof(Login, sign_up)},
    {.number = 7, "locale", FIELD_TEXT, offsetof(Login, locale)},
    {.number = 8, "state", FIELD_U32, offsetof(Login, state)},
    {.number = 9, "tries", FIELD_U32, offsetof(Login, tries)},
    {.number = 10, "address", FIELD_TEXT, offsetof(Login, address)},
    {.number = 11, "agent", FIELD_TEXT, offsetof(Login, agent)},
    {.number = 12, "request", FIELD_BYTES, offsetof(Login, request)},
    {.number = 13, "user_code", FIELD_TEXT, offsetof(Login, user_code)},
    {.number = 14, "born_usec", FIELD_I64, offsetof(Login, born_usec)},
    {.number = 15, "expires_usec", FIELD_I64, offsetof(Login, expires_usec)},
    {.number = 16, "email_mac", FIELD_HASH, offsetof(Login, email_mac)},
    {.number = 17, "known", FIELD_BOOL, offsetof(Login, known)},
    {.number = 18, "number_mac", FIELD_HASH, offsetof(Login, number_mac), .secret = TRUE},
    {.number = 0},
};

const RecordTable login_table = {
    .name = "login",
    .kind = KIND_LOGIN,
    .size = sizeof(Login),
    .fields = login_fields,
    .of_epoch = TRUE};

static const RecordField browser_fields[] = {
    {.number = 1, "hash", FIELD_HASH, offsetof(Browser, hash), .secret = TRUE},
    {.number = 2, "email_mac", FIELD_HASH, offsetof(Browser, email_mac)},
    {.number = 3, "budget", FIELD_ID, offsetof(Browser, budget)},
    {.number = 0},
};

const RecordTable browser_table = {
    .name = "browser",
    .kind = KIND_BROWSER,
    .size = sizeof(Browser),
    .fields = browser_fields,
    .of_epoch = TRUE};

void login_free(Login *login)
{
    record_free(&login_table, login);
}

void browser_free(Browser *browser)
{
    record_free(&browser_table, browser);
}

gboolean login_load(Txn *txn, const Id *id, Login **ret_login, GError **error)
{
    return record_load(txn, &login_table, id->bytes, ID_BYTES, (gpointer *)ret_login, error);
}

gboolean login_save(Txn *txn, const Login *login, GError **error)
{
    return record_save(
        txn, &login_table, login->id.bytes, ID_BYTES, login, login->expires_usec + LOGIN_TOLD_USEC,
        error);
}

gboolean login_end(Txn *txn, Login *login, LoginState state, GError **error)
{
    const ListName name = {LIST_LOGINS_OF_EMAIL, login->email_mac, sizeof(login->email_mac)};

    login->state = state;
    return list_remove_lasting(txn, &name, &login->id, LOGIN_LIFE_USEC, error) &&
           login_save(txn, login, error);
}

static Reason problem_of(const Txn *txn, const Login *login, LoginState state)
{
    switch (state) {
    case LOGIN_OPEN:
        return txn_now(txn) >= login->expires_usec ? REASON_LINK_EXPIRED : REASON_NONE;
    case LOGIN_USED:
        return REASON_LINK_USED;
    case LOGIN_REPLACED:
        return REASON_LINK_REPLACED;
    case LOGIN_ENDED:
        return REASON_CODE_BURNT;
    case LOGIN_MISSED:
        return REASON_LINK_MISSED;
    case LOGIN_DISOWNED:
        return REASON_LINK_DISOWNED;
    }
    return REASON_LINK_UNKNOWN;
}

Reason login_problem(const Txn *txn, const Login *login)
{
    return problem_of(txn, login, login->state);
}

Reason login_problem_for_asker(const Txn *txn, const Login *login)
{
    return problem_of(txn, login, login->state == LOGIN_DISOWNED ? LOGIN_OPEN : login->state);
}

void login_code_mac(const Txn *txn, const Id *id, const char *code, guint8 ret_mac[32])
{
    const Piece pieces[] = {{id->bytes, ID_BYTES}, {code, strlen(code)}};

    mac_make(txn_mac(txn, KEY_CODE), pieces, G_N_ELEMENTS(pieces), ret_mac);
}

void login_number_mac(const Txn *txn, const Id *id, const char *number, guint8 ret_mac[32])
{
    g_autofree char *text = g_strconcat("number ", number, NULL); /* no code looks so */

    login_code_mac(txn, id, text, ret_mac);
}

gboolean browser_load(Txn *txn, const Token *cookie, Browser **ret_browser, GError **error)
{
    gpointer found = NULL;

    if (!record_load(txn, &browser_table, cookie->handle.bytes, ID_BYTES, &found, error)) {
        return FALSE;
    }
    if (found && !token_matches(cookie, ((const Browser *)found)->hash)) {
        g_clear_pointer((Browser **)&found, browser_free);
    }
    *ret_browser = found;
    return TRUE;
}

gboolean browser_save(Txn *txn, const Id *id, const Browser *browser, GError **error)
{
    return record_save(
        txn, &browser_table, id->bytes, ID_BYTES, browser, txn_now(txn) + BROWSER_LIFE_USEC, error);
}

static void answer_clear(gpointer data)
{
    LoginLookAnswer *answer = data;

    secret_text_free(answer->email);
    g_free(answer->form_token);
    g_free(answer->address);
    g_free(answer->agent);
    g_free(answer->redirect_uri);
    g_free(answer->sealed);
    g_free(answer->user_code);
    *answer = (LoginLookAnswer){0};
}

/* By link, or by the browser's cookie; *ret_ours: it is the browser that asked. */
static gboolean look_up(
    Txn *txn,
    const LoginLookAsked *asked,
    Login **ret_login,
    gboolean *ret_ours,
    GError **error)
{
    const MacKey *key = txn_mac(txn, KEY_TOKEN);
    Token cookie = {0};
    Token link = {0};
    gboolean has_cookie = token_from_text(key, TOKEN_BROWSER, asked->caller->browser, &cookie);
    gboolean has_link = token_from_text(key, TOKEN_LINK, asked->link, &link);
    g_autoptr(Login) login = NULL;

    *ret_login = NULL;
    *ret_ours = FALSE;
    if (asked->link ? !has_link : !has_cookie) {
        return TRUE;
    }
    if (!login_load(txn, asked->link ? &link.handle : &cookie.handle, &login, error)) {
        return FALSE;
    }
    if (!login || (asked->link && !token_matches(&link, login->link_hash))) {
        return TRUE;
    }
    *ret_ours = has_cookie && id_equal(&cookie.handle, &login->id) &&
                token_matches(&cookie, login->browser_hash);
    *ret_login = asked->link || *ret_ours ? g_steal_pointer(&login) : NULL;
    return TRUE;
}

/* (transfer full): the address of the account, or of the one that is to be. */
static char *login_email(Txn *txn, const Login *login, GError **error)
{
    g_autoptr(Account) account = NULL;

    if (!account_load(txn, &login->account, &account, error)) {
        return NULL;
    }
    if (account) {
        return account_email(txn, account, error);
    }
    g_autoptr(GBytes) bound = email_bound(txn, KIND_LOGIN, &login->id);
    return envelope_open(txn_keks(txn), bound, login->sign_up, error);
}

/* Who asks again goes on with what waits. */
static gboolean tell_request(
    Txn *txn,
    const Login *login,
    gboolean by_link,
    LoginLookAnswer *answer,
    GError **error)
{
    answer->user_code = by_link ? NULL : g_strdup(login->user_code);
    if (!login->request) {
        return TRUE;
    }
    g_autoptr(Authorization) request = record_decode(&authorization_table, login->request, error);
    if (!request) {
        return FALSE;
    }
    answer->redirect_uri = g_strdup(request->redirect_uri);
    answer->sealed = by_link ? NULL : authorization_seal(txn, request);
    return TRUE;
}

static Outcome refuse(LoginLookAnswer *answer, Reason reason)
{
    answer->reason = reason;
    return OUTCOME_DENIED;
}

Outcome
login_look(Txn *txn, const LoginLookAsked *asked, LoginLookAnswer *ret_answer, GError **error)
{
    g_autoptr(Login) login = NULL;
    gboolean ours = FALSE;

    if (!look_up(txn, asked, &login, &ours, error)) {
        return OUTCOME_BROKEN;
    }
    if (!login) {
        return refuse(ret_answer, REASON_LINK_UNKNOWN);
    }
    Reason problem = asked->link ? login_problem(txn, login) : login_problem_for_asker(txn, login);
    if (problem != REASON_NONE) {
        return refuse(ret_answer, problem);
    }
    ret_answer->address = g_strdup(login->address);
    ret_answer->agent = g_strdup(login->agent);
    ret_answer->born_usec = login->born_usec;
    ret_answer->expires_usec = login->expires_usec;
    ret_answer->form_token = browser_form_token(txn, asked->caller->browser);
    ret_answer->email = asked->link ? login_email(txn, login, error) : NULL;
    if (asked->link && !ret_answer->email) {
        return OUTCOME_BROKEN;
    }
    if (!ours) {
        return refuse(ret_answer, REASON_LINK_ELSEWHERE);
    }
    return tell_request(txn, login, asked->link != NULL, ret_answer, error) ? OUTCOME_GRANTED
                                                                            : OUTCOME_BROKEN;
}
ACT_DEFINE(login_look, LoginLookAsked, LoginLookAnswer, answer_clear);

gboolean login_take_try(Txn *txn, const Caller *caller, gboolean *ret_allowed, GError **error)
{
    g_autofree char *group = network_group(caller->address);
    const LimitUse use = {LIMIT_CODE_TRIES, group, group ? strlen(group) : 0};
    guint retry = 0;

    return limit_take(txn, caller, &use, 1, ret_allowed, &retry, error);
}
