/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "core/chain-list.h"

#include "store/list.h"

static gboolean end_listed(Txn *txn, const ListName *name, GError **error)
{
    g_autoptr(GArray) ids = list_take(txn, name, NULL, G_MAXUINT, error);

    for (guint i = 0; ids && i < ids->len; i++) {
        g_autoptr(Chain) chain = NULL;
        if (!chain_load(txn, &g_array_index(ids, Id, i), &chain, error) ||
            (chain && !chain->ended && !chain_end(txn, chain, error))) {
            return FALSE;
        }
    }
    return ids && list_clear(txn, name, error);
}

gboolean chain_end_of_session(Txn *txn, const Id *session, GError **error)
{
    return end_listed(txn, &(ListName){LIST_CHAINS_OF_SESSION, session->bytes, ID_BYTES}, error);
}

gboolean chain_end_of_identity(Txn *txn, const Id *identity, GError **error)
{
    return end_listed(txn, &(ListName){LIST_CHAINS_OF_IDENTITY, identity->bytes, ID_BYTES}, error);
}

/* The one that was used last first. */
static int by_use(gconstpointer a, gconstpointer b)
{
    const Chain *one = *(const Chain *const *)a;
    const Chain *other = *(const Chain *const *)b;

    return (other->used_usec > one->used_usec) - (other->used_usec < one->used_usec);
}

/* Those of @ids that live; what is over leaves the list. */
static GPtrArray *sift_living(Txn *txn, const ListName *name, const GArray *ids, GError **error)
{
    g_autoptr(GPtrArray) living = g_ptr_array_new_with_free_func((GDestroyNotify)chain_free);

    for (guint i = 0; i < ids->len; i++) {
        const Id *id = &g_array_index(ids, Id, i);
        g_autoptr(Chain) chain = NULL;
        if (!chain_load(txn, id, &chain, error)) {
            return NULL;
        }
        if (chain && !chain->ended) {
            g_ptr_array_add(living, g_steal_pointer(&chain));
        } else if (!list_remove(txn, name, id, error)) {
            return NULL;
        }
    }
    return g_steal_pointer(&living);
}

static gboolean tidy(Txn *txn, const ListName *name, const GArray *ids, GError **error)
{
    g_autoptr(GPtrArray) living = sift_living(txn, name, ids, error);

    if (living) {
        g_ptr_array_sort(living, by_use);
    }
    for (guint i = CHAINS_KEPT_MAX; living && i < living->len; i++) {
        Chain *chain = living->pdata[i];
        if (!chain_end(txn, chain, error) || !list_remove(txn, name, &chain->id, error)) {
            return FALSE;
        }
    }
    return living != NULL;
}

static gboolean enter(Txn *txn, const ListName *name, const Id *chain, GError **error)
{
    g_autoptr(GArray) ids = list_take(txn, name, NULL, CHAINS_LISTED_MAX, error);

    return ids && (ids->len < CHAINS_LISTED_MAX || tidy(txn, name, ids, error)) &&
           list_add(txn, name, chain, error);
}

gboolean chain_list_enter(Txn *txn, const Chain *chain, gboolean offline, GError **error)
{
    const ListName of_identity = {LIST_CHAINS_OF_IDENTITY, chain->identity.bytes, ID_BYTES};
    const ListName of_session = {LIST_CHAINS_OF_SESSION, chain->session.bytes, ID_BYTES};

    return enter(txn, &of_identity, &chain->id, error) &&
           (offline || id_is_none(&chain->session) || enter(txn, &of_session, &chain->id, error));
}
