/* SPDX-License-Identifier: GPL-3.0-or-later */

/* account-acts.c - what an administrator does with accounts */

#include "base/secret.h"
#include "core/account.h"
#include "core/address.h"
#include "core/ending.h"
#include "core/event.h"
#include "core/grant.h"

static void answer_clear(gpointer data)
{
    AccountAnswer *answer = data;

    secret_text_free(answer->email);
    g_free(answer->locale);
    *answer = (AccountAnswer){0};
}

static Outcome refuse(AccountAnswer *answer, Reason reason)
{
    answer->reason = reason;
    return OUTCOME_DENIED;
}

static Outcome tell(Txn *txn, const Account *account, AccountAnswer *answer, GError **error)
{
    answer->email = account_email(txn, account, error);
    if (!answer->email) {
        return OUTCOME_BROKEN;
    }
    answer->id = account->id;
    answer->state = account->state;
    answer->locale = g_strdup(account->locale);
    answer->born_usec = account->born_usec;
    return OUTCOME_GRANTED;
}

Outcome account_add(Txn *txn, const AccountAsked *asked, AccountAnswer *ret_answer, GError **error)
{
    g_autoptr(SecretText) mail = NULL;
    g_autoptr(SecretText) lookup = NULL;
    g_autoptr(Account) there = NULL;
    g_autoptr(Account) account = NULL;

    if (!address_normalise(asked->email, &mail, &lookup)) {
        return refuse(ret_answer, REASON_ADDRESS_BAD);
    }
    if (!account_find(txn, lookup, &there, error)) {
        return OUTCOME_BROKEN;
    }
    if (there) {
        return refuse(ret_answer, REASON_EXISTS);
    }
    if (!account_make(txn, mail, lookup, "", &account, error)) {
        return OUTCOME_BROKEN;
    }
    return tell(txn, account, ret_answer, error);
}
ACT_DEFINE(account_add, AccountAsked, AccountAnswer, answer_clear);

Outcome account_show(Txn *txn, const AccountAsked *asked, AccountAnswer *ret_answer, GError **error)
{
    g_autoptr(SecretText) mail = NULL;
    g_autoptr(SecretText) lookup = NULL;
    g_autoptr(Account) account = NULL;

    if (asked->id) {
        if (!account_load(txn, asked->id, &account, error)) {
            return OUTCOME_BROKEN;
        }
    } else if (!address_normalise(asked->email, &mail, &lookup)) {
        return refuse(ret_answer, REASON_ADDRESS_BAD);
    } else if (!account_find(txn, lookup, &account, error)) {
        return OUTCOME_BROKEN;
    }
    return account ? tell(txn, account, ret_answer, error) : refuse(ret_answer, REASON_NOT_FOUND);
}
ACT_DEFINE(account_show, AccountAsked, AccountAnswer, answer_clear);

/* NULL in *ret_account: there is none, or it is in that state already. */
static Outcome find_to_change(
    Txn *txn,
    const AccountAsked *asked,
    AccountState state,
    Account **ret_account,
    AccountAnswer *answer,
    GError **error)
{
    g_autoptr(Account) account = NULL;

    *ret_account = NULL;
    if (!account_load(txn, asked->id, &account, error)) {
        return OUTCOME_BROKEN;
    }
    if (!account) {
        return refuse(answer, REASON_NOT_FOUND);
    }
    answer->changed = account->state != state;
    *ret_account = answer->changed ? g_steal_pointer(&account) : NULL;
    return OUTCOME_GRANTED;
}

static gboolean change(Txn *txn, Account *account, AccountState state, GError **error)
{
    gboolean ends = state == ACCOUNT_SUSPENDED;
    const Event news = {
        .subject = EVENT_OF_ACCOUNT,
        .subject_id = account->id,
        .what = EVENT_ACCOUNT_CHANGE,
        .outcome = ends ? OUTCOME_DENIED : OUTCOME_GRANTED,
        .reason = ends ? REASON_SUSPENDED : REASON_NONE,
    };

    account->state = state;
    txn_announce(txn, KIND_ACCOUNT, &account->id, CHANGE_CHANGED);
    return account_save(txn, account, error) && event_write(txn, &news, NULL, error);
}

Outcome
account_suspend(Txn *txn, const AccountAsked *asked, AccountAnswer *ret_answer, GError **error)
{
    g_autoptr(Account) account = NULL;
    Outcome outcome = find_to_change(txn, asked, ACCOUNT_SUSPENDED, &account, ret_answer, error);

    if (!account) {
        return outcome;
    }
    txn_set_revoking(txn);
    account->suspended_usec = txn_now(txn);
    return ending_add_account(txn, &account->id, error) &&
                   change(txn, account, ACCOUNT_SUSPENDED, error)
               ? OUTCOME_GRANTED
               : OUTCOME_BROKEN;
}
ACT_DEFINE(account_suspend, AccountAsked, AccountAnswer, answer_clear);

Outcome
account_resume(Txn *txn, const AccountAsked *asked, AccountAnswer *ret_answer, GError **error)
{
    g_autoptr(Account) account = NULL;
    gboolean ending = FALSE;
    Outcome outcome = find_to_change(txn, asked, ACCOUNT_ACTIVE, &account, ret_answer, error);

    if (!account) {
        return outcome;
    }
    if (!ending_has_account(txn, &account->id, &ending, error)) {
        return OUTCOME_BROKEN;
    }
    if (ending || txn_now(txn) - account->suspended_usec <= GRANT_LIFE_USEC) {
        return refuse(ret_answer, REASON_ENDING);
    }
    return change(txn, account, ACCOUNT_ACTIVE, error) ? OUTCOME_GRANTED : OUTCOME_BROKEN;
}
ACT_DEFINE(account_resume, AccountAsked, AccountAnswer, answer_clear);
