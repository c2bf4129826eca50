/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "store/table.h"

#include "store/write-back.h"

#include <glib/gstdio.h>
#include <string.h>

#define MANY 5000U

static const guint8 one[TABLE_KEY_BYTES] = {1};
static const guint8 two[TABLE_KEY_BYTES] = {2};

typedef struct Desk {
    char *dir;
    char *path;
    Table *table;
} Desk;

static void set_up(Desk *desk, G_GNUC_UNUSED gconstpointer data)
{
    g_autoptr(GError) error = NULL;

    desk->dir = g_dir_make_tmp("antara-table-XXXXXX", NULL);
    desk->path = g_build_filename(desk->dir, "table", NULL);
    desk->table = table_open(desk->path, TABLE_FRESH, &error);
    g_assert_no_error(error);
}

static void tear_down(Desk *desk, G_GNUC_UNUSED gconstpointer data)
{
    table_free(desk->table);
    g_assert_cmpint(g_unlink(desk->path), ==, 0);
    g_assert_cmpint(g_rmdir(desk->dir), ==, 0);
    g_free(desk->path);
    g_free(desk->dir);
}

static void put(const Desk *desk, const guint8 *key, const char *words)
{
    g_autoptr(GError) error = NULL;

    g_assert_true(table_put(desk->table, key, words, strlen(words), &error));
    g_assert_no_error(error);
}

/* @words NULL: nothing is there. */
static void holds(const Desk *desk, const guint8 *key, const char *words)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GBytes) bytes = NULL;

    g_assert_true(table_get(desk->table, key, &bytes, &error));
    g_assert_no_error(error);
    g_assert_true((bytes == NULL) == (words == NULL));
    if (bytes) {
        g_assert_cmpmem(
            g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes), words, strlen(words));
    }
}

static void the_last_value_of_a_key_is_the_one(Desk *desk, G_GNUC_UNUSED gconstpointer data)
{
    put(desk, one, "first");
    put(desk, two, "other");
    put(desk, one, "a longer second");
    holds(desk, one, "a longer second");
    holds(desk, two, "other");
    put(desk, one, "");
    holds(desk, one, "");
}

/* What another reader of the file sees. */
static void file_holds(const Desk *desk, const guint8 *key, const char *words)
{
    Desk other = {.table = table_open(desk->path, TABLE_LOOK, NULL)};

    g_assert_nonnull(other.table);
    holds(&other, key, words);
    table_free(other.table);
}

static void what_waits_is_read_but_not_in_the_file(Desk *desk, G_GNUC_UNUSED gconstpointer data)
{
    put(desk, two, "before");
    table_write_back(desk->table);
    put(desk, one, "words");
    g_assert_true(table_delete(desk->table, two, NULL));
    holds(desk, one, "words");
    holds(desk, two, NULL);
    file_holds(desk, one, NULL);
    file_holds(desk, two, "before");
}

static void what_waits_is_written_at_the_end(Desk *desk, G_GNUC_UNUSED gconstpointer data)
{
    put(desk, two, "before");
    table_write_back(desk->table);
    put(desk, one, "words");
    g_assert_true(table_delete(desk->table, two, NULL));
    g_assert_true(table_close(g_steal_pointer(&desk->table), NULL));
    file_holds(desk, one, "words");
    file_holds(desk, two, NULL);
}

static gboolean count(
    G_GNUC_UNUSED const guint8 *key,
    G_GNUC_UNUSED GBytes *value,
    gpointer n,
    G_GNUC_UNUSED GError **error)
{
    (*(guint *)n)++;
    return TRUE;
}

static void a_walk_sees_what_waited(Desk *desk, G_GNUC_UNUSED gconstpointer data)
{
    guint n = 0;

    table_write_back(desk->table);
    put(desk, one, "words");
    g_assert_true(table_walk(desk->table, count, &n, NULL));
    g_assert_cmpuint(n, ==, 1);
}

static void who_waited_longest_is_written_first(Desk *desk, G_GNUC_UNUSED gconstpointer data)
{
    table_write_back(desk->table);
    put(desk, one, "words");
    for (guint32 i = 0; i < WRITE_BACK_MAX; i++) {
        guint8 key[TABLE_KEY_BYTES] = {0xff};
        memcpy(key + 1, &i, sizeof(i));
        put(desk, key, "more");
    }
    put(desk, two, "last");
    g_clear_pointer(&desk->table, table_free); /* forgets the rest */
    file_holds(desk, one, "words");
    file_holds(desk, two, NULL);
}

static void what_was_deleted_is_not_there(Desk *desk, G_GNUC_UNUSED gconstpointer data)
{
    put(desk, one, "words");
    g_assert_true(table_delete(desk->table, one, NULL));
    holds(desk, one, NULL);
    g_assert_true(table_delete(desk->table, one, NULL)); /* again is fine */
    holds(desk, two, NULL);
}

static void reopen(Desk *desk, TableMode mode)
{
    g_autoptr(GError) error = NULL;

    g_assert_true(table_close(g_steal_pointer(&desk->table), &error));
    desk->table = table_open(desk->path, mode, &error);
    g_assert_no_error(error);
}

static void
what_was_closed_is_there_again_unless_fresh(Desk *desk, G_GNUC_UNUSED gconstpointer data)
{
    put(desk, one, "words");
    reopen(desk, TABLE_WRITE);
    holds(desk, one, "words");
    reopen(desk, TABLE_FRESH);
    holds(desk, one, NULL);
}

static void many_keys_are_kept_apart(Desk *desk, G_GNUC_UNUSED gconstpointer data)
{
    guint8 key[TABLE_KEY_BYTES] = {0};
    char words[16];

    for (guint32 i = 0; i < MANY; i++) {
        memcpy(key, &i, sizeof(i));
        g_snprintf(words, sizeof(words), "value %u", i);
        put(desk, key, words);
    }
    for (guint32 i = 0; i < MANY; i++) {
        memcpy(key, &i, sizeof(i));
        g_snprintf(words, sizeof(words), "value %u", i);
        holds(desk, key, words);
    }
}

static void what_is_no_table_is_refused_by_name(Desk *desk, G_GNUC_UNUSED gconstpointer data)
{
    g_autoptr(GError) error = NULL;

    table_free(g_steal_pointer(&desk->table));
    g_assert_true(g_file_set_contents(desk->path, "no table at all", -1, NULL));
    g_assert_null(table_open(desk->path, TABLE_WRITE, &error));
    g_assert_nonnull(strstr(error->message, desk->path));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define TEST(promise) g_test_add("/store/table/" #promise, Desk, NULL, set_up, promise, tear_down)
    TEST(the_last_value_of_a_key_is_the_one);
    TEST(what_was_deleted_is_not_there);
    TEST(what_waits_is_read_but_not_in_the_file);
    TEST(what_waits_is_written_at_the_end);
    TEST(a_walk_sees_what_waited);
    TEST(who_waited_longest_is_written_first);
    TEST(what_was_closed_is_there_again_unless_fresh);
    TEST(many_keys_are_kept_apart);
    TEST(what_is_no_table_is_refused_by_name);
    return g_test_run();
}
