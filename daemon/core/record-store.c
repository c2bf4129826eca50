/* SPDX-License-Identifier: GPL-3.0-or-later */

/* record-store.c - records out of and into a transaction */

#include "core/record.h"

#include <string.h>

/* Before a record that dies with a restore stands the epoch that it was written in. */
#define EPOCH_BYTES sizeof(guint64)

/* (transfer full): the record alone; NULL: it is of another epoch. */
static GBytes *epoch_take(const Txn *txn, GBytes *bytes)
{
    gsize size = 0;
    const guint8 *data = g_bytes_get_data(bytes, &size);
    guint64 epoch = 0;

    if (size < EPOCH_BYTES) {
        return NULL;
    }
    memcpy(&epoch, data, EPOCH_BYTES);
    return GUINT64_FROM_LE(epoch) == txn_epoch(txn)
               ? g_bytes_new_from_bytes(bytes, EPOCH_BYTES, size - EPOCH_BYTES)
               : NULL;
}

static GBytes *epoch_put(const Txn *txn, GBytes *bytes)
{
    gsize size = 0;
    const guint8 *data = g_bytes_get_data(bytes, &size);
    guint64 epoch = GUINT64_TO_LE(txn_epoch(txn));
    g_autoptr(GByteArray) all = g_byte_array_sized_new((guint)(EPOCH_BYTES + size));

    g_byte_array_append(all, (const guint8 *)&epoch, EPOCH_BYTES);
    g_byte_array_append(all, data, (guint)size);
    return g_byte_array_free_to_bytes(g_steal_pointer(&all));
}

gboolean record_load(
    Txn *txn,
    const RecordTable *table,
    const void *id,
    gsize id_size,
    gpointer *ret_record,
    GError **error)
{
    g_autoptr(GBytes) bytes = NULL;

    if (!txn_get(txn, table->kind, id, id_size, &bytes, error)) {
        return FALSE;
    }
    g_autoptr(GBytes) own =
        bytes && table->of_epoch ? epoch_take(txn, bytes) : g_steal_pointer(&bytes);
    if (!own) {
        *ret_record = NULL;
        return TRUE;
    }
    gpointer record = record_decode(table, own, error);
    if (!record) {
        return FALSE;
    }
    *ret_record = record;
    return TRUE;
}

gboolean record_save(
    Txn *txn,
    const RecordTable *table,
    const void *id,
    gsize id_size,
    gconstpointer record,
    gint64 expires_usec,
    GError **error)
{
    g_autoptr(GBytes) own = record_encode(table, record);
    g_autoptr(GBytes) bytes = table->of_epoch ? epoch_put(txn, own) : g_bytes_ref(own);

    return txn_put(txn, table->kind, id, id_size, bytes, expires_usec, error);
}
