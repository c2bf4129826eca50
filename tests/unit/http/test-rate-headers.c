/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "http/rate-headers.h"

static void each_budget_is_a_member_of_the_list(void)
{
    const LimitStanding standing = {
        .rows = {{LIMIT_TOKEN_CHAIN, {30, 60}, 29, 2}, {LIMIT_KEY_EXCHANGE, {60, 3600}, 0, 3599}},
        .n_rows = 2,
    };
    g_autofree char *policy = rate_policy_text(&standing);
    g_autofree char *left = rate_limit_text(&standing);

    g_assert_cmpstr(policy, ==, "\"token_chain\";q=30;w=60, \"key_exchange\";q=60;w=3600");
    g_assert_cmpstr(left, ==, "\"token_chain\";r=29;t=2, \"key_exchange\";r=0;t=3599");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/http/rate-headers/members", each_budget_is_a_member_of_the_list);
    return g_test_run();
}
