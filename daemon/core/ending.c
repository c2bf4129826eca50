/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "core/ending.h"

#include "core/chain.h"
#include "core/identity.h"
#include "core/session.h"
#include "store/list.h"

static const ListName apps = {LIST_APPS_ENDING, "all", 3};
static const ListName accounts = {LIST_ACCOUNTS_ENDING, "all", 3};

gboolean ending_add_app(Txn *txn, const Id *app, GError **error)
{
    return list_add(txn, &apps, app, error);
}

gboolean ending_add_account(Txn *txn, const Id *account, GError **error)
{
    return list_add(txn, &accounts, account, error);
}

gboolean ending_has_account(Txn *txn, const Id *account, gboolean *ret_has, GError **error)
{
    return list_has(txn, &accounts, account, ret_has, error);
}

/* Off the list too, whether it is there or not: else the same piece would come again. */
static gboolean forget(Txn *txn, const ListName *of_app, const Id *id, GError **error)
{
    g_autoptr(Identity) identity = NULL;

    return identity_load(txn, id, &identity, error) &&
           (!identity || identity_remove(txn, identity, error)) &&
           list_remove(txn, of_app, id, error);
}

static gboolean clear_app(Txn *txn, const Id *app, GError **error)
{
    const ListName of_app = {LIST_IDENTITIES_OF_APP, app->bytes, ID_BYTES};
    g_autoptr(GArray) ids = list_take(txn, &of_app, NULL, ENDING_IDENTITIES_MAX, error);

    for (guint i = 0; ids && i < ids->len; i++) {
        if (!forget(txn, &of_app, &g_array_index(ids, Id, i), error)) {
            return FALSE;
        }
    }
    return ids && (ids->len == ENDING_IDENTITIES_MAX || list_remove(txn, &apps, app, error));
}

/* What no session took with it: it was to outlive that, or came from a device. The identities stay,
 * so the way through them is kept outside. */
static gboolean clear_chains(Txn *txn, EndingPlace *place, GError **error)
{
    const ListName of_account = {LIST_IDENTITIES_OF_ACCOUNT, place->account.bytes, ID_BYTES};
    const Id *after = id_is_none(&place->identity) ? NULL : &place->identity;
    g_autoptr(GArray) ids = list_take(txn, &of_account, after, ENDING_IDENTITIES_MAX, error);

    for (guint i = 0; ids && i < ids->len; i++) {
        place->identity = g_array_index(ids, Id, i);
        if (!chain_end_of_identity(txn, &place->identity, error)) {
            return FALSE;
        }
    }
    return ids && (ids->len == ENDING_IDENTITIES_MAX ||
                   list_remove(txn, &accounts, &place->account, error));
}

static gboolean clear_account(Txn *txn, EndingPlace *place, GError **error)
{
    guint ended = 0;

    return session_end_some(txn, &place->account, NULL, &ended, error) &&
           (ended > 0 || clear_chains(txn, place, error));
}

/* *ret_id: none when the list is empty. */
static gboolean first_of(Txn *txn, const ListName *name, Id *ret_id, GError **error)
{
    g_autoptr(GArray) ids = list_take(txn, name, NULL, 1, error);

    *ret_id = ids && ids->len > 0 ? g_array_index(ids, Id, 0) : ID_NONE;
    return ids != NULL;
}

Outcome ending_step(Txn *txn, const EndingAsked *asked, EndingAnswer *ret_answer, GError **error)
{
    EndingPlace *place = &ret_answer->place;
    Id app = ID_NONE;

    if (!first_of(txn, &apps, &app, error) || !first_of(txn, &accounts, &place->account, error)) {
        return OUTCOME_BROKEN;
    }
    if (id_equal(&place->account, &asked->place.account)) {
        *place = asked->place;
    }
    ret_answer->more = !id_is_none(&app) || !id_is_none(&place->account);
    if (!ret_answer->more) {
        return OUTCOME_GRANTED;
    }
    txn_set_revoking(txn);
    return (id_is_none(&app) ? clear_account(txn, place, error) : clear_app(txn, &app, error))
               ? OUTCOME_GRANTED
               : OUTCOME_BROKEN;
}
ACT_DEFINE(ending_step, EndingAsked, EndingAnswer, NULL);
