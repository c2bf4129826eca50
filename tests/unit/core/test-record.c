/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "core/record.h"

#include "base/error.h"

#include <string.h>

typedef struct Row {
    guint32 number;
    char **words;
} Row;

typedef struct Thing {
    gboolean yes;
    guint32 number;
    gint64 when;
    Id id;
    guint8 hash[32];
    char *text;
    char **texts;
    GBytes *bytes;
    GArray *ids;
    Row rows[2];
} Thing;

static const RecordField row_fields[] = {
    {.number = 1, "number", FIELD_U32, offsetof(Row, number)},
    {.number = 2, "words", FIELD_TEXTS, offsetof(Row, words)},
    {.number = 0},
};
static const RecordTable row_table =
    {.name = "row", .kind = 0, .size = sizeof(Row), .fields = row_fields};

static const RecordField thing_fields[] = {
    {.number = 1, "yes", FIELD_BOOL, offsetof(Thing, yes)},
    {.number = 2, "number", FIELD_U32, offsetof(Thing, number)},
    {.number = 3, "when", FIELD_I64, offsetof(Thing, when)},
    {.number = 4, "id", FIELD_ID, offsetof(Thing, id)},
    {.number = 5, "hash", FIELD_HASH, offsetof(Thing, hash), .secret = TRUE},
    {.number = 6, "text", FIELD_TEXT, offsetof(Thing, text), .secret = TRUE},
    {.number = 7, "texts", FIELD_TEXTS, offsetof(Thing, texts)},
    {.number = 8, "bytes", FIELD_BYTES, offsetof(Thing, bytes)},
    {.number = 9, "ids", FIELD_IDS, offsetof(Thing, ids)},
    {.number = 300, "rows", FIELD_ROWS, offsetof(Thing, rows), .rows = &row_table, .rows_max = 2},
    {.number = 0},
};
static const RecordTable thing_table =
    {.name = "thing", .kind = 0, .size = sizeof(Thing), .fields = thing_fields};

static void what_is_encoded_comes_back_whole(void)
{
    static const char *const words[] = {"openid", "", "ünï", NULL};
    g_autoptr(GError) error = NULL;
    const Id id = {{9}};
    Thing thing = {.yes = TRUE, .number = 7, .when = -5, .id = {{1, 2}}, .hash = {3}};

    thing.text = g_strdup("");
    thing.texts = g_strdupv((char **)words);
    thing.bytes = g_bytes_new("\0x", 2);
    thing.ids = g_array_new(FALSE, FALSE, sizeof(Id));
    g_array_append_val(thing.ids, id);
    thing.rows[1].number = 4;
    thing.rows[1].words = g_strdupv((char **)words);
    g_autoptr(GBytes) encoded = record_encode(&thing_table, &thing);
    Thing *back = record_decode(&thing_table, encoded, &error);
    g_assert_no_error(error);
    g_autoptr(GBytes) again = record_encode(&thing_table, back);

    g_assert_true(back->yes);
    g_assert_cmpint(back->when, ==, -5);
    g_assert_cmpstr(back->text, ==, "");
    g_assert_cmpstrv(back->texts, words);
    g_assert_true(g_bytes_equal(back->bytes, thing.bytes));
    g_assert_cmpuint(back->ids->len, ==, 1);
    g_assert_cmpuint(back->rows[1].number, ==, 4);
    g_assert_cmpstrv(back->rows[1].words, words);
    g_assert_nonnull(back->rows[0].words);
    g_assert_cmpmem(
        g_bytes_get_data(again, NULL), g_bytes_get_size(encoded), g_bytes_get_data(encoded, NULL),
        g_bytes_get_size(encoded));
    record_free(&thing_table, back);
    record_clear(&thing_table, &thing);
    g_assert_null(thing.text);
}

#define BYTES(text) text, sizeof(text) - 1

static void damaged_bytes_are_an_error_that_names_the_record(void)
{
    static const struct {
        const char *what;
        const char *bytes;
        gsize size;
    } rows[] = {
        {"nothing", BYTES("")},
        {"another version", BYTES("\2")},
        {"half a head", BYTES("\1\1\0\1")},
        {"longer than there is", BYTES("\1\1\0\2\0\0\0\1")},
        {"an unknown number", BYTES("\1\77\0\0\0\0\0")},
        {"a double", BYTES("\1\1\0\1\0\0\0\1\1\0\1\0\0\0\1")},
        {"a boolean of two", BYTES("\1\1\0\1\0\0\0\2")},
        {"a short number", BYTES("\1\2\0\3\0\0\0\1\1\1")},
        {"a short id", BYTES("\1\4\0\1\0\0\0\1")},
        {"a short hash", BYTES("\1\5\0\1\0\0\0\1")},
        {"no UTF-8", BYTES("\1\6\0\1\0\0\0\377")},
        {"a NUL in a text", BYTES("\1\6\0\3\0\0\0a\0b")},
        {"half a text of several", BYTES("\1\7\0\5\0\0\0\2\0\0\0a")},
        {"half an id of several", BYTES("\1\11\0\3\0\0\0abc")},
        {"a row too few", BYTES("\1\54\1\4\0\0\0\0\0\0\0")},
        {"a row too many", BYTES("\1\54\1\14\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0")},
        {"the number zero behind the last field",
         BYTES("\1\54\1\10\0\0\0\0\0\0\0\0\0\0\0\0\0\1\0\0\0\1")},
        {"bytes behind the end", BYTES("\1\1\0\1\0\0\0\1\0")},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(GBytes) bytes = g_bytes_new_static(rows[i].bytes, rows[i].size);
        g_test_message("%s", rows[i].what);
        g_assert_null(record_decode(&thing_table, bytes, &error));
        g_assert_error(error, ANTARA_ERROR, ANTARA_ERROR_DAMAGED);
        g_assert_nonnull(strstr(error->message, "thing"));
    }
}

static void absent_fields_are_zero_and_texts_never_null(void)
{
    g_autoptr(GBytes) bytes = g_bytes_new_static("\1", 1);
    Thing *thing = record_decode(&thing_table, bytes, NULL);

    g_assert_nonnull(thing);
    g_assert_cmpuint(thing->number, ==, 0);
    g_assert_null(thing->text);
    g_assert_nonnull(thing->texts);
    g_assert_null(thing->texts[0]);
    record_free(&thing_table, thing);
}

static void the_size_does_not_tell_whether_an_id_is_there(void)
{
    Thing none = {0};
    Thing some = {.id = {{1}}, .hash = {1}, .number = 1, .when = 1};
    g_autoptr(GBytes) a = record_encode(&thing_table, &none);
    g_autoptr(GBytes) b = record_encode(&thing_table, &some);

    g_assert_cmpuint(g_bytes_get_size(a), ==, g_bytes_get_size(b));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/core/record/comes-back-whole", what_is_encoded_comes_back_whole);
    g_test_add_func(
        "/core/record/damage-is-named", damaged_bytes_are_an_error_that_names_the_record);
    g_test_add_func("/core/record/absent-is-zero", absent_fields_are_zero_and_texts_never_null);
    g_test_add_func(
        "/core/record/size-tells-nothing", the_size_does_not_tell_whether_an_id_is_there);
    return g_test_run();
}
