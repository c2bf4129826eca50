/* SPDX-License-Identifier: GPL-3.0-or-later */

/* test-words.c - what people read of scopes and browsers */

#include "http/words.h"

static void a_browser_is_named_by_what_it_is_not_by_what_it_says_it_is_like(void)
{
    static const struct {
        const char *agent, *words;
    } rows[] = {
        {"Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
         "Firefox on Linux"},
        {"Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/120.0 Safari/537.36 Edg/120.0",
         "Edge on Windows"},
        {"Mozilla/5.0 (Linux; Android 10) AppleWebKit/537.36 Chrome/120.0 Mobile Safari/537.36",
         "Chrome on Android"},
        {"Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) Version/17.0 Safari/604.1",
         "Safari on iPhone"},
        {"curl/8.0", "curl"},
        {"<b>my bank</b>", "An unknown browser"},
        {NULL, "An unknown browser"},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *words = words_of_agent("en", rows[i].agent);
        g_assert_cmpstr(words, ==, rows[i].words);
    }
}

static void scopes_are_one_line_without_openid_and_unknown_ones_as_they_are(void)
{
    char *scopes[] = {(char *)"openid", (char *)"offline_access", (char *)"bread.buy", NULL};
    g_autofree char *words = words_of_scopes("en", scopes);
    g_assert_cmpstr(words, ==, "keep you signed in after you leave; bread.buy");
}

int main(int argc, char *argv[])
{
    g_test_init(&argc, &argv, NULL);
#define TEST(name) g_test_add_func("/http/words/" #name, name)
    TEST(a_browser_is_named_by_what_it_is_not_by_what_it_says_it_is_like);
    TEST(scopes_are_one_line_without_openid_and_unknown_ones_as_they_are);
    return g_test_run();
}
