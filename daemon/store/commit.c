/* SPDX-License-Identifier: GPL-3.0-or-later */

/* commit.c - the end of a transaction: sealed, applied to the table, handed to the journal */

#include "base/error.h"
#include "store/txn-inside.h"

static gboolean refuse(GError **error, const char *words)
{
    g_set_error_literal(error, ANTARA_ERROR, ANTARA_ERROR_FAILED, words);
    return FALSE;
}

static GByteArray *payload_make(const Txn *txn)
{
    GByteArray *payload = g_byte_array_new();

    payload_begin(payload, txn->now_usec);
    for (guint i = 0; i < txn->order->len; i++) {
        const Write *write = txn->order->pdata[i];
        g_autoptr(GBytes) sealed = write->plain ? value_seal(
                                                      &txn->keys, &write->address, write->key,
                                                      write->plain, write->expires_usec)
                                                : NULL;
        payload_add(payload, write->key, sealed);
    }
    return payload;
}

/* Sees to room for the table and the journal before either is touched. */
static gboolean room_is_there(Txn *txn, gsize payload_bytes, GError **error)
{
    Store *store = txn->store;

    if (store_has_failed(store)) {
        return refuse(error, "the store has failed: the next start recovers");
    }
    if (payload_bytes > FRAME_PAYLOAD_BYTES_MAX) {
        return refuse(error, "a transaction writes too much at once");
    }
    gboolean room = room_claim(&store->room, txn->order->len, payload_bytes, txn->revoking) &&
                    journal_has_room(store->journal, payload_bytes, txn->revoking);
    if (!room) {
        journal_claim_soon(store->journal);
        g_set_error(
            error, ANTARA_ERROR, ANTARA_ERROR_NO_ROOM, "%s: the disk is full: free some room there",
            store->dir);
    }
    return room;
}

/* What the table holds now, and from when on it is durable. */
static void note_written(Store *store, const Write *write, guint64 sequence)
{
    undurable_add(store->undurable, write->key, sequence);
    if (write->plain) {
        cache_put(store->cache, &write->address, write->key, write->plain, write->expires_usec);
    } else {
        cache_drop(store->cache, &write->address);
    }
}

/* Hands *payload over to the journal's thread, which frees it. An error here leaves journal and
 * table at odds: the store ends, and recovers at its next start.
 */
static TxnEnd apply(Txn *txn, GBytes **payload, guint64 *ret_point, GError **error)
{
    Store *store = txn->store;
    gint64 time_usec = 0;
    guint64 sequence = journal_next(store->journal);

    if (!payload_apply(*payload, store->table, &time_usec, error)) {
        store_fail(store, *error);
        return TXN_FAILED;
    }
    for (guint i = 0; i < txn->order->len; i++) {
        note_written(store, txn->order->pdata[i], sequence);
    }
    store_tell(store, sequence, g_steal_pointer(&txn->announcements));
    g_assert(journal_commit(store->journal, g_steal_pointer(payload), time_usec) == sequence);
    if (!txn->gathered) {
        journal_push(store->journal);
    }
    *ret_point = sequence;
    return TXN_COMMITTED;
}

TxnEnd txn_commit(Txn *txn, guint64 *ret_point, GError **error)
{
    TxnEnd end = TXN_COMMITTED;

    g_assert(txn->locked);
    if (txn->order->len == 0 && !txn->announcements) {
        *ret_point = txn->point;
        txn_unlock(txn);
        return end;
    }

    g_autoptr(GBytes) payload = g_byte_array_free_to_bytes(payload_make(txn));
    g_autoptr(GError) problem = NULL;
    end = room_is_there(txn, g_bytes_get_size(payload), &problem)
              ? apply(txn, &payload, ret_point, &problem)
              : TXN_FAILED;
    if (problem) {
        g_propagate_error(error, g_steal_pointer(&problem));
    }
    txn_unlock(txn);
    return end;
}
