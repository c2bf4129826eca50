/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "core/foreign-address.h"

#include <string.h>

static void h1_only_addresses_of_the_public_internet_are_public(void)
{
    static const char *const open[] = {
        "1.1.1.1",         "9.255.255.255",   "11.0.0.0",        "100.63.255.255",
        "100.128.0.0",     "126.255.255.255", "128.0.0.0",       "168.63.129.15",
        "169.253.0.1",     "172.15.255.255",  "172.32.0.0",      "192.0.1.0",
        "192.167.255.255", "192.169.0.0",     "198.17.255.255",  "198.20.0.0",
        "223.255.255.255", "2001:200::1",     "2606:4700::1111", "2a00:1450:4001::1",
        "2003::1",         "3ffe::1",
    };

    for (gsize i = 0; i < G_N_ELEMENTS(open); i++) {
        g_test_message("%s", open[i]);
        g_assert_true(foreign_address_is_public(open[i]));
    }
}

static void h1_no_address_of_a_network_of_its_own_is_public(void)
{
    /* clang-format off */
    static const char *const closed[] = {
        /* unspecified, private, carriers', loopback, link-local, metadata */
        "0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255", "100.64.0.1", "100.100.100.200",
        "100.127.255.255", "127.0.0.1", "127.255.255.254", "168.63.129.16", "169.254.0.1",
        "169.254.169.254", "172.16.0.1", "172.31.255.255", "192.168.0.1", "192.168.255.255",
        "192.0.0.1", "192.0.0.192", "192.88.99.1", "192.31.196.1", "192.52.193.1", "192.175.48.1",
        /* documentation, benchmarks, multicast, reserved, broadcast */
        "192.0.2.1", "198.51.100.1", "203.0.113.1", "198.18.0.1", "198.19.255.255", "224.0.0.1",
        "239.255.255.255", "240.0.0.1", "255.255.255.255",
        /* the same of IPv6 */
        "::", "::1", "::127.0.0.1", "fc00::1", "fd00:ec2::254", "fdff::1", "fe80::1", "febf::1",
        "fec0::1", "ff02::1", "ff0e::1", "2001:db8::1", "3fff::1", "3fff:fff::1", "100::1",
        "2001:2::1", "2001:10::1", "2001:20::1", "5f00::1", "4000::1", "2620:4f:8000::1",
        /* an IPv4 address within: mapped, NAT64, 6to4, Teredo */
        "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:7f00:1", "0:0:0:0:0:ffff:a9fe:a9fe",
        "::ffff:1.1.1.1", "64:ff9b::127.0.0.1", "64:ff9b::a9fe:a9fe", "64:ff9b::1.1.1.1",
        "64:ff9b:1::1", "2002:7f00:1::1", "2002:a9fe:a9fe::", "2002:101:101::1",
        "2001::1", "2001:0:4136:e378:8000:63bf:3fff:fdd2",
        /* other spellings, and no addresses */
        "fe80::1%eth0", "2606:4700::1111%1", "0177.0.0.1", "0x7f.1", "127.1", "2130706433", "1.1",
        "1.1.1.1 ", "", "localhost",
    };
    /* clang-format on */

    for (gsize i = 0; i < G_N_ELEMENTS(closed); i++) {
        g_test_message("%s", closed[i]);
        g_assert_false(foreign_address_is_public(closed[i]));
    }
}

static void h1_a_url_that_is_registered_has_a_public_name(void)
{
    static const char *const bad[] = {
        /* literal addresses in any spelling */
        "https://127.0.0.1/",
        "https://127.1/",
        "https://2130706433/",
        "https://0x7f000001/",
        "https://0x7f.0.0.1/",
        "https://0177.0.0.1/",
        "https://127.0.0.0x1/",
        "https://1.1.1.1/",
        "https://127.0.0.1./",
        "https://[::1]/",
        "https://[::ffff:127.0.0.1]:443/",
        "https://[fe80::1%25eth0]/",
        "https://169.254.169.254/latest/meta-data",
        "https://rp.example.0x7f/",
        "https://rp.127/",
        "https://\xef\xbc\x91\xef\xbc\x92\xef\xbc\x97.0.0.1/",
        "https://%31%32%37.0.0.1/",
        /* names of a local network */
        "https://localhost/",
        "https://LocalHost:8443/",
        "https://a.localhost/",
        "https://rp/",
        "https://router.local/",
        "https://metadata.google.internal/",
        "https://a.home.arpa/",
        "https://host.localdomain/",
        /* other schemes, users, ports, and what parsers read differently */
        "http://rp.example/",
        "HTTPS://rp.example/",
        "ftp://rp.example/",
        "rp.example/",
        "//rp.example/",
        "https:/rp.example/",
        "https:rp.example/",
        "https:///rp.example/",
        "https://",
        "",
        "javascript:alert(1)",
        "https://a@rp.example/",
        "https://rp.example@127.0.0.1/",
        "https://a:b@rp.example/",
        "https://rp.example:0/",
        "https://rp.example:65536/",
        "https://rp.example:/",
        "https://rp.example:0443/",
        "https://rp.example:443a/",
        "https://rp.example:+443/",
        "https://rp.example:4294967739/",
        "https://rp.example/#a",
        "https://rp.example#@127.0.0.1/",
        "https://rp.example\\@127.0.0.1/",
        "https://rp.example/\r\nHost: a",
        "https://rp.example/ a",
        "https://rp.example/\x7f",
        "https://rp_a.example/",
        "https://rp..example/",
        "https://.example/",
        "https://rp.example./",
        "https://-rp.example/",
        "https://rp-.example/",
        "https://r\xc3\xa9.example/",
    };

    for (gsize i = 0; i < G_N_ELEMENTS(bad); i++) {
        char *host = NULL;
        guint port = 0;
        g_test_message("%s", bad[i]);
        g_assert_nonnull(foreign_url_read(bad[i], &host, &port));
        g_assert_null(host);
    }
    g_assert_nonnull(foreign_url_read(NULL, NULL, NULL));
}

static void a_good_url_is_taken_apart(void)
{
    static const struct {
        const char *url, *host;
        guint port;
    } good[] = {
        {"https://rp.example/", "rp.example", 443},
        {"https://rp.example", "rp.example", 443},
        {"https://rp.example?a=b", "rp.example", 443},
        {"https://RP.Example:8443/back/channel?a=b:c@d", "rp.example", 8443},
        {"https://1.rp-2.xn--p1ai:65535/%20", "1.rp-2.xn--p1ai", 65535},
        {"https://rp.example:1", "rp.example", 1},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(good); i++) {
        g_autofree char *host = NULL;
        guint port = 0;
        g_assert_null(foreign_url_read(good[i].url, &host, &port));
        g_assert_cmpstr(host, ==, good[i].host);
        g_assert_cmpuint(port, ==, good[i].port);
        g_assert_null(foreign_url_read(good[i].url, NULL, NULL));
    }
}

static void the_lengths_of_a_url_have_limits(void)
{
    g_autofree char *label = g_strnfill(63, 'a');
    g_autofree char *path = g_strnfill(FOREIGN_URL_BYTES_MAX, 'a');
    g_autofree char *good = g_strdup_printf("https://%s.example/", label);
    g_autofree char *long_label = g_strdup_printf("https://a%s.example/", label);
    g_autofree char *longest =
        g_strdup_printf("https://%s.%s.%s.%.61s/", label, label, label, label);
    g_autofree char *long_host =
        g_strdup_printf("https://%s.%s.%s.%.62s/", label, label, label, label);
    g_autofree char *url =
        g_strdup_printf("https://a.b/%.*s", (int)FOREIGN_URL_BYTES_MAX - 12, path);
    g_autofree char *long_url = g_strconcat(url, "a", NULL);

    g_assert_null(foreign_url_read(good, NULL, NULL));
    g_assert_nonnull(foreign_url_read(long_label, NULL, NULL));
    g_assert_null(foreign_url_read(longest, NULL, NULL));
    g_assert_nonnull(foreign_url_read(long_host, NULL, NULL));
    g_assert_null(foreign_url_read(url, NULL, NULL));
    g_assert_nonnull(foreign_url_read(long_url, NULL, NULL));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define TEST(promise) g_test_add_func("/core/foreign-address/" #promise, promise)
    TEST(h1_only_addresses_of_the_public_internet_are_public);
    TEST(h1_no_address_of_a_network_of_its_own_is_public);
    TEST(h1_a_url_that_is_registered_has_a_public_name);
    TEST(a_good_url_is_taken_apart);
    TEST(the_lengths_of_a_url_have_limits);
    return g_test_run();
}
