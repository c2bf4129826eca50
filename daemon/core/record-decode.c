/* SPDX-License-Identifier: GPL-3.0-or-later */

/* record-decode.c - bytes to structs: strict, since what does not decode is damage, or a later
 * version */

#include "base/error.h"
#include "core/record-inside.h"

#include <string.h>

#define FIELDS_MAX 64U

/* Bytes that are read, from the front. */
typedef struct Reader {
    const guint8 *data;
    gsize size;
} Reader;

static gboolean take(Reader *reader, gsize size, const guint8 **ret_data)
{
    if (reader->size < size) {
        return FALSE;
    }
    *ret_data = reader->data;
    reader->data += size;
    reader->size -= size;
    return TRUE;
}

static gboolean take_u32(Reader *reader, guint32 *ret_number)
{
    const guint8 *data = NULL;

    if (!take(reader, sizeof(*ret_number), &data)) {
        return FALSE;
    }
    memcpy(ret_number, data, sizeof(*ret_number));
    *ret_number = GUINT32_FROM_LE(*ret_number);
    return TRUE;
}

static gboolean fields_decode(const RecordTable *table, Reader in, gpointer record);

static gboolean text_decode(Reader in, char **ret_text)
{
    if (!g_utf8_validate_len((const char *)in.data, in.size, NULL)) {
        return FALSE; /* a NUL inside is refused too */
    }
    *ret_text = g_strndup((const char *)in.data, in.size);
    return TRUE;
}

/* A length, and as many bytes. */
static gboolean take_sized(Reader *reader, Reader *ret_part)
{
    guint32 size = 0;

    if (!take_u32(reader, &size) || !take(reader, size, &ret_part->data)) {
        return FALSE;
    }
    ret_part->size = size;
    return TRUE;
}

static gboolean texts_decode(Reader in, char ***ret_texts)
{
    char *found[RECORD_TEXTS_MAX + 1] = {NULL};
    gboolean good = TRUE;
    guint n = 0;

    while (good && in.size > 0) {
        Reader one;
        good = n < RECORD_TEXTS_MAX && take_sized(&in, &one) && text_decode(one, &found[n]);
        n += good ? 1 : 0;
    }
    if (good) {
        *ret_texts = g_memdup2(found, (n + 1) * sizeof(char *));
        return TRUE;
    }
    while (n > 0) {
        g_free(found[--n]);
    }
    return FALSE;
}

static gboolean rows_decode(const RecordField *field, Reader in, guint8 *rows)
{
    for (guint i = 0; i < field->rows_max; i++) {
        Reader row;
        if (!take_sized(&in, &row)) {
            return FALSE;
        }
        if (row.size > 0 && !fields_decode(field->rows, row, rows + i * field->rows->size)) {
            return FALSE;
        }
    }
    return in.size == 0;
}

static gboolean ids_decode(Reader in, GArray **ret_ids)
{
    if (in.size % ID_BYTES != 0) {
        return FALSE;
    }
    *ret_ids = g_array_new(FALSE, FALSE, sizeof(Id));
    g_array_append_vals(*ret_ids, in.data, (guint)(in.size / ID_BYTES));
    return TRUE;
}

static gboolean number_decode(FieldType type, Reader in, gpointer place)
{
    guint64 little = 0;
    gsize size = type == FIELD_BOOL ? 1 : type == FIELD_U32 ? 4 : 8;

    if (in.size != size) {
        return FALSE;
    }
    memcpy(&little, in.data, size);
    guint64 number = GUINT64_FROM_LE(little);
    if (type == FIELD_I64) {
        *(gint64 *)place = (gint64)number;
        return TRUE;
    }
    *(guint32 *)place = (guint32)number; /* a gboolean is as wide */
    return type == FIELD_U32 || number <= 1;
}

G_STATIC_ASSERT(sizeof(gboolean) == sizeof(guint32));

static gboolean value_decode(const RecordField *field, Reader in, gpointer place)
{
    gsize fixed = field->type == FIELD_ID ? ID_BYTES : RECORD_HASH_BYTES;

    switch (field->type) {
    case FIELD_BOOL:
    case FIELD_U32:
    case FIELD_I64:
        return number_decode(field->type, in, place);
    case FIELD_ID:
    case FIELD_HASH:
        if (in.size != fixed) {
            return FALSE;
        }
        memcpy(place, in.data, fixed);
        return TRUE;
    case FIELD_TEXT:
        return text_decode(in, place);
    case FIELD_TEXTS:
        return texts_decode(in, place);
    case FIELD_BYTES:
        *(GBytes **)place = g_bytes_new(in.data, in.size);
        return TRUE;
    case FIELD_IDS:
        return ids_decode(in, place);
    case FIELD_ROWS:
        return rows_decode(field, in, place);
    }
    return FALSE;
}

/* The index of a field in its table; FIELDS_MAX when there is none. Fields are written in the
 * table's order, so it is nearly always the @next one. */
static guint field_index(const RecordTable *table, guint16 number, guint next)
{
    if (number != 0 && table->fields[next].number == number) {
        return next;
    }
    for (guint i = 0; table->fields[i].number; i++) {
        g_assert(i < FIELDS_MAX);
        if (table->fields[i].number == number) {
            return i;
        }
    }
    return FIELDS_MAX;
}

/* "Never NULL after a load", but in a row that is all zero. */
static void texts_complete(const RecordTable *table, gpointer record)
{
    for (const RecordField *field = table->fields; field->number; field++) {
        char ***texts = record_member(record, field);
        if (field->type == FIELD_TEXTS && !*texts) {
            *texts = g_new0(char *, 1);
        }
    }
}

static gboolean fields_decode(const RecordTable *table, Reader in, gpointer record)
{
    guint64 seen = 0;
    guint next = 0;

    while (in.size > 0) {
        const guint8 *head = NULL;
        Reader value;
        if (!take(&in, 2, &head) || !take_sized(&in, &value)) {
            return FALSE;
        }
        guint index = field_index(table, (guint16)(head[0] | head[1] << 8), next);
        if (index == FIELDS_MAX || seen >> index & 1U) {
            return FALSE; /* from another version, or a double */
        }
        seen |= G_GUINT64_CONSTANT(1) << index;
        next = index + 1;
        const RecordField *field = &table->fields[index];
        if (!value_decode(field, value, record_member(record, field))) {
            return FALSE;
        }
    }
    texts_complete(table, record);
    return TRUE;
}

gpointer record_decode(const RecordTable *table, GBytes *bytes, GError **error)
{
    Reader in;
    const guint8 *version = NULL;
    gpointer record = g_malloc0(table->size);

    in.data = g_bytes_get_data(bytes, &in.size);
    if (!take(&in, 1, &version) || *version != RECORD_VERSION ||
        !fields_decode(table, in, record)) {
        record_free(table, record);
        g_set_error(
            error, ANTARA_ERROR, ANTARA_ERROR_DAMAGED, "a record of the kind %s does not decode",
            table->name);
        return NULL;
    }
    return record;
}
