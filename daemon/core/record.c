/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "core/record.h"

#include "base/secret.h"
#include "core/record-inside.h"

#include <string.h>

static void put_u32(GByteArray *out, guint32 number)
{
    guint32 little = GUINT32_TO_LE(number);

    g_byte_array_append(out, (const guint8 *)&little, sizeof(little));
}

/* --- freeing --- */

static void text_drop(char *text, gboolean secret)
{
    if (text && secret) {
        secret_wipe(text, strlen(text));
    }
    g_free(text);
}

static void texts_drop(char **texts, gboolean secret)
{
    for (gsize i = 0; texts && texts[i]; i++) {
        text_drop(texts[i], secret);
    }
    g_free((gpointer)texts);
}

static void fields_clear(const RecordTable *table, gpointer record);

static void field_clear(const RecordField *field, gpointer record)
{
    gpointer place = record_member(record, field);

    switch (field->type) {
    case FIELD_TEXT:
        text_drop(*(char **)place, field->secret);
        break;
    case FIELD_TEXTS:
        texts_drop(*(char ***)place, field->secret);
        break;
    case FIELD_BYTES:
        g_clear_pointer((GBytes **)place, g_bytes_unref);
        break;
    case FIELD_IDS:
        g_clear_pointer((GArray **)place, g_array_unref);
        break;
    case FIELD_ROWS:
        for (guint i = 0; i < field->rows_max; i++) {
            fields_clear(field->rows, (guint8 *)place + i * field->rows->size);
        }
        break;
    case FIELD_BOOL:
    case FIELD_U32:
    case FIELD_I64:
    case FIELD_ID:
    case FIELD_HASH:
        break; /* lies in the struct, which is wiped as a whole */
    }
}

static void fields_clear(const RecordTable *table, gpointer record)
{
    for (const RecordField *field = table->fields; field->number; field++) {
        field_clear(field, record);
    }
}

void record_clear(const RecordTable *table, gpointer record)
{
    fields_clear(table, record);
    secret_wipe(record, table->size);
}

void record_free(const RecordTable *table, gpointer record)
{
    if (record) {
        record_clear(table, record);
        g_free(record);
    }
}

/* --- to bytes --- */

static void fields_encode(const RecordTable *table, gconstpointer record, GByteArray *out);

/* Of what comes next the size is written when it is known. */
static guint size_begin(GByteArray *out)
{
    put_u32(out, 0);
    return out->len;
}

/* A field's number, and its size as above. */
static guint field_begin(const RecordField *field, GByteArray *out)
{
    const guint16 number = GUINT16_TO_LE(field->number);
    guint8 head[sizeof(number) + sizeof(guint32)] = {0};

    memcpy(head, &number, sizeof(number));
    g_byte_array_append(out, head, sizeof(head));
    return out->len;
}

static void size_end(GByteArray *out, guint begin)
{
    guint32 size = GUINT32_TO_LE(out->len - begin);

    memcpy(out->data + begin - sizeof(size), &size, sizeof(size));
}

static void texts_encode(char *const *texts, GByteArray *out)
{
    for (gsize i = 0; texts && texts[i]; i++) {
        g_assert(i < RECORD_TEXTS_MAX);
        put_u32(out, (guint32)strlen(texts[i]));
        g_byte_array_append(out, (const guint8 *)texts[i], (guint)strlen(texts[i]));
    }
}

static void rows_encode(const RecordField *field, const guint8 *rows, GByteArray *out)
{
    for (guint i = 0; i < field->rows_max; i++) {
        guint begin = size_begin(out);
        fields_encode(field->rows, rows + i * field->rows->size, out);
        size_end(out, begin);
    }
}

static void bytes_encode(GBytes *bytes, GByteArray *out)
{
    gsize size = 0;
    const guint8 *data = g_bytes_get_data(bytes, &size);

    g_byte_array_append(out, data, (guint)size);
}

static void number_encode(const RecordField *field, gconstpointer place, GByteArray *out)
{
    guint64 wide = field->type == FIELD_BOOL  ? (*(const gboolean *)place ? 1U : 0U)
                   : field->type == FIELD_U32 ? *(const guint32 *)place
                                              : (guint64) * (const gint64 *)place;
    guint64 little = GUINT64_TO_LE(wide);
    guint size = field->type == FIELD_BOOL ? 1 : field->type == FIELD_U32 ? 4 : 8;

    g_byte_array_append(out, (const guint8 *)&little, size);
}

static void value_encode(const RecordField *field, gconstpointer place, GByteArray *out)
{
    switch (field->type) {
    case FIELD_BOOL:
    case FIELD_U32:
    case FIELD_I64:
        number_encode(field, place, out);
        break;
    case FIELD_ID:
        g_byte_array_append(out, place, ID_BYTES);
        break;
    case FIELD_HASH:
        g_byte_array_append(out, place, RECORD_HASH_BYTES);
        break;
    case FIELD_TEXT:
        g_byte_array_append(
            out, *(const guint8 *const *)place, (guint)strlen(*(const char *const *)place));
        break;
    case FIELD_TEXTS:
        texts_encode(*(char *const *const *)place, out);
        break;
    case FIELD_BYTES:
        bytes_encode(*(GBytes *const *)place, out);
        break;
    case FIELD_IDS: {
        const GArray *ids = *(GArray *const *)place;
        g_byte_array_append(out, (const guint8 *)ids->data, ids->len * ID_BYTES);
        break;
    }
    case FIELD_ROWS:
        rows_encode(field, place, out);
        break;
    }
}

static gboolean is_absent(const RecordField *field, gconstpointer place)
{
    gboolean points =
        field->type == FIELD_TEXT || field->type == FIELD_BYTES || field->type == FIELD_IDS;

    return points && *(gconstpointer const *)place == NULL;
}

/* Numbers and ids are written even when zero, so that two records of a kind differ in length only
 * where their texts do: what stands in them can't be told from their size. */
static void fields_encode(const RecordTable *table, gconstpointer record, GByteArray *out)
{
    for (const RecordField *field = table->fields; field->number; field++) {
        gconstpointer place = record_member(record, field);
        if (is_absent(field, place)) {
            continue;
        }
        guint begin = field_begin(field, out);
        value_encode(field, place, out);
        size_end(out, begin);
    }
}

GBytes *record_encode(const RecordTable *table, gconstpointer record)
{
    const guint8 version = RECORD_VERSION;
    GByteArray *out = g_byte_array_sized_new((guint)MAX(2 * table->size, 256));

    g_byte_array_append(out, &version, 1);
    fields_encode(table, record, out);
    return g_byte_array_free_to_bytes(out);
}
