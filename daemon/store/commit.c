/* SPDX-License-Identifier: GPL-3.0-or-later */

/* commit.c - the end of a transaction: sealed, applied to the table, handed to the journal */

#include "base/error.h"
#include "store/payload.h"
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
static gboolean
room_is_there(Store *store, guint n_writes, gsize bytes, gboolean revoking, GError **error)
{
    if (store_has_failed(store)) {
        return refuse(error, "the store has failed: the next start recovers");
    }
    if (bytes > segment_payload_max(&store->segments)) {
        return refuse(error, "a transaction writes too much at once");
    }
    gboolean room = room_claim(&store->room, n_writes, bytes, revoking) &&
                    journal_has_room(store->journal, bytes, revoking);
    if (!room) {
        journal_claim_soon(store->journal);
        g_set_error(
            error, ANTARA_ERROR, ANTARA_ERROR_NO_ROOM, "%s: the disk is full: free some room there",
            store->dir);
    }
    return room;
}

/* To the table, then to the journal's thread, which takes @payload. An error here leaves the two at
 * odds: the store ends, and recovers at its next start. */
static gboolean
apply(Store *store, GBytes *payload, guint64 sequence, GPtrArray *announcements, GError **error)
{
    g_autoptr(GBytes) owned = payload;
    g_autoptr(GPtrArray) said = announcements;
    g_autoptr(GError) problem = NULL;
    gint64 time_usec = 0;

    if (!payload_apply(payload, store->table, &time_usec, &problem)) {
        store_fail(store, problem);
        g_propagate_error(error, g_steal_pointer(&problem));
        return FALSE;
    }
    store_tell(store, sequence, g_steal_pointer(&said));
    g_assert(journal_commit(store->journal, g_steal_pointer(&owned), time_usec) == sequence);
    return TRUE;
}

gboolean commit_payload(Store *store, GBytes *payload, guint n_writes, GError **error)
{
    g_autoptr(GBytes) owned = payload;
    guint64 sequence = journal_next(store->journal);

    if (!room_is_there(store, n_writes, g_bytes_get_size(payload), FALSE, error) ||
        !apply(store, g_steal_pointer(&owned), sequence, NULL, error)) {
        return FALSE;
    }
    journal_push(store->journal);
    return TRUE;
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

static gboolean commit_writes(Txn *txn, guint64 *ret_point, GError **error)
{
    Store *store = txn->store;
    g_autoptr(GBytes) payload = g_byte_array_free_to_bytes(payload_make(txn));
    guint64 sequence = journal_next(store->journal);

    if (!room_is_there(store, txn->order->len, g_bytes_get_size(payload), txn->revoking, error) ||
        !apply(
            store, g_steal_pointer(&payload), sequence, g_steal_pointer(&txn->announcements),
            error)) {
        return FALSE;
    }
    for (guint i = 0; i < txn->order->len; i++) {
        note_written(store, txn->order->pdata[i], sequence);
    }
    if (!txn->gathered) {
        journal_push(store->journal);
    }
    *ret_point = sequence;
    return TRUE;
}

TxnEnd txn_commit(Txn *txn, guint64 *ret_point, GError **error)
{
    gboolean done = TRUE;

    g_assert(txn->locked);
    if (txn->order->len == 0 && !txn->announcements) {
        *ret_point = txn->point;
    } else {
        done = commit_writes(txn, ret_point, error);
    }
    txn_unlock(txn);
    return done ? TXN_COMMITTED : TXN_FAILED;
}
