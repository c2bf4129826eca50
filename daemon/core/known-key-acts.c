/* SPDX-License-Identifier: GPL-3.0-or-later */

/* known-key-acts.c - known keys shown and ended: by their person, by an administrator */

#include "core/known-key-inside.h"

Outcome known_key_end(Txn *txn, const MeAsked *asked, PlainAnswer *ret_answer, GError **error)
{
    g_autoptr(KnownKey) known = NULL;

    if (!session_form_token_matches(txn, asked->caller, asked->form_token)) {
        ret_answer->reason = REASON_FORM_TOKEN;
        return OUTCOME_DENIED;
    }
    if (asked->target && !known_key_load(txn, asked->target, &known, error)) {
        return OUTCOME_BROKEN;
    }
    if (!known || !id_equal(&known->account, &asked->caller->account->id)) {
        ret_answer->reason = REASON_NOT_FOUND;
        return OUTCOME_DENIED;
    }
    return known_key_finish(txn, known, error) ? OUTCOME_GRANTED : OUTCOME_BROKEN;
}

static void answer_clear(gpointer data)
{
    g_clear_pointer(&((KnownKeyAnswer *)data)->rows, g_ptr_array_unref);
}

/* Adds those of an account that are this local user's. */
static gboolean
add_rows(Txn *txn, const KnownKeyAsked *asked, const Id *account, GPtrArray *rows, GError **error)
{
    g_autoptr(GPtrArray) all = known_key_rows(txn, asked->caller->config, account, error);

    while (all && all->len > 0) {
        KnownKey *known = g_ptr_array_steal_index(all, 0);
        if (g_str_equal(known->local_user, asked->local_user)) {
            g_ptr_array_add(rows, known);
        } else {
            known_key_free(known);
        }
    }
    return all != NULL;
}

/* Who isn't linked has none: a link that goes takes them along. */
Outcome
known_key_list(Txn *txn, const KnownKeyAsked *asked, KnownKeyAnswer *ret_answer, GError **error)
{
    g_autoptr(GArray) accounts = link_accounts(txn, KNOWN_KEY_SERVICE, asked->local_user, error);

    ret_answer->rows = g_ptr_array_new_with_free_func((GDestroyNotify)known_key_free);
    for (guint i = 0; accounts && i < accounts->len; i++) {
        if (!add_rows(txn, asked, &g_array_index(accounts, Id, i), ret_answer->rows, error)) {
            return OUTCOME_BROKEN;
        }
    }
    return accounts ? OUTCOME_GRANTED : OUTCOME_BROKEN;
}

Outcome
known_key_end_all(Txn *txn, const KnownKeyAsked *asked, PlainAnswer *ret_answer, GError **error)
{
    g_autoptr(GArray) accounts = link_accounts(txn, KNOWN_KEY_SERVICE, asked->local_user, error);
    guint n_ended = 0;

    for (guint i = 0; accounts && i < accounts->len; i++) {
        if (!known_key_end_of(
                txn, &g_array_index(accounts, Id, i), asked->local_user, &n_ended, error)) {
            return OUTCOME_BROKEN;
        }
    }
    if (!accounts) {
        return OUTCOME_BROKEN;
    }
    ret_answer->reason = n_ended > 0 ? REASON_NONE : REASON_NOT_FOUND;
    return n_ended > 0 ? OUTCOME_GRANTED : OUTCOME_DENIED;
}

ACT_DEFINE(known_key_end, MeAsked, PlainAnswer, NULL);
ACT_DEFINE(known_key_list, KnownKeyAsked, KnownKeyAnswer, answer_clear);
ACT_DEFINE(known_key_end_all, KnownKeyAsked, PlainAnswer, NULL);
