/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "core/ending.h"

#include "core/identity.h"
#include "store/list.h"

static const ListName apps = {LIST_APPS_ENDING, "all", 3};

gboolean ending_add_app(Txn *txn, const Id *app, GError **error)
{
    return list_add(txn, &apps, app, error);
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

Outcome ending_step(
    Txn *txn,
    G_GNUC_UNUSED const EndingAsked *asked,
    EndingAnswer *ret_answer,
    GError **error)
{
    g_autoptr(GArray) first = list_take(txn, &apps, NULL, 1, error);

    if (!first) {
        return OUTCOME_BROKEN;
    }
    if (first->len == 0) {
        return OUTCOME_GRANTED;
    }
    txn_set_revoking(txn);
    ret_answer->more = TRUE;
    return clear_app(txn, &g_array_index(first, Id, 0), error) ? OUTCOME_GRANTED : OUTCOME_BROKEN;
}
ACT_DEFINE(ending_step, EndingAsked, EndingAnswer, NULL);
