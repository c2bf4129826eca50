/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "store/write-back.h"

#include <string.h>

static const guint8 one[TABLE_KEY_BYTES] = {1};
static const guint8 two[TABLE_KEY_BYTES] = {2};

static void put(WriteBack *back, const guint8 *key, const char *words)
{
    write_back_put(back, key, words ? g_bytes_new(words, strlen(words)) : NULL);
}

static void the_last_write_of_a_key_waits_at_the_place_of_its_first(void)
{
    WriteBack *back = write_back_new();

    put(back, one, "old");
    put(back, two, "other");
    put(back, one, "new");
    const WriteBackEntry *first = write_back_first(back);
    g_assert_cmpmem(first->key, TABLE_KEY_BYTES, one, TABLE_KEY_BYTES);
    g_assert_cmpmem(g_bytes_get_data(first->value, NULL), 3, "new", 3);
    write_back_drop_first(back);
    g_assert_null(write_back_find(back, one));
    g_assert_nonnull(write_back_find(back, two));
    write_back_drop_first(back);
    g_assert_null(write_back_first(back));
    write_back_free(back);
}

static void a_delete_waits_too(void)
{
    WriteBack *back = write_back_new();

    put(back, one, "words");
    put(back, one, NULL);
    const WriteBackEntry *entry = write_back_find(back, one);
    g_assert_true(entry && !entry->value);
    write_back_free(back);
}

static void so_many_may_wait(void)
{
    WriteBack *back = write_back_new();

    for (guint i = 0; i <= WRITE_BACK_MAX; i++) {
        guint8 key[TABLE_KEY_BYTES] = {0};
        g_assert_false(write_back_is_over(back));
        memcpy(key, &i, sizeof(i));
        put(back, key, "");
        put(back, key, ""); /* counts once */
    }
    g_assert_true(write_back_is_over(back));
    write_back_drop_first(back);
    g_assert_false(write_back_is_over(back));
    write_back_free(back);
}

static void so_many_bytes_may_wait(void)
{
    g_autofree guint8 *large = g_malloc0(WRITE_BACK_BYTES_MAX);
    WriteBack *back = write_back_new();

    write_back_put(back, one, g_bytes_new(large, WRITE_BACK_BYTES_MAX));
    write_back_put(back, one, g_bytes_new(large, WRITE_BACK_BYTES_MAX)); /* counts once */
    g_assert_false(write_back_is_over(back));
    put(back, two, "x");
    g_assert_true(write_back_is_over(back));
    write_back_drop_first(back);
    g_assert_false(write_back_is_over(back));
    write_back_free(back);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define TEST(promise) g_test_add_func("/store/write-back/" #promise, promise)
    TEST(the_last_write_of_a_key_waits_at_the_place_of_its_first);
    TEST(a_delete_waits_too);
    TEST(so_many_may_wait);
    TEST(so_many_bytes_may_wait);
    return g_test_run();
}
