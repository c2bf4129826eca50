/* SPDX-License-Identifier: GPL-3.0-or-later */

/* login-elsewhere.c - what the page of a mailed link can do in any browser, and signs nobody in */

#include "base/secret.h"
#include "core/event.h"
#include "core/login.h"
#include "crypto/random.h"
#include "store/list.h"

#include <string.h>

#define NUMBER_BELOW 100U /* ten to the LOGIN_NUMBER_CHARS */

static void answer_clear(gpointer data)
{
    LoginElsewhereAnswer *answer = data;

    secret_text_free(answer->number);
    *answer = (LoginElsewhereAnswer){0};
}

static Outcome refuse(LoginElsewhereAnswer *answer, Reason reason)
{
    answer->reason = reason;
    return OUTCOME_DENIED;
}

/* GRANTED: *ret_login is the link's, and pending. */
static Outcome find(
    Txn *txn,
    const LoginElsewhereAsked *asked,
    Login **ret_login,
    LoginElsewhereAnswer *answer,
    GError **error)
{
    Token link;
    g_autoptr(Login) login = NULL;

    if (!token_from_text(txn_mac(txn, KEY_TOKEN), TOKEN_LINK, asked->link, &link)) {
        return refuse(answer, REASON_LINK_UNKNOWN);
    }
    if (!browser_form_token_matches(txn, asked->caller->browser, asked->form_token)) {
        return refuse(answer, REASON_FORM_TOKEN);
    }
    if (!login_load(txn, &link.handle, &login, error)) {
        return OUTCOME_BROKEN;
    }
    if (!login || !token_matches(&link, login->link_hash)) {
        return refuse(answer, REASON_LINK_UNKNOWN);
    }
    Reason problem = login_problem(txn, login);
    if (problem != REASON_NONE) {
        return refuse(answer, problem);
    }
    *ret_login = g_steal_pointer(&login);
    return OUTCOME_GRANTED;
}

static gboolean draw(Txn *txn, Login *login, char **ret_number, GError **error)
{
    *ret_number = g_strdup_printf("%02u", random_below(NUMBER_BELOW));
    login_number_mac(txn, &login->id, *ret_number, login->number_mac);
    return login_save(txn, login, error);
}

Outcome login_draw_number(
    Txn *txn,
    const LoginElsewhereAsked *asked,
    LoginElsewhereAnswer *ret_answer,
    GError **error)
{
    g_autoptr(Login) login = NULL;
    gboolean allowed = FALSE;

    Outcome outcome = find(txn, asked, &login, ret_answer, error);
    if (outcome != OUTCOME_GRANTED) {
        return outcome;
    }
    if (!login_take_try(txn, asked->caller, &allowed, error)) {
        return OUTCOME_BROKEN;
    }
    if (!allowed) {
        return refuse(ret_answer, REASON_TOO_MANY);
    }
    return draw(txn, login, &ret_answer->number, error) ? OUTCOME_GRANTED : OUTCOME_BROKEN;
}
ACT_DEFINE(login_draw_number, LoginElsewhereAsked, LoginElsewhereAnswer, answer_clear);

/* It stays on the list of its address, which else would tell whoever asks on that it is over. */
static gboolean disown(Txn *txn, const Id *id, GError **error)
{
    g_autoptr(Login) login = NULL;

    if (!login_load(txn, id, &login, error)) {
        return FALSE;
    }
    if (!login || login_problem(txn, login) != REASON_NONE) {
        return TRUE;
    }
    login->state = LOGIN_DISOWNED;
    return login_save(txn, login, error);
}

static gboolean disown_all(Txn *txn, const Login *login, GError **error)
{
    const ListName name = {LIST_LOGINS_OF_EMAIL, login->email_mac, sizeof(login->email_mac)};
    g_autoptr(GArray) ids = list_take(txn, &name, NULL, LOGINS_OF_EMAIL_MAX + 1, error);

    for (guint i = 0; ids && i < ids->len; i++) {
        if (!disown(txn, &g_array_index(ids, Id, i), error)) {
            return FALSE;
        }
    }
    return ids != NULL;
}

static gboolean note(Txn *txn, const Login *login, GError **error)
{
    const Event news = {
        .subject = EVENT_OF_ACCOUNT,
        .subject_id = login->account,
        .what = EVENT_SIGN_IN,
        .outcome = OUTCOME_DENIED,
        .reason = REASON_LINK_DISOWNED,
    };

    return id_is_none(&login->account) || event_write(txn, &news, NULL, error);
}

Outcome login_disown(
    Txn *txn,
    const LoginElsewhereAsked *asked,
    LoginElsewhereAnswer *ret_answer,
    GError **error)
{
    g_autoptr(Login) login = NULL;

    Outcome outcome = find(txn, asked, &login, ret_answer, error);
    if (outcome != OUTCOME_GRANTED) {
        return outcome;
    }
    return disown_all(txn, login, error) && note(txn, login, error) ? OUTCOME_GRANTED
                                                                    : OUTCOME_BROKEN;
}
ACT_DEFINE(login_disown, LoginElsewhereAsked, LoginElsewhereAnswer, answer_clear);
