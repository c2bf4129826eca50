/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "store/store-inside.h"

#include "base/error.h"

#include <string.h>

void payload_begin(GByteArray *payload, gint64 time_usec)
{
    gint64 time = GINT64_TO_LE(time_usec);

    g_byte_array_append(payload, (const guint8 *)&time, sizeof(time));
}

void payload_add(GByteArray *payload, const guint8 key[TABLE_KEY_BYTES], GBytes *value)
{
    gsize size = value ? g_bytes_get_size(value) : PAYLOAD_DELETED;
    guint32 number = GUINT32_TO_LE((guint32)size);

    g_byte_array_append(payload, key, TABLE_KEY_BYTES);
    g_byte_array_append(payload, (const guint8 *)&number, sizeof(number));
    if (value) {
        g_byte_array_append(payload, g_bytes_get_data(value, NULL), (guint)size);
    }
}

static gboolean malformed(GError **error)
{
    g_set_error(
        error, ANTARA_ERROR, ANTARA_ERROR_DAMAGED,
        "a commit in the journal has a format that this version does not know");
    return FALSE;
}

/* Applies one write; *at moves behind it. */
static gboolean write_apply(const guint8 *data, gsize size, gsize *at, Table *table, GError **error)
{
    guint32 number = 0;

    if (size - *at < TABLE_KEY_BYTES + sizeof(number)) {
        return malformed(error);
    }
    const guint8 *key = data + *at;
    memcpy(&number, key + TABLE_KEY_BYTES, sizeof(number));
    number = GUINT32_FROM_LE(number);
    *at += TABLE_KEY_BYTES + sizeof(number);
    if (number == PAYLOAD_DELETED) {
        return table_delete(table, key, error);
    }
    if (number > size - *at) {
        return malformed(error);
    }
    *at += number;
    return table_put(table, key, data + *at - number, number, error);
}

gboolean payload_apply(GBytes *payload, Table *table, gint64 *ret_time_usec, GError **error)
{
    gsize size = 0;
    const guint8 *data = g_bytes_get_data(payload, &size);
    gsize at = sizeof(gint64);
    gint64 time = 0;

    if (size < at) {
        return malformed(error);
    }
    memcpy(&time, data, sizeof(time));
    *ret_time_usec = GINT64_FROM_LE(time);
    while (at < size) {
        if (!write_apply(data, size, &at, table, error)) {
            return FALSE;
        }
    }
    return TRUE;
}
