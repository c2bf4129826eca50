/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "store/payload.h"

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

/* Reads one write; *at moves behind it. */
static gboolean
write_read(const guint8 *data, gsize size, gsize *at, PayloadWrite *ret_write, GError **error)
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
        *ret_write = (PayloadWrite){.key = key};
        return TRUE;
    }
    if (number > size - *at) {
        return malformed(error);
    }
    *ret_write = (PayloadWrite){key, data + *at, number};
    *at += number;
    return TRUE;
}

gboolean payload_walk(
    GBytes *payload,
    gint64 *ret_time_usec,
    PayloadVisit visit,
    gpointer data,
    GError **error)
{
    gsize size = 0;
    const guint8 *bytes = g_bytes_get_data(payload, &size);
    gsize at = sizeof(gint64);
    gint64 time = 0;
    PayloadWrite write;

    if (size < at) {
        return malformed(error);
    }
    memcpy(&time, bytes, sizeof(time));
    *ret_time_usec = GINT64_FROM_LE(time);
    while (at < size) {
        if (!write_read(bytes, size, &at, &write, error) || !visit(&write, data, error)) {
            return FALSE;
        }
    }
    return TRUE;
}

gboolean payload_put(const PayloadWrite *write, gpointer table, GError **error)
{
    return write->value ? table_put(table, write->key, write->value, write->size, error)
                        : table_delete(table, write->key, error);
}

gboolean payload_apply(GBytes *payload, Table *table, gint64 *ret_time_usec, GError **error)
{
    return payload_walk(payload, ret_time_usec, payload_put, table, error);
}
