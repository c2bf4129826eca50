/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "core/limit.h"

#include "house.h"

/* Takes one; returns the seconds to wait, 0 when it was allowed. */
static guint take(House *house, const LimitUse *uses, gsize n_uses)
{
    g_autoptr(Txn) txn = house_begin(house, house->tenant);
    g_autoptr(GError) error = NULL;
    gboolean allowed = FALSE;
    guint retry = 0;

    g_assert_true(limit_take(txn, house->tenant, uses, n_uses, &allowed, &retry, &error));
    g_assert_cmpint(allowed, ==, retry == 0);
    house_commit(txn);
    return retry;
}

static void a_budget_is_spent_and_comes_back_with_time(void)
{
    g_autoptr(House) house = house_new();
    const LimitUse use = {LIMIT_LINK_ADDRESS, "alice", 5};
    const LimitUse other = {LIMIT_LINK_ADDRESS, "bob", 3};

    for (guint i = 0; i < house->tenant->limits[LIMIT_LINK_ADDRESS].count; i++) {
        g_assert_cmpuint(take(house, &use, 1), ==, 0);
    }
    guint wait = take(house, &use, 1);
    g_assert_cmpuint(wait, ==, 180); /* 900 seconds for five */
    g_assert_cmpuint(take(house, &other, 1), ==, 0);
    house_advance(house, (wait - 1) * USEC_PER_SEC);
    g_assert_cmpuint(take(house, &use, 1), ==, 1);
    house_advance(house, USEC_PER_SEC);
    g_assert_cmpuint(take(house, &use, 1), ==, 0);
    g_assert_cmpuint(take(house, &use, 1), >, 0);
}

static void one_over_its_limit_takes_nothing_from_the_others(void)
{
    g_autoptr(House) house = house_new();
    const LimitUse both[] = {{LIMIT_USER_CODE, "x", 1}, {LIMIT_LINK_CLIENT, "y", 1}};

    while (take(house, &both[0], 1) == 0) {
    }
    for (guint i = 0; i < 100; i++) {
        g_assert_cmpuint(take(house, both, 2), >, 0);
    }
    g_assert_cmpuint(take(house, &both[1], 1), ==, 0);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/core/limit/comes-back", a_budget_is_spent_and_comes_back_with_time);
    g_test_add_func("/core/limit/all-or-none", one_over_its_limit_takes_nothing_from_the_others);
    return g_test_run();
}
