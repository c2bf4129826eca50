/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* account.h - a person: sealed email, locale, state. The id never leaves the daemon */

#include "core/act.h"
#include "core/record.h"
#include "crypto/digest.h"

typedef enum AccountState { ACCOUNT_ACTIVE = 1, ACCOUNT_SUSPENDED } AccountState;

typedef struct Account {
    Id id;
    GBytes *email; /* crypto/envelope */
    guint32 state;
    char *locale; /* BCP 47, "" unknown */
    gint64 born_usec;
    gint64 suspended_usec; /* last; 0: never. What was signed in before that stays over */
} Account;

extern const RecordTable account_table;
void account_free(Account *account);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Account, account_free)

gboolean account_load(Txn *txn, const Id *id, Account **ret_account, GError **error);
gboolean account_save(Txn *txn, const Account *account, GError **error);

/* Not suspended, nor since @signed_in_usec. */
gboolean account_admits(const Account *account, gint64 signed_in_usec);

/* By address as typed; *ret_account NULL when nobody has it. */
gboolean account_find(Txn *txn, const char *lookup, Account **ret_account, GError **error);
/* Makes one; the address must be free. */
gboolean account_make(
    Txn *txn,
    const char *mail,
    const char *lookup,
    const char *locale,
    Account **ret_account,
    GError **error);
/* (transfer full): the clear address; wipe it with secret_text_free(). */
char *account_email(Txn *txn, const Account *account, GError **error);

/* The keyed digest that stands for an address in keys; @lookup of address_normalise(). */
void account_lookup_mac(const Txn *txn, const char *lookup, guint8 ret_mac[SHA256_BYTES]);
/* What a sealed email of that record is bound to (crypto/envelope). */
GBytes *email_bound(const Txn *txn, Kind kind, const Id *id);

/* acts: account add, find, show, suspend, resume (bus) */
typedef struct AccountAsked {
    const Caller *caller;
    const char *email; /* untrusted; for add and find */
    const Id *id;      /* for show, suspend and resume */
} AccountAsked;

typedef struct AccountAnswer {
    Reason reason;
    Id id;
    char *email;
    guint32 state;
    char *locale;
    gint64 born_usec;
    gboolean changed; /* suspend, resume: it was not so already */
} AccountAnswer;

ACT_DECLARE(account_add, AccountAsked, AccountAnswer);  /* ADDRESS_BAD, EXISTS */
ACT_DECLARE(account_show, AccountAsked, AccountAnswer); /* by id, or else by email; NOT_FOUND */

/* Nothing of it is good from now on: sessions, tokens, approvals, mailed links. Its records follow
 * (core/ending.h), and with its sessions the apps that want to know are told. NOT_FOUND */
ACT_DECLARE(account_suspend, AccountAsked, AccountAnswer);
/* It may sign in again; what it had does not come back. NOT_FOUND; ENDING while that is still being
 * cleared away, and for as long as a code lives (GRANT_LIFE_USEC). */
ACT_DECLARE(account_resume, AccountAsked, AccountAnswer);
