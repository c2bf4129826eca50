/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "http/proxies.h"

#include "base/error.h"

typedef struct Holder {
    int before;
    Proxies proxies;
} Holder;

static gboolean read_into(Holder *holder, const char *text, GError **error)
{
    const ConfigValue value = {"antarad.conf", 1, text};

    return config_read_proxies(&value, holder, offsetof(Holder, proxies), error);
}

static void a_list_that_trusts_too_many_or_is_none_is_refused(void)
{
    static const char *const bad[] = {
        "",
        "proxy.example",
        "192.0.2",
        "192.0.2.1/33",
        "192.0.2.1/-1",
        "192.0.2.1/",
        "192.0.2.1/24", /* a bit behind the prefix */
        "192.0.2.1,192.0.2.2",
        "0.0.0.0/0",
        "10.0.0.0/7",
        "::/0",
        "2000::/3",
        "2001:db8::1/32",
        "::ffff:192.0.2.1", /* as IPv4, or its bits mean something else */
        "::ffff:10.0.0.0/104",
        "fe80::1%eth0",
        "10.0.0.0/8 all",
    };

    for (guint i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autoptr(GError) error = NULL;
        Holder holder = {0};
        g_test_message("%s", bad[i]);
        g_assert_false(read_into(&holder, bad[i], &error));
        g_assert_error(error, ANTARA_ERROR, ANTARA_ERROR_CONFIG);
    }
}

static void a_list_has_an_end_and_a_drop_in_replaces_it(void)
{
    g_autoptr(GString) text = g_string_new(NULL);
    g_autoptr(GError) error = NULL;
    Holder holder = {0};

    for (guint i = 0; i < PROXIES_MAX; i++) {
        g_string_append_printf(text, " 192.0.2.%u", i);
    }
    g_assert_true(read_into(&holder, text->str, NULL));
    g_assert_true(proxies_trust(&holder.proxies, "192.0.2.63"));
    g_assert_true(read_into(&holder, "10.0.0.0/8  2001:db8::/32", NULL));
    g_assert_cmpuint(holder.proxies.count, ==, 2);
    g_assert_false(proxies_trust(&holder.proxies, "192.0.2.63"));
    g_string_append(text, " 192.0.2.64");
    g_assert_false(read_into(&holder, text->str, &error));
    g_assert_error(error, ANTARA_ERROR, ANTARA_ERROR_CONFIG);
}

static void trusted_is_what_is_in_the_list(void)
{
    static const struct {
        const char *address;
        gboolean trusted;
    } rows[] = {
        {"10.0.0.1", TRUE},    {"10.255.255.255", TRUE},
        {"11.0.0.0", FALSE},   {"192.0.2.32", TRUE},
        {"192.0.2.63", TRUE},  {"192.0.2.64", FALSE},
        {"192.0.2.31", FALSE}, {"127.0.0.2", TRUE},
        {"127.0.0.3", FALSE},  {"::ffff:127.0.0.2", TRUE},
        {"2001:db8::9", TRUE}, {"2001:db9::9", FALSE},
        {"::1", FALSE},        {"", FALSE},
        {"10.0.0.1 ", FALSE},  {"a00::1", FALSE}, /* the bytes of 10.0.0.1, but IPv6 */
    };
    Holder holder = {0};

    g_assert_true(
        read_into(&holder, "10.0.0.0/8 192.0.2.32/27 127.0.0.2 2001:db8::/32 ::2/128", NULL));
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_test_message("%s", rows[i].address);
        g_assert_cmpint(proxies_trust(&holder.proxies, rows[i].address), ==, rows[i].trusted);
    }
}

static void g9_the_client_is_the_rightmost_hop_that_is_not_trusted(void)
{
    static const struct {
        const char *peer, *forwarded, *client;
    } rows[] = {
        {"203.0.113.1", NULL, "203.0.113.1"},
        {"203.0.113.1", "198.51.100.1", "203.0.113.1"}, /* a stranger's word */
        {"10.0.0.1", NULL, "10.0.0.1"},
        {"10.0.0.1", "", "10.0.0.1"},
        {"10.0.0.1", "198.51.100.1", "198.51.100.1"},
        {"10.0.0.1", "192.0.2.9, 198.51.100.1", "198.51.100.1"},
        {"10.0.0.1", "192.0.2.9, 198.51.100.1, 10.0.0.2", "198.51.100.1"},
        {"10.0.0.1", "192.0.2.9,198.51.100.1\t,10.0.0.2:80,10.0.0.3", "198.51.100.1"},
        {"10.0.0.1", "10.0.0.2, 198.51.100.1, 10.0.0.2", "198.51.100.1"},
        {"10.0.0.1", "10.0.0.3, 10.0.0.2", "10.0.0.3"}, /* a client within */
        {"10.0.0.1", "198.51.100.1:4711", "198.51.100.1"},
        {"10.0.0.1", "::ffff:198.51.100.1", "198.51.100.1"},
        {"10.0.0.1", "[::ffff:198.51.100.1]:4711", "198.51.100.1"},
        {"10.0.0.1", "[2001:DB8::0:1]:4711", "2001:db8::1"},
        {"10.0.0.1", "[2001:db8::1]", "2001:db8::1"},
        {"10.0.0.1", "2001:0db8:0::1", "2001:db8::1"},
        /* What a trusted proxy could not say: it stands for its client itself. */
        {"10.0.0.1", "198.51.100.1, unknown", "10.0.0.1"},
        {"10.0.0.1", "198.51.100.1, unknown, 10.0.0.2", "10.0.0.2"},
        {"10.0.0.1", "198.51.100.1,", "10.0.0.1"},
        {"10.0.0.1", "198.51.100.01", "10.0.0.1"},
        {"10.0.0.1", "[2001:db8::1]x", "10.0.0.1"},
        {"10.0.0.1", "[2001:db8::1", "10.0.0.1"},
        {"10.0.0.1", "fe80::1%eth0", "10.0.0.1"},
        {"10.0.0.1", "for=198.51.100.1", "10.0.0.1"},
    };
    Holder holder = {0};

    g_assert_true(read_into(&holder, "10.0.0.0/8", NULL));
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *client = proxies_client(&holder.proxies, rows[i].peer, rows[i].forwarded);
        g_test_message("row %u", i);
        g_assert_cmpstr(client, ==, rows[i].client);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/http/proxies/bad-list", a_list_that_trusts_too_many_or_is_none_is_refused);
    g_test_add_func("/http/proxies/list-end", a_list_has_an_end_and_a_drop_in_replaces_it);
    g_test_add_func("/http/proxies/trusted", trusted_is_what_is_in_the_list);
    g_test_add_func(
        "/http/proxies/g9-client", g9_the_client_is_the_rightmost_hop_that_is_not_trusted);
    return g_test_run();
}
