/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "store/broom.h"

#include "store/payload.h"
#include "store/txn-inside.h"

#define SWEEP_KEYS 32U /* deleted under one hold of the lock */

void broom_init(Broom *broom, gint64 now_usec)
{
    *broom = (Broom){.now_usec = now_usec, .keys = g_byte_array_new()};
}

void broom_clear(Broom *broom)
{
    g_clear_pointer(&broom->keys, g_byte_array_unref);
}

gboolean broom_look(
    const guint8 key[TABLE_KEY_BYTES],
    GBytes *value,
    gpointer data,
    G_GNUC_UNUSED GError **error)
{
    Broom *broom = data;

    if (value_has_expired(value, broom->now_usec) &&
        broom->keys->len < BROOM_KEYS_MAX * TABLE_KEY_BYTES) {
        g_byte_array_append(broom->keys, key, TABLE_KEY_BYTES);
    }
    return TRUE;
}

/* One commit. What the cache still holds of it has expired as well, so that nobody is told of it.
 */
static gboolean
sweep_some(Store *store, const guint8 *keys, guint n_keys, guint64 *deleted, GError **error)
{
    g_autoptr(GByteArray) payload = g_byte_array_new();
    LOCKED(&store->lock);
    gint64 now_usec = store_time_now(&store->time);
    guint64 before = *deleted;

    payload_begin(payload, now_usec);
    for (guint i = 0; i < n_keys; i++, keys += TABLE_KEY_BYTES) {
        g_autoptr(GBytes) value = NULL;
        if (!table_get(store->table, keys, &value, error)) {
            return FALSE;
        }
        if (value && value_has_expired(value, now_usec)) {
            payload_add(payload, keys, NULL);
            (*deleted)++;
        }
    }
    return before == *deleted ||
           commit_payload(
               store, g_byte_array_free_to_bytes(g_steal_pointer(&payload)), n_keys, error);
}

gboolean broom_sweep(
    Store *store,
    const Broom *broom,
    const Pace *pace,
    guint64 *ret_deleted,
    GError **error)
{
    guint n_keys = broom->keys->len / TABLE_KEY_BYTES;

    *ret_deleted = 0;
    for (guint at = 0; at < n_keys; at += SWEEP_KEYS) {
        const guint8 *keys = broom->keys->data + (gsize)at * TABLE_KEY_BYTES;
        if (!sweep_some(store, keys, MIN(SWEEP_KEYS, n_keys - at), ret_deleted, error) ||
            !pace_rest(pace, 0, error)) {
            return FALSE;
        }
    }
    return TRUE;
}
