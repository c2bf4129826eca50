/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "crypto/random.h"

#include <string.h>

#define DRAWS 6000U

static void no_two_draws_are_the_same(void)
{
    Id one;
    Id other;

    random_id(&one);
    random_id(&other);
    g_assert_false(id_equal(&one, &other));
    g_assert_false(id_equal(&one, &ID_NONE));
}

/* One in 64 would. */
static void no_id_begins_like_an_option(void)
{
    char text[ID_TEXT_CHARS + 1];
    Id id;

    for (guint i = 0; i < DRAWS; i++) {
        random_id(&id);
        id_to_text(&id, text);
        g_assert_cmpint(text[0], !=, '-');
    }
}

static void no_nonce_comes_twice(void)
{
    guint8 one[12] = {0};
    guint8 other[12] = {0};

    for (guint i = 0; i < DRAWS; i++) {
        random_nonce(one, sizeof(one));
        g_assert_true(memcmp(one, other, sizeof(one)) != 0);
        memcpy(other, one, sizeof(one));
    }
}

static void every_byte_asked_for_is_filled_and_none_behind(void)
{
    guint8 seen[32] = {0};
    guint8 drawn[33];

    for (guint round = 0; round < 64; round++) {
        memset(drawn, 0, sizeof(drawn));
        random_fill(drawn, 32);
        g_assert_cmpuint(drawn[32], ==, 0);
        for (guint i = 0; i < 32; i++) {
            seen[i] |= drawn[i];
        }
    }
    for (guint i = 0; i < 32; i++) { /* fails by chance once in 2^56 runs or less often */
        g_assert_cmpuint(seen[i], ==, 0xff);
    }
}

/* Each of six comes 1,000 times of 6,000: 600 is fourteen standard deviations away. */
static void a_number_below_another_is_drawn_without_a_gap(void)
{
    guint counts[6] = {0};

    for (guint i = 0; i < DRAWS; i++) {
        guint32 drawn = random_below(6);
        g_assert_cmpuint(drawn, <, 6);
        counts[drawn]++;
    }
    for (guint i = 0; i < G_N_ELEMENTS(counts); i++) {
        g_assert_cmpuint(counts[i], >, DRAWS / 10);
    }
    g_assert_cmpuint(random_below(1), ==, 0);
}

/* Below 3 * 2^30 a plain modulo would give the first third twice as often. */
static void a_large_bound_has_no_bias(void)
{
    const guint32 bound = 3U << 30;
    guint low = 0;

    for (guint i = 0; i < DRAWS; i++) {
        guint32 drawn = random_below(bound);
        g_assert_cmpuint(drawn, <, bound);
        low += drawn < bound / 3;
    }
    g_assert_cmpuint(low, <, DRAWS * 5 / 12);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define TEST(promise) g_test_add_func("/crypto/random/" #promise, promise)
    TEST(no_two_draws_are_the_same);
    TEST(no_id_begins_like_an_option);
    TEST(no_nonce_comes_twice);
    TEST(every_byte_asked_for_is_filled_and_none_behind);
    TEST(a_number_below_another_is_drawn_without_a_gap);
    TEST(a_large_bound_has_no_bias);
    return g_test_run();
}
