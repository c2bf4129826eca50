/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "store/cache.h"

#include <string.h>

#define KIND 7U

static const guint8 key[TABLE_KEY_BYTES] = {1, 2, 3};

static void put(Cache *cache, const char *tenant, guint32 id, const char *text)
{
    g_auto(Address) address = {0};
    g_autoptr(GBytes) plain = g_bytes_new(text, strlen(text));

    address_init(&address, tenant, KIND, &id, sizeof(id));
    cache_put(cache, &address, key, plain, id);
}

static const CacheEntry *find(Cache *cache, const char *tenant, guint32 id)
{
    g_auto(Address) address = {0};

    address_init(&address, tenant, KIND, &id, sizeof(id));
    return cache_find(cache, &address);
}

static void drop(Cache *cache, guint32 id)
{
    g_auto(Address) address = {0};

    address_init(&address, "default", KIND, &id, sizeof(id));
    cache_drop(cache, &address);
}

static void a_value_is_found_at_its_address_alone(void)
{
    Cache *cache = cache_new();

    put(cache, "default", 1, "one");
    const CacheEntry *found = find(cache, "default", 1);
    g_assert_nonnull(found);
    g_assert_cmpmem(found->plain, found->size, "one", 3);
    g_assert_cmpmem(found->key, sizeof(found->key), key, sizeof(key));
    g_assert_cmpint(found->expires_usec, ==, 1);
    g_assert_null(find(cache, "default", 2));
    g_assert_null(find(cache, "other", 1));
    cache_free(cache);
}

static void the_last_value_that_was_put_is_the_one(void)
{
    Cache *cache = cache_new();

    put(cache, "default", 1, "old");
    put(cache, "default", 1, "new");
    const CacheEntry *found = find(cache, "default", 1);
    g_assert_cmpmem(found->plain, found->size, "new", 3);
    g_assert_cmpuint(cache_length(cache), ==, 1);
    drop(cache, 1);
    drop(cache, 1);
    g_assert_null(find(cache, "default", 1));
    g_assert_cmpuint(cache_length(cache), ==, 0);
    cache_free(cache);
}

static void what_was_not_wanted_for_longest_goes(void)
{
    Cache *cache = cache_new();

    for (guint32 i = 0; i < CACHE_VALUES_MAX; i++) {
        put(cache, "default", i, "value");
    }
    g_assert_nonnull(find(cache, "default", 0));
    put(cache, "default", CACHE_VALUES_MAX, "one more");
    g_assert_cmpuint(cache_length(cache), ==, CACHE_VALUES_MAX);
    g_assert_null(find(cache, "default", 1));
    g_assert_nonnull(find(cache, "default", 0));
    g_assert_nonnull(find(cache, "default", 2));
    cache_free(cache);
}

static void a_large_value_is_not_kept_nor_the_one_before_it(void)
{
    g_autofree char *large = g_strnfill(CACHE_VALUE_BYTES_MAX + 1, 'x');
    Cache *cache = cache_new();

    put(cache, "default", 1, "small");
    put(cache, "default", 1, large);
    g_assert_null(find(cache, "default", 1));
    put(cache, "default", 2, large + 1);
    g_assert_nonnull(find(cache, "default", 2));
    cache_free(cache);
}

static void so_many_bytes_are_kept(void)
{
    g_autofree char *large = g_strnfill(CACHE_VALUE_BYTES_MAX, 'x');
    const guint n = CACHE_BYTES_MAX / CACHE_VALUE_BYTES_MAX;
    Cache *cache = cache_new();

    for (guint32 i = 0; i <= n; i++) {
        put(cache, "default", i, large);
    }
    g_assert_cmpuint(cache_length(cache), ==, n);
    g_assert_null(find(cache, "default", 0));
    put(cache, "default", 1, "small"); /* gives back what the large one took */
    put(cache, "default", n + 1, "small");
    g_assert_cmpuint(cache_length(cache), ==, n + 1);
    cache_free(cache);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define TEST(promise) g_test_add_func("/store/cache/" #promise, promise)
    TEST(a_value_is_found_at_its_address_alone);
    TEST(the_last_value_that_was_put_is_the_one);
    TEST(what_was_not_wanted_for_longest_goes);
    TEST(a_large_value_is_not_kept_nor_the_one_before_it);
    TEST(so_many_bytes_are_kept);
    return g_test_run();
}
