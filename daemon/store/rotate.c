/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "store/rotate.h"

#include "base/error.h"
#include "store/settle.h"
#include "store/snapshot.h"
#include "store/txn-inside.h"

#include <string.h>

#define RESEALS_A_REST 64U

gboolean rotate_is_pending(const Store *store)
{
    return keyring_has_old(store->keyring);
}

static gboolean refuse(GError **error, const char *words, const char *kek)
{
    g_set_error(error, ANTARA_ERROR, ANTARA_ERROR_FAILED, "%s %s", words, kek);
    return FALSE;
}

static gboolean may_begin(const Store *store, const Kek *next, GError **error)
{
    const char *current = kek_id(keks_current(store->keks));

    if (rotate_is_pending(store)) {
        return refuse(error, "a rotation is under way: to the KEK", current);
    }
    if (strcmp(kek_id(store->kek), current) != 0) {
        return refuse(error, "first start antarad with the KEK of the last rotation:", current);
    }
    return strcmp(kek_id(next), current) != 0 || refuse(error, "this is the KEK in use:", current);
}

/* Saves a changed copy, then makes it the live one. */
static gboolean keyring_become(Store *store, const Keyring *next, GError **error)
{
    g_autoptr(Keks) keks = keks_new(next, store->kek);

    if (!settle_save_keyring(store, next, keks, error)) {
        return FALSE;
    }
    LOCKED(&store->lock);
    Keks *old = store->keks;
    keyring_take(store->keyring, next);
    (void)g_atomic_int_add(&store->keyring_changes, 1);
    store->keks = g_steal_pointer(&keks);
    keks = old;
    return TRUE;
}

gboolean
rotate_signing(Upkeep *upkeep, const StoreWorkAsked *asked, gint64 now_usec, GError **error)
{
    Store *store = upkeep_store(upkeep);
    g_autoptr(Keyring) renewed = keyring_copy(store->keyring);

    return keyring_rotate_signing(renewed, asked->tenant, now_usec, !asked->forget, error) &&
           keyring_become(store, renewed, error);
}

gboolean rotate_begin(Upkeep *upkeep, const Kek *next, GError **error)
{
    Store *store = upkeep_store(upkeep);
    g_autoptr(Keyring) renewed = NULL;
    Manifest manifest = store->manifest;

    if (!may_begin(store, next, error)) {
        return FALSE;
    }
    (void)g_strlcpy(manifest.retired_kek, kek_id(store->kek), sizeof(manifest.retired_kek));
    renewed = keyring_copy(store->keyring);
    keyring_renew(renewed, store->kek, next);
    return upkeep_set_manifest(upkeep, &manifest, error) && keyring_become(store, renewed, error);
}

/* One walk over a snapshot. */
typedef struct Walk {
    Upkeep *upkeep;
    Store *store;
    gboolean count; /* only */
    guint64 old;    /* records under old keys */
    guint resealed;
    guint64 bytes; /* since the last rest */
} Walk;

/* Whether a newer key of that tenant is there; *ret_tenant: whose it is. */
static gboolean key_is_old(const Store *store, guint32 key_id, const char **ret_tenant)
{
    guint32 current = 0;

    *ret_tenant = keyring_tenant_of(store->keyring, key_id);
    return *ret_tenant && keyring_current(store->keyring, *ret_tenant, KEY_DATA, &current) &&
           current != key_id;
}

/* In the table it may be gone, or written since. Locked, by the transaction. */
static gboolean is_still_old(Store *store, const guint8 *key, gboolean *ret_old, GError **error)
{
    g_autoptr(GBytes) value = NULL;
    const char *tenant = NULL;

    if (!table_get(store->table, key, &value, error)) {
        store_fail(store, *error);
        return FALSE;
    }
    *ret_old = value && key_is_old(store, value_data_key_id(value), &tenant);
    return TRUE;
}

/* kind and id stand behind the tenant; see address_init() */
static gboolean rewrite(Store *store, Txn *txn, const Address *address, GError **error)
{
    const guint8 *at = address->bytes + 1 + address->bytes[0];
    gsize id_size = address->size - (gsize)(at - address->bytes) - sizeof(guint32);
    guint32 kind = 0;

    memcpy(&kind, at, sizeof(kind));
    kind = GUINT32_FROM_LE(kind);
    at += sizeof(kind);
    return (!store->rewrap || store->rewrap(txn, kind, at, id_size, error)) &&
           txn_touch(txn, kind, at, id_size, error);
}

static gboolean
reseal(Store *store, const char *tenant, const guint8 *key, const Address *address, GError **error)
{
    g_autoptr(Txn) txn = txn_begin(store, tenant, error);
    gboolean old = FALSE;
    guint64 point = 0;

    if (!txn || !is_still_old(store, key, &old, error)) {
        return FALSE;
    }
    txn_set_gathered(txn);
    return !old ||
           (rewrite(store, txn, address, error) && txn_commit(txn, &point, error) == TXN_COMMITTED);
}

static gboolean rest(Walk *walk, GError **error)
{
    guint64 bytes = walk->bytes;

    walk->bytes = 0;
    walk->resealed = 0;
    store_push(walk->store);
    return pace_rest(upkeep_pace(walk->upkeep), bytes, error);
}

static gboolean
visit_old(Walk *walk, const char *tenant, const guint8 *key, GBytes *value, GError **error)
{
    ValueKeys keys;
    g_auto(Address) address = {0};

    if (!value_keys_init(&keys, walk->store->keyring, tenant, error)) {
        return FALSE;
    }
    if (!value_address(&keys, key, value, &address)) {
        g_set_error(
            error, ANTARA_ERROR, ANTARA_ERROR_DAMAGED, "a record of the tenant %s is damaged",
            tenant);
        return FALSE;
    }
    return reseal(walk->store, tenant, key, &address, error) &&
           (++walk->resealed < RESEALS_A_REST || rest(walk, error));
}

static gboolean visit(const guint8 *key, GBytes *value, gpointer data, GError **error)
{
    Walk *walk = data;
    const char *tenant = NULL;

    walk->bytes += TABLE_RECORD_BYTES + g_bytes_get_size(value);
    if (!key_is_old(walk->store, value_data_key_id(value), &tenant)) {
        return TRUE;
    }
    walk->old++;
    return walk->count || visit_old(walk, tenant, key, value, error);
}

/* All records of the last snapshot; what came later is under the new keys already. */
static gboolean walk_snapshot(Walk *walk, GError **error)
{
    const Manifest *manifest = &walk->store->manifest;
    g_autofree char *path = snapshot_path(walk->store->dir, manifest->snapshot);
    g_autoptr(Table) table = manifest->snapshot ? table_open(path, TABLE_LOOK, error) : NULL;

    if (!manifest->snapshot) {
        return TRUE; /* nothing was ever written */
    }
    return table && table_walk(table, visit, walk, error) && rest(walk, error);
}

static gboolean reseal_all(Upkeep *upkeep, guint64 *ret_left, GError **error)
{
    Store *store = upkeep_store(upkeep);
    Walk resealing = {.upkeep = upkeep, .store = store};
    Walk counting = {.upkeep = upkeep, .store = store, .count = TRUE};

    if (!upkeep_checkpoint(upkeep, error)) {
        return FALSE;
    }
    upkeep_expect(upkeep, store->manifest.live_bytes);
    if (!walk_snapshot(&resealing, error) || !upkeep_checkpoint(upkeep, error) ||
        !walk_snapshot(&counting, error)) {
        return FALSE;
    }
    *ret_left = counting.old;
    return TRUE;
}

gboolean rotate_go_on(Upkeep *upkeep, GError **error)
{
    Store *store = upkeep_store(upkeep);
    guint64 left = 1;

    while (left > 0) { /* what was only expired is gone in the second round */
        if (!reseal_all(upkeep, &left, error)) {
            return FALSE;
        }
    }
    g_autoptr(Keyring) rest_of_it = keyring_copy(store->keyring);
    keyring_drop_old(rest_of_it);
    return keyring_become(store, rest_of_it, error);
}
