/* SPDX-License-Identifier: GPL-3.0-or-later */

/* record-store.c - records out of and into a transaction */

#include "core/record.h"

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
    if (!bytes) {
        *ret_record = NULL;
        return TRUE;
    }
    gpointer record = record_decode(table, bytes, error);
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
    g_autoptr(GBytes) bytes = record_encode(table, record);

    return txn_put(txn, table->kind, id, id_size, bytes, expires_usec, error);
}
