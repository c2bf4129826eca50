/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "core/network.h"

static void same_network_is_one_ipv4_address_or_one_ipv6_64(void)
{
    static const struct {
        const char *a, *b;
        gboolean loopback_counts, same;
    } rows[] = {
        {"192.0.2.1", "192.0.2.1", FALSE, TRUE},
        {"192.0.2.1", "192.0.2.2", FALSE, FALSE},
        {"::ffff:192.0.2.1", "192.0.2.1", FALSE, TRUE},
        {"2001:db8::1", "2001:db8::ffff", FALSE, TRUE},
        {"2001:db8:0:1::1", "2001:db8:0:2::1", FALSE, FALSE},
        {"127.0.0.1", "127.0.0.1", FALSE, FALSE},
        {"::1", "::1", FALSE, FALSE},
        {"::ffff:127.0.0.1", "127.0.0.1", FALSE, FALSE},
        {"127.0.0.1", "127.0.0.1", TRUE, TRUE},
        {"127.0.0.1", "::1", TRUE, TRUE},
        {"127.0.0.1", "192.0.2.1", TRUE, FALSE},
        {"", "", TRUE, FALSE},
        {NULL, NULL, TRUE, FALSE},
        {"host.example", "host.example", TRUE, FALSE},
        {"192.0.2.1 ", "192.0.2.1", FALSE, FALSE},
        {"fe80::1%eth0", "fe80::1%eth0", FALSE, FALSE},
    };

    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_test_message("row %u", i);
        g_assert_cmpint(
            network_is_same(rows[i].a, rows[i].b, rows[i].loopback_counts), ==, rows[i].same);
        g_assert_cmpint(
            network_is_same(rows[i].b, rows[i].a, rows[i].loopback_counts), ==, rows[i].same);
    }
}

static void a_budget_is_of_one_ipv4_address_or_one_ipv6_64(void)
{
    static const struct {
        const char *text, *group;
    } rows[] = {
        {"192.0.2.1", "192.0.2.1"},
        {"::ffff:192.0.2.1", "192.0.2.1"},
        {"2001:db8::1", "2001:db8::"},
        {"2001:db8::ffff:ffff:ffff:ffff", "2001:db8::"},
        {"2001:db8:0:1::1", "2001:db8:0:1::"},
        {"host.example", "host.example"},
        {"", ""},
        {NULL, NULL},
    };

    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *group = network_group(rows[i].text);
        g_assert_cmpstr(group, ==, rows[i].group);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/core/network/same", same_network_is_one_ipv4_address_or_one_ipv6_64);
    g_test_add_func("/core/network/group", a_budget_is_of_one_ipv4_address_or_one_ipv6_64);
    return g_test_run();
}
