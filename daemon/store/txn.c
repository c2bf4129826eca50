/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "store/txn-inside.h"

#include "base/error.h"

#include <string.h>

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

void txn_unlock(Txn *txn)
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
    g_clear_pointer(&txn->writes, g_hash_table_unref);
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

gboolean txn_is_calm(const Txn *txn)
{
    return store_time_is_calm(&txn->store->time);
}

guint64 txn_epoch(const Txn *txn)
{
    return store_epoch(txn->store);
}

const guint8 *txn_key(const Txn *txn, KeyUse use)
{
    const Secret *key = keyring_current(txn->store->keyring, txn->tenant, use, NULL);

    g_assert(key && secret_size(key) == 32);
    return secret_peek(key);
}

const MacKey *txn_mac(const Txn *txn, KeyUse use)
{
    const MacKey *key = keyring_mac(txn->store->keyring, txn->tenant, use, NULL);

    g_assert(key);
    return key;
}

const Keyring *txn_keyring(const Txn *txn)
{
    return txn->store->keyring;
}

const Keks *txn_keks(const Txn *txn)
{
    return txn->store->keks;
}

/* Where a record stands, and what is known of it already. */
typedef struct Place {
    Address address;
    guint8 key[TABLE_KEY_BYTES];
    const CacheEntry *cached; /* NULL: the table is asked */
} Place;

static void place_clear(Place *place)
{
    address_clear(&place->address);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Place, place_clear)

static void
place_find(const Txn *txn, guint32 kind, const void *id, gsize id_size, Place *ret_place)
{
    g_assert(txn->locked && id_size > 0 && id_size <= TXN_KEY_BYTES_MAX);
    address_init(&ret_place->address, txn->tenant, kind, id, id_size);
    ret_place->cached = cache_find(txn->store->cache, &ret_place->address);
    if (ret_place->cached) {
        memcpy(ret_place->key, ret_place->cached->key, TABLE_KEY_BYTES);
    } else {
        value_key(&txn->keys, &ret_place->address, ret_place->key);
    }
}

static gboolean fetch_from_table(
    Txn *txn,
    const Place *place,
    GBytes **ret_plain,
    gint64 *ret_expires_usec,
    GError **error)
{
    g_autoptr(GBytes) sealed = NULL;
    g_autoptr(GError) failure = NULL;

    if (!table_get(txn->store->table, place->key, &sealed, &failure)) {
        store_fail(txn->store, failure);
        g_propagate_error(error, g_steal_pointer(&failure));
        return FALSE;
    }
    if (!sealed) {
        *ret_plain = NULL;
        return TRUE;
    }
    *ret_plain = value_open(&txn->keys, &place->address, sealed, ret_expires_usec, error);
    if (*ret_plain) {
        cache_put(txn->store->cache, &place->address, place->key, *ret_plain, *ret_expires_usec);
    }
    return *ret_plain != NULL;
}

/* What is committed, whether expired or not; a value of another address is an error. */
static gboolean
fetch(Txn *txn, const Place *place, GBytes **ret_plain, gint64 *ret_expires_usec, GError **error)
{
    guint64 point = undurable_find(txn->store->undurable, place->key);

    txn->point = MAX(txn->point, point);
    if (!place->cached) {
        return fetch_from_table(txn, place, ret_plain, ret_expires_usec, error);
    }
    *ret_plain = g_bytes_new(place->cached->plain, place->cached->size);
    *ret_expires_usec = place->cached->expires_usec;
    return TRUE;
}

static gboolean is_over(const Txn *txn, gint64 expires_usec)
{
    return expires_usec != 0 && expires_usec <= txn->now_usec;
}

static Write *write_find(const Txn *txn, const guint8 *key)
{
    return txn->writes ? g_hash_table_lookup(txn->writes, key) : NULL;
}

gboolean
txn_get(Txn *txn, guint32 kind, const void *id, gsize id_size, GBytes **ret_value, GError **error)
{
    g_auto(Place) place = {.cached = NULL};
    gint64 expires_usec = 0;

    place_find(txn, kind, id, id_size, &place);
    const Write *write = write_find(txn, place.key);
    if (write) {
        gboolean there = write->plain && !is_over(txn, write->expires_usec);
        *ret_value = there ? g_bytes_ref(write->plain) : NULL;
        return TRUE;
    }
    if (!fetch(txn, &place, ret_value, &expires_usec, error)) {
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

/* Takes the place's address over. */
static Write *write_add(Txn *txn, Place *place)
{
    Write *write = g_new0(Write, 1);

    write->address = place->address;
    place->address = (Address){0};
    memcpy(write->key, place->key, TABLE_KEY_BYTES);
    if (!txn->writes) {
        txn->writes = g_hash_table_new(table_key_hash, table_key_equal);
    }
    g_ptr_array_add(txn->order, write);
    (void)g_hash_table_insert(txn->writes, write->key, write);
    return write;
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
    g_auto(Place) place = {.cached = NULL};
    g_autoptr(GBytes) old = NULL;
    gint64 expires_usec = 0;

    place_find(txn, kind, id, id_size, &place);
    *ret_write = write_find(txn, place.key);
    if (*ret_write) {
        return TRUE;
    }
    if (txn->order->len >= TXN_WRITES_MAX) {
        return refuse(error, "too many records in one transaction");
    }
    if (!fetch(txn, &place, &old, &expires_usec, error)) {
        return FALSE;
    }
    *ret_write = write_add(txn, &place);
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

gboolean txn_touch(Txn *txn, guint32 kind, const void *id, gsize id_size, GError **error)
{
    g_auto(Place) place = {.cached = NULL};
    g_autoptr(GBytes) plain = NULL;
    gint64 expires_usec = 0;

    place_find(txn, kind, id, id_size, &place);
    if (write_find(txn, place.key)) {
        return TRUE;
    }
    if (!fetch(txn, &place, &plain, &expires_usec, error)) {
        return FALSE;
    }
    if (plain) {
        Write *write = write_add(txn, &place);
        write->plain = g_steal_pointer(&plain);
        write->expires_usec = expires_usec;
    }
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

void txn_set_gathered(Txn *txn)
{
    txn->gathered = TRUE;
}
