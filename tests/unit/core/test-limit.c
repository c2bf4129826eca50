/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "core/limit.h"

#include "house.h"

#include <string.h>

/* Takes one; returns the seconds to wait, 0 when it was allowed. */
static guint take(House *house, const LimitUse *uses, gsize n_uses)
{
    g_autoptr(Txn) txn = house_begin(house, house->tenant);
    const Caller caller = house_caller(house, CALLER_NONE);
    g_autoptr(GError) error = NULL;
    gboolean allowed = FALSE;
    guint retry = 0;

    g_assert_true(limit_take(txn, &caller, uses, n_uses, &allowed, &retry, &error));
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

/* Also where the step is no whole number of microseconds. */
static void a_budget_is_exact(void)
{
    static const LimitRate rates[] = {{1, 1}, {7, 60}, {9999, 60}, {700, 1}, {3, 86400}};
    g_autoptr(House) house = house_new();
    Tenant *tenant = (Tenant *)house->tenant; /* the test's own */

    for (guint i = 0; i < G_N_ELEMENTS(rates); i++) {
        gint64 full = 0;
        guint taken = 0;
        const Caller caller = house_caller(house, CALLER_NONE);
        tenant->limits[LIMIT_TOKEN_CHAIN] = rates[i];
        g_autoptr(Txn) txn = house_begin(house, house->tenant);
        while (limit_take_own(txn, &caller, LIMIT_TOKEN_CHAIN, &full)) {
            taken++;
        }
        house_commit(txn);
        g_assert_cmpuint(taken, ==, rates[i].count);
    }
}

static void what_is_left_is_told_but_not_of_budgets_that_others_spend(void)
{
    g_autoptr(House) house = house_new();
    g_autoptr(Txn) txn = house_begin(house, house->tenant);
    Caller caller = house_caller(house, CALLER_NONE);
    LimitStanding standing = {0};
    const LimitUse uses[] = {{LIMIT_TOKEN_APP, "a", 1}, {LIMIT_CODE_TRIES, "b", 1}};
    const LimitRate *rate = &house->tenant->limits[LIMIT_CODE_TRIES]; /* 20/900 */
    gboolean allowed = FALSE;
    guint retry = 0;

    caller.standing = &standing;
    for (guint i = 1; i <= rate->count + 1; i++) {
        standing = (LimitStanding){0};
        g_assert_true(limit_take(txn, &caller, uses, 2, &allowed, &retry, NULL));
        g_assert_cmpint(allowed, ==, i <= rate->count);
        g_assert_cmpuint(standing.n_rows, ==, 1);
        g_assert_cmpint(standing.rows[0].name, ==, LIMIT_CODE_TRIES);
        g_assert_cmpuint(standing.rows[0].left, ==, allowed ? rate->count - i : 0);
        g_assert_cmpuint(standing.rows[0].reset_seconds, ==, 45 * MIN(i, rate->count)); /* 900/20 */
        g_assert_cmpuint(standing.retry_seconds, ==, retry);
    }
    g_assert_cmpuint(retry, ==, 45);
    house_commit(txn);
}

static void everybody_together_has_a_wider_budget(void)
{
    g_autoptr(House) house = house_new();
    guint taken = 0;

    for (guint i = 0;; i++) {
        const LimitUse uses[] = {
            {LIMIT_USER_CODE, &i, sizeof(i)},
            {LIMIT_USER_CODE, limit_everybody, strlen(limit_everybody)}};
        if (take(house, uses, 2) > 0) {
            break;
        }
        taken++;
    }
    g_assert_cmpuint(
        taken, ==, LIMIT_EVERYBODY_TIMES * house->tenant->limits[LIMIT_USER_CODE].count);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/core/limit/comes-back", a_budget_is_spent_and_comes_back_with_time);
    g_test_add_func("/core/limit/all-or-none", one_over_its_limit_takes_nothing_from_the_others);
    g_test_add_func("/core/limit/O11_in_all", everybody_together_has_a_wider_budget);
    g_test_add_func("/core/limit/exact", a_budget_is_exact);
    g_test_add_func("/core/limit/told", what_is_left_is_told_but_not_of_budgets_that_others_spend);
    return g_test_run();
}
