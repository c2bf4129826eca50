/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "store/txn.h"

#include "base/error.h"
#include "store/store-inside.h"
#include "store/value.h"

#include <string.h>

/* One write that waits for the commit. */
typedef struct Write {
    guint8 key[TABLE_KEY_BYTES];
    Address address;
    GBytes *plain; /* NULL: deleted */
    gint64 expires_usec;
} Write;

struct Txn {
    Store *store;
    char *tenant;
    ValueKeys keys;
    gint64 now_usec;
    guint64 point; /* of what was read */
    gboolean revoking;
    gboolean locked;
    GHashTable *writes; /* physical key (in the Write) -> Write */
    GPtrArray *order;   /* of Write, as they came first */
    GPtrArray *announcements;
};

static guint key_hash(gconstpointer key)
{
    guint hash = 0;

    memcpy(&hash, key, sizeof(hash));
    return hash;
}

static gboolean key_equal(gconstpointer a, gconstpointer b)
{
    return memcmp(a, b, TABLE_KEY_BYTES) == 0;
}

static void write_free(gpointer data)
{
    Write *write = data;

    address_clear(&write->address);
    g_clear_pointer(&write->plain, g_bytes_unref);
    g_free(write);
}

Txn *txn_begin(Store *store, const char *tenant, GError **error)
{
    g_autoptr(Txn) txn = g_new0(Txn, 1);

    txn->store = store;
    txn->tenant = g_strdup(tenant);
    txn->writes = g_hash_table_new(key_hash, key_equal);
    txn->order = g_ptr_array_new_with_free_func(write_free);
    (void)lock_enter(&store->lock);
    txn->locked = TRUE;
    if (!value_keys_init(&txn->keys, store->keyring, txn->tenant, error)) {
        return NULL;
    }
    undurable_prune(store->undurable, journal_durable(store->journal));
    txn->now_usec = store_time_now(&store->time);
    return g_steal_pointer(&txn);
}

static void txn_unlock(Txn *txn)
{
    if (txn->locked) {
        Lock *held = &txn->store->lock;
        txn->locked = FALSE;
        lock_leave(&held);
    }
}

void txn_free(Txn *txn)
{
    if (!txn) {
        return;
    }
    txn_unlock(txn);
    g_hash_table_unref(txn->writes);
    g_ptr_array_unref(txn->order);
    g_clear_pointer(&txn->announcements, g_ptr_array_unref);
    g_free(txn->tenant);
    g_free(txn);
}

const char *txn_tenant(const Txn *txn)
{
    return txn->tenant;
}

gint64 txn_now(const Txn *txn)
{
    return txn->now_usec;
}

const guint8 *txn_key(const Txn *txn, KeyUse use)
{
    const Secret *key = keyring_current(txn->store->keyring, txn->tenant, use, NULL);

    g_assert(key && secret_size(key) == 32);
    return secret_peek(key);
}

const Secret *txn_signing_key(const Txn *txn)
{
    return keyring_current(txn->store->keyring, txn->tenant, KEY_SIGNING, NULL);
}

const Kek *txn_kek(const Txn *txn)
{
    return txn->store->kek;
}

/* What the table holds, whether expired or not; a value of another address is an error. */
static gboolean fetch(
    Txn *txn,
    const Address *address,
    const guint8 *key,
    GBytes **ret_plain,
    gint64 *ret_expires_usec,
    GError **error)
{
    g_autoptr(GBytes) sealed = NULL;
    g_autoptr(GError) failure = NULL;
    guint64 point = undurable_find(txn->store->undurable, key);

    txn->point = MAX(txn->point, point);
    if (!table_get(txn->store->table, key, &sealed, &failure)) {
        store_fail(txn->store, failure);
        g_propagate_error(error, g_steal_pointer(&failure));
        return FALSE;
    }
    *ret_plain = sealed ? value_open(&txn->keys, address, sealed, ret_expires_usec, error) : NULL;
    return !sealed || *ret_plain;
}

static gboolean is_over(const Txn *txn, gint64 expires_usec)
{
    return expires_usec != 0 && expires_usec <= txn->now_usec;
}

gboolean
txn_get(Txn *txn, guint32 kind, const void *id, gsize id_size, GBytes **ret_value, GError **error)
{
    g_auto(Address) address = {0};
    guint8 key[TABLE_KEY_BYTES];
    gint64 expires_usec = 0;

    g_assert(txn->locked && id_size > 0 && id_size <= TXN_KEY_BYTES_MAX);
    address_init(&address, txn->tenant, kind, id, id_size);
    value_key(&txn->keys, &address, key);
    const Write *write = g_hash_table_lookup(txn->writes, key);
    if (write) {
        gboolean there = write->plain && !is_over(txn, write->expires_usec);
        *ret_value = there ? g_bytes_ref(write->plain) : NULL;
        return TRUE;
    }
    if (!fetch(txn, &address, key, ret_value, &expires_usec, error)) {
        return FALSE;
    }
    if (*ret_value && is_over(txn, expires_usec)) {
        g_clear_pointer(ret_value, g_bytes_unref);
    }
    return TRUE;
}

static gboolean refuse(GError **error, const char *words)
{
    g_set_error_literal(error, ANTARA_ERROR, ANTARA_ERROR_FAILED, words);
    return FALSE;
}

/* Finds the write of a key, or begins one: then what stands there must be this address's. */
static gboolean write_begin(
    Txn *txn,
    guint32 kind,
    const void *id,
    gsize id_size,
    Write **ret_write,
    GError **error)
{
    g_autoptr(GBytes) old = NULL;
    gint64 expires_usec = 0;
    Write *write = g_new0(Write, 1);

    g_assert(txn->locked && id_size > 0 && id_size <= TXN_KEY_BYTES_MAX);
    address_init(&write->address, txn->tenant, kind, id, id_size);
    value_key(&txn->keys, &write->address, write->key);
    *ret_write = g_hash_table_lookup(txn->writes, write->key);
    if (*ret_write) {
        write_free(write);
        return TRUE;
    }
    if (txn->order->len >= TXN_WRITES_MAX ||
        !fetch(txn, &write->address, write->key, &old, &expires_usec, error)) {
        gboolean too_many = txn->order->len >= TXN_WRITES_MAX;
        write_free(write);
        return too_many ? refuse(error, "too many records in one transaction") : FALSE;
    }
    g_ptr_array_add(txn->order, write);
    (void)g_hash_table_insert(txn->writes, write->key, write);
    *ret_write = write;
    return TRUE;
}

gboolean txn_put(
    Txn *txn,
    guint32 kind,
    const void *id,
    gsize id_size,
    GBytes *value,
    gint64 expires_usec,
    GError **error)
{
    Write *write = NULL;

    if (g_bytes_get_size(value) > TXN_VALUE_BYTES_MAX) {
        return refuse(error, "a record is too large");
    }
    if (!write_begin(txn, kind, id, id_size, &write, error)) {
        return FALSE;
    }
    g_clear_pointer(&write->plain, g_bytes_unref);
    write->plain = g_bytes_ref(value);
    write->expires_usec = expires_usec;
    return TRUE;
}

gboolean txn_delete(Txn *txn, guint32 kind, const void *id, gsize id_size, GError **error)
{
    Write *write = NULL;

    if (!write_begin(txn, kind, id, id_size, &write, error)) {
        return FALSE;
    }
    g_clear_pointer(&write->plain, g_bytes_unref);
    return TRUE;
}

void txn_announce(Txn *txn, guint32 kind, const Id *id, guint32 change)
{
    Announcement *said = g_new(Announcement, 1);

    if (!txn->announcements) {
        txn->announcements = g_ptr_array_new_with_free_func((GDestroyNotify)announcement_free);
    }
    *said = (Announcement){g_strdup(txn->tenant), kind, *id, change};
    g_ptr_array_add(txn->announcements, said);
}

void txn_set_revoking(Txn *txn)
{
    txn->revoking = TRUE;
}

static GByteArray *payload_make(const Txn *txn)
{
    GByteArray *payload = g_byte_array_new();

    payload_begin(payload, txn->now_usec);
    for (guint i = 0; i < txn->order->len; i++) {
        const Write *write = txn->order->pdata[i];
        g_autoptr(GBytes) sealed =
            write->plain
                ? value_seal(&txn->keys, &write->address, write->plain, write->expires_usec)
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
        undurable_add(store->undurable, ((const Write *)txn->order->pdata[i])->key, sequence);
    }
    store_tell(store, sequence, g_steal_pointer(&txn->announcements));
    g_assert(journal_commit(store->journal, g_steal_pointer(payload), time_usec) == sequence);
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
