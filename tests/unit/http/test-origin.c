/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "http/origin.h"

#define ISSUER "https://id.example"

static void O6_a_form_of_another_site_is_refused(void)
{
    g_assert_false(origin_is_ours("cross-site", ISSUER, ISSUER));
    g_assert_false(origin_is_ours("same-site", ISSUER, ISSUER));
    g_assert_false(origin_is_ours("none", ISSUER, ISSUER));
    g_assert_false(origin_is_ours("", ISSUER, ISSUER));
    g_assert_false(origin_is_ours(NULL, "https://evil.example", ISSUER));
    g_assert_false(origin_is_ours(NULL, "http://id.example", ISSUER));
    g_assert_false(origin_is_ours(NULL, ISSUER ":8443", ISSUER));
    g_assert_false(origin_is_ours(NULL, ISSUER ".evil.example", ISSUER));
    g_assert_false(origin_is_ours(NULL, "", ISSUER));
}

static void our_own_forms_pass(void)
{
    g_assert_true(origin_is_ours("same-origin", NULL, ISSUER));
    g_assert_true(origin_is_ours("same-origin", "null", ISSUER));
    g_assert_true(origin_is_ours(NULL, ISSUER, ISSUER));
    g_assert_true(origin_is_ours(NULL, "null", ISSUER));
    g_assert_true(origin_is_ours(NULL, NULL, ISSUER));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define TEST(promise) g_test_add_func("/http/origin/" #promise, promise)
    TEST(O6_a_form_of_another_site_is_refused);
    TEST(our_own_forms_pass);
    return g_test_run();
}
