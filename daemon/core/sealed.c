/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "core/sealed.h"

#include "base/text.h"
#include "crypto/seal.h"

#include <string.h>

#define SEALED_CHARS_MAX (16U * 1024)

/* Bound to the tenant and to this use of the key. */
static char *bound_make(const Txn *txn, const RecordTable *table)
{
    return g_strconcat("antara ", table->name, "\n", txn_tenant(txn), NULL);
}

char *record_seal(const Txn *txn, const RecordTable *table, gconstpointer record)
{
    g_autoptr(GBytes) plain = record_encode(table, record);
    g_autofree char *bound = bound_make(txn, table);
    gsize size = 0;
    const void *data = g_bytes_get_data(plain, &size);
    g_autofree guint8 *sealed = g_malloc(size + SEAL_OVERHEAD);

    seal_close(txn_key(txn, KEY_FORM), bound, strlen(bound), data, size, sealed);
    return base64url_encode(sealed, size + SEAL_OVERHEAD);
}

static GBytes *unseal(const Txn *txn, const RecordTable *table, const char *text)
{
    gsize chars = text ? strlen(text) : 0;
    g_autofree char *bound = bound_make(txn, table);
    g_autofree guint8 *sealed = g_malloc(chars + 1);
    gsize size = 0;

    if (chars == 0 || chars > SEALED_CHARS_MAX ||
        !base64url_decode(text, chars, sealed, chars, &size) || size < SEAL_OVERHEAD) {
        return NULL;
    }
    guint8 *plain = g_malloc(size);
    if (!seal_open(txn_key(txn, KEY_FORM), bound, strlen(bound), sealed, size, plain)) {
        g_free(plain);
        return NULL;
    }
    return g_bytes_new_take(plain, size - SEAL_OVERHEAD);
}

gpointer record_unseal(const Txn *txn, const RecordTable *table, const char *text)
{
    g_autoptr(GBytes) plain = unseal(txn, table, text);

    return plain ? record_decode(table, plain, NULL) : NULL;
}
