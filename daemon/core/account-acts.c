/* SPDX-License-Identifier: GPL-3.0-or-later */

/* account-acts.c - what an administrator does with accounts */

#include "base/secret.h"
#include "core/account.h"
#include "core/address.h"

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
