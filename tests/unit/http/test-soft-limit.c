/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "http/soft-limit.h"

#include <string.h>

#define NOW (G_GINT64_CONSTANT(1000) * G_USEC_PER_SEC)

/* How many of @tries go through at once. */
static guint passes(SoftLimit *limit, const char *address, SoftClass class, guint tries)
{
    guint passed = 0;

    for (guint i = 0; i < tries; i++) {
        passed += soft_limit_take(limit, address, class, NOW) == 0;
    }
    return passed;
}

static void a_client_gets_what_it_may_and_more_with_time(void)
{
    g_autoptr(SoftLimit) limit = soft_limit_new();

    soft_limit_set(limit, 20, 60);
    g_assert_cmpuint(passes(limit, "192.0.2.1", SOFT_PAGES, 100), ==, 20);
    g_assert_cmpuint(soft_limit_take(limit, "192.0.2.1", SOFT_PAGES, NOW), ==, 3);
    g_assert_cmpuint(passes(limit, "192.0.2.2", SOFT_PAGES, 100), ==, 20); /* another client */
    g_assert_cmpuint(passes(limit, "192.0.2.1", SOFT_API, 100), ==, 20);   /* another class */
    g_assert_cmpuint(
        soft_limit_take(limit, "192.0.2.1", SOFT_PAGES, NOW + 3 * G_USEC_PER_SEC), ==, 0);
    g_assert_cmpuint(
        soft_limit_take(limit, "192.0.2.1", SOFT_PAGES, NOW + 3 * G_USEC_PER_SEC), ==, 3);
}

static void a_64_is_one_client_and_a_48_sixteen(void)
{
    g_autoptr(SoftLimit) limit = soft_limit_new();
    guint passed = 0;

    soft_limit_set(limit, 10, 60);
    g_assert_cmpuint(passes(limit, "2001:db8::1", SOFT_API, 6), ==, 6);
    g_assert_cmpuint(passes(limit, "2001:db8::2", SOFT_API, 100), ==, 4);
    g_assert_cmpuint(passes(limit, "2001:db8:1::1", SOFT_API, 100), ==, 10); /* another /48 */
    for (guint i = 0; i < 100; i++) {
        g_autofree char *address = g_strdup_printf("2001:db8:2:%x::1", i);
        passed += passes(limit, address, SOFT_API, 100);
    }
    g_assert_cmpuint(passed, ==, 160);
}

/* Its memory has an end; who is forgotten is let through, and nobody else is refused. */
static void a_flood_from_many_addresses_refuses_nobody_else(void)
{
    g_autoptr(SoftLimit) limit = soft_limit_new();

    soft_limit_set(limit, 10, 60);
    for (guint i = 0; i < 4 * SOFT_BUDGETS_MAX; i++) {
        g_autofree char *address =
            g_strdup_printf("10.%u.%u.%u", i >> 16 & 0xff, i >> 8 & 0xff, i & 0xff);
        g_assert_cmpuint(soft_limit_take(limit, address, SOFT_API, NOW), ==, 0);
    }
    g_assert_cmpuint(passes(limit, "192.0.2.1", SOFT_API, 10), ==, 10);
}

/* Who has spent most is forgotten last. */
static void a_flood_does_not_make_forget_whoever_asks_too_much(void)
{
    g_autoptr(SoftLimit) limit = soft_limit_new();

    soft_limit_set(limit, 10, 60);
    g_assert_cmpuint(passes(limit, "192.0.2.1", SOFT_API, 100), ==, 10);
    for (guint i = 0; i < 4 * SOFT_BUDGETS_MAX; i++) {
        g_autofree char *address =
            g_strdup_printf("10.%u.%u.%u", i >> 16 & 0xff, i >> 8 & 0xff, i & 0xff);
        (void)soft_limit_take(limit, address, SOFT_API, NOW);
    }
    g_assert_cmpuint(passes(limit, "192.0.2.1", SOFT_API, 100), ==, 0);
}

static void what_has_no_address_is_one_client(void)
{
    g_autoptr(SoftLimit) limit = soft_limit_new();

    soft_limit_set(limit, 10, 60);
    g_assert_cmpuint(passes(limit, "", SOFT_API, 100), ==, 10);
    g_assert_cmpuint(passes(limit, "nonsense", SOFT_API, 100), ==, 0);
}

static void a_value_out_of_bounds_is_refused(void)
{
    static const char *const bad[] = {"",     "100",     "9/60", "1000001/60", "100/0", "100/3601",
                                      "-1/1", "100/60/", "a/b",  "100 / 60",   "/",     "+10/1"};
    g_autoptr(SoftLimit) limit = soft_limit_new();

    for (gsize i = 0; i < G_N_ELEMENTS(bad); i++) {
        const ConfigValue value = {.file = "x", .line = 1, .text = bad[i]};
        g_autoptr(GError) error = NULL;
        g_assert_false(config_read_soft_limit(&value, &limit, 0, &error));
        g_assert_nonnull(strstr(error->message, "COUNT/SECONDS"));
    }
    const ConfigValue good = {.file = "x", .line = 1, .text = "12/3600"};
    g_assert_true(config_read_soft_limit(&good, &limit, 0, NULL));
    g_assert_cmpuint(passes(limit, "192.0.2.1", SOFT_API, 100), ==, 12);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define TEST(promise) g_test_add_func("/http/soft-limit/" #promise, promise)
    TEST(a_client_gets_what_it_may_and_more_with_time);
    TEST(a_64_is_one_client_and_a_48_sixteen);
    TEST(a_flood_from_many_addresses_refuses_nobody_else);
    TEST(a_flood_does_not_make_forget_whoever_asks_too_much);
    TEST(what_has_no_address_is_one_client);
    TEST(a_value_out_of_bounds_is_refused);
    return g_test_run();
}
