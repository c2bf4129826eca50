/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "core/address.h"

static void M8_two_spellings_of_one_address_are_the_same(void)
{
    static const struct {
        const char *typed, *mail, *lookup;
    } rows[] = {
        {"alice@example.org", "alice@example.org", "alice@example.org"},
        {"  Alice@EXAMPLE.org ", "Alice@example.org", "alice@example.org"},
        {"alice+shop@example.org", "alice+shop@example.org", "alice+shop@example.org"},
        {"a@bücher.example", "a@xn--bcher-kva.example", "a@xn--bcher-kva.example"},
        {"a@BÜCHER.example", "a@xn--bcher-kva.example", "a@xn--bcher-kva.example"},
        {"a@XN--BCHER-KVA.example", "a@xn--bcher-kva.example", "a@xn--bcher-kva.example"},
        {"a@straße.example", "a@xn--strae-oqa.example", "a@xn--strae-oqa.example"},
        {"e\xcc\x81lan@example.org", "\xc3\xa9lan@example.org", "\xc3\xa9lan@example.org"},
        {"\xd0\xb8\xd0\xb2\xd0\xb0\xd0\xbd@example.org",
         "\xd0\xb8\xd0\xb2\xd0\xb0\xd0\xbd@example.org",
         "\xd0\xb8\xd0\xb2\xd0\xb0\xd0\xbd@example.org"},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *mail = NULL;
        g_autofree char *lookup = NULL;
        g_test_message("%s", rows[i].typed);
        g_assert_true(address_normalise(rows[i].typed, &mail, &lookup));
        g_assert_cmpstr(mail, ==, rows[i].mail);
        g_assert_cmpstr(lookup, ==, rows[i].lookup);
    }
}

static void refused(const char *typed)
{
    char *mail = NULL;
    char *lookup = NULL;

    g_test_message("%s", typed);
    g_assert_false(address_normalise(typed, &mail, &lookup));
    g_assert_null(mail);
    g_assert_null(lookup);
}

static void M7_M8_bad_addresses_are_refused(void)
{
    static const char *const rows[] = {
        "",
        "alice",
        "@example.org",
        "alice@",
        "alice@localhost",
        "a@b@example.org",
        "al ice@example.org",
        "alice@exam ple.org",
        ".alice@example.org",
        "alice.@example.org",
        "al..ice@example.org",
        "\"alice\"@example.org",
        "alice@[192.0.2.1]",
        "alice@example.org.",
        "alice@-example.org",
        "alice@exa_mple.org",
        "alice@example.org\r\nBcc: mallory@example.org",
        "alice\n@example.org",
        "al\xc2\x85ice@example.org",     /* U+0085 */
        "al\xe2\x80\xa8ice@example.org", /* U+2028 */
        "al\xe2\x80\xa9ice@example.org", /* U+2029 */
        "al\xe2\x80\xaeice@example.org", /* bidi override */
        "al\x01ice@example.org",
        "al\xff@example.org",       /* no UTF-8 */
        "\xd0\xb0lice@example.org", /* Cyrillic a, Latin lice */
        "alice@ex\xd0\xb0mple.org", /* the same in a label */
        "alice@xn--exmple-4nf.org", /* and hidden behind an A-label */
    };

    refused(NULL);
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        refused(rows[i]);
    }
}

static void M8_over_long_addresses_are_refused(void)
{
    g_autofree char *local = g_strnfill(65, 'a');
    g_autofree char *long_local = g_strconcat(local, "@example.org", NULL);
    g_autofree char *label = g_strnfill(64, 'a');
    g_autofree char *long_label = g_strconcat("a@", label, ".org", NULL);
    g_autofree char *good_label = g_strnfill(60, 'a');
    g_autofree char *long_domain = g_strconcat(
        "aaaaaaaaaaaa@", good_label, ".", good_label, ".", good_label, ".", good_label, NULL);

    refused(long_local);
    refused(long_label);
    refused(long_domain);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/core/address/M8-same", M8_two_spellings_of_one_address_are_the_same);
    g_test_add_func("/core/address/M7-M8-refused", M7_M8_bad_addresses_are_refused);
    g_test_add_func("/core/address/M8-over-long", M8_over_long_addresses_are_refused);
    return g_test_run();
}
