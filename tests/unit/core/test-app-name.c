/* SPDX-License-Identifier: GPL-3.0-or-later */

/* test-app-name.c - row O16: a name that could be somebody else's is refused */

#include "core/app-name.h"

static void o16_names_that_hide_something_are_refused(void)
{
    static const char *const bad[] = {
        "",
        "a\nb",
        "a\x1b[2J",
        "\xe2\x80\xaepohs" /* bidi override */,
        "pay\xe2\x80\x8bpal" /* zero width */,
        "\xff",
        "...",
        "p\xd0\xb0ypal" /* one letter of Cyrillic */,
        "Goo\xc9\xa1le \xce\xbfne"};
    g_autofree char *longest = g_strnfill(APP_NAME_CHARS_MAX, 'a');
    g_autofree char *longer = g_strnfill(APP_NAME_CHARS_MAX + 1, 'a');

    for (guint i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_assert_nonnull(app_name_problem(bad[i], NULL));
    }
    g_assert_null(app_name_problem(longest, NULL));
    g_assert_nonnull(app_name_problem(longer, NULL));
}

static void o16_what_looks_like_the_servers_own_name_is_refused(void)
{
    static const char *const bad[] = {
        "Antara",
        "ANTARA!",
        "4nt4r4",
        "A n t a r a",
        "\xc3\x81ntar\xc3\xa4",
        "Support",
        "Adm1n",
        "Security",
        "Sys7em",
        "\xef\xbc\xa1ntara" /* full width */,
        "\xd0\x85\xd0\xa3\xd0\x85\xd0\xa2\xd0\x95\xd0\x9c" /* SYSTEM, all of it Cyrillic */};
    static const char *const good[] = {
        "Bakery",
        "Antares",
        "Customer Support",
        "The Antara fan page",
        "\xe5\xb1\x8b 7",
        "Gr\xc3\xbc\xc3\x9f"
        "e",
        "\xd0\x91\xd1\x83\xd0\xbb\xd0\xba\xd0\xb8",
        "7"};

    for (guint i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_assert_nonnull(app_name_problem(bad[i], NULL));
    }
    for (guint i = 0; i < G_N_ELEMENTS(good); i++) {
        g_assert_null(app_name_problem(good[i], NULL));
    }
}

static void o16_a_stranger_can_not_speak_for_the_tenant(void)
{
    static const char *const bad[] = {
        "The Antara fan page", "Acme Corp login", "my acme-c0rp", "ACME CORP"};
    static const char *const good[] = {"Bakery", "Acmeria", "Corp"};

    for (guint i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_assert_nonnull(app_name_problem(bad[i], "Acme Corp"));
    }
    for (guint i = 0; i < G_N_ELEMENTS(good); i++) {
        g_assert_null(app_name_problem(good[i], "Acme Corp"));
    }
    g_assert_null(app_name_problem("Acme Corp login", NULL));
    g_assert_null(app_name_problem("Bakery", "..."));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define TEST(promise) g_test_add_func("/core/app-name/" #promise, promise)
    TEST(o16_names_that_hide_something_are_refused);
    TEST(o16_what_looks_like_the_servers_own_name_is_refused);
    TEST(o16_a_stranger_can_not_speak_for_the_tenant);
    return g_test_run();
}
