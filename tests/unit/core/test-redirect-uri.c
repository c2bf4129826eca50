/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "core/app.h"

static const char *const bad[] = {
    "",
    "/back",
    "shop.example/back",
    "//shop.example/back",
    "https:",
    "https:///back",
    "https://shop.example/back#",
    "https://shop.example/#x",
    "http://shop.example/back",
    "http://127.0.0.1.shop.example/",
    "http://localhost.shop.example/",
    "http://127.0.0.1@shop.example/",
    "https://user@shop.example/",
    "https://user:word@shop.example/",
    "https://shop.example:99999/",
    "javascript:alert(1)",
    "JavaScript:alert(1)",
    "data:text/html,x",
    "file:///etc/passwd",
    "vbscript:x",
    "about:blank",
    "blob:https://shop.example/1",
    "filesystem:https://shop.example/1",
    "mailto:x",
    "myapp://back",
    "https://shop.example/a b",
    "https://shop.example\\back",
    "https://shop.example/\t",
    "https://shop.example/\n",
    "https://shop.example/\x7f",
    "https://sh\xc3\xb6p.example/",
    "https://shop.example/<x>",
    NULL,
};

static void o1_a_uri_that_could_be_abused_is_not_registrable(void)
{
    for (guint i = 0; bad[i]; i++) {
        g_test_message("%s", bad[i]);
        g_assert_nonnull(redirect_uri_problem(bad[i]));
    }
    g_autofree char *tail = g_strnfill(2048, 'a');
    g_autofree char *long_one = g_strconcat("https://shop.example/", tail, NULL);
    g_assert_nonnull(redirect_uri_problem(long_one));
}

static void web_loopback_and_private_use_uris_are_registrable(void)
{
    static const char *const good[] = {
        "https://shop.example/back",
        "https://shop.example/back?a=b&c=d",
        "https://shop.example",
        "https://shop.example:8443/",
        "http://127.0.0.1/back",
        "http://[::1]/back",
        "http://localhost:3000/back",
        "com.example.shop:/back",
        NULL};

    for (guint i = 0; good[i]; i++) {
        g_assert_cmpstr(redirect_uri_problem(good[i]), ==, NULL);
    }
}

static void o1_only_a_loopback_address_matches_any_port(void)
{
    static const struct {
        const char *registered, *sent;
        gboolean same;
    } rows[] = {
        {"https://shop.example/back", "https://shop.example/back", TRUE},
        {"https://shop.example/back", "https://shop.example/back/", FALSE},
        {"https://shop.example/back", "https://shop.example/Back", FALSE},
        {"https://shop.example/back", "https://SHOP.example/back", FALSE},
        {"https://shop.example/back", "https://shop.example/back?x", FALSE},
        {"https://shop.example/back", "https://shop.example/%62ack", FALSE},
        {"https://shop.example/back", "https://shop.example:443/back", FALSE},
        {"https://shop.example/back", "https://shop.example/back.evil", FALSE},
        {"http://localhost:1/back", "http://localhost:2/back", FALSE},
        {"http://127.0.0.1/back", "http://127.0.0.1:4711/back", TRUE},
        {"http://127.0.0.1:1/back", "http://127.0.0.1/back", TRUE},
        {"http://[::1]:1/back", "http://[::1]:2/back", TRUE},
        {"http://[::1]/back", "http://127.0.0.1/back", FALSE},
        {"http://127.0.0.1/back", "https://127.0.0.1:1/back", FALSE},
        {"http://127.0.0.1/back", "http://127.0.0.1:1/other", FALSE},
        {"http://127.0.0.1/back", "http://127.0.0.1:99999/back", FALSE},
        {"http://127.0.0.1/back", "http://127.0.0.1:/back", FALSE},
        {"http://127.0.0.1/back", "http://127.0.0.1:1@shop.example/back", FALSE},
        {"http://127.0.0.1", "http://127.0.0.1.shop.example", FALSE},
        {"http://127.0.0.1/", "http://127.0.0.10/", FALSE},
    };

    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_test_message("%s %s", rows[i].registered, rows[i].sent);
        g_assert_cmpint(redirect_uri_matches(rows[i].registered, rows[i].sent), ==, rows[i].same);
    }
}

static void the_target_is_the_host_or_the_scheme(void)
{
    static const struct {
        const char *uri, *target;
    } rows[] = {
        {"https://a.example/cb", "a.example"},
        {"https://a.example:8443/cb", "a.example"},
        {"http://127.0.0.1/cb", "127.0.0.1"},
        {"com.example.app:/cb", "com.example.app"},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *target = redirect_uri_target(rows[i].uri);
        g_assert_cmpstr(target, ==, rows[i].target);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/core/redirect-uri/bad", o1_a_uri_that_could_be_abused_is_not_registrable);
    g_test_add_func("/core/redirect-uri/good", web_loopback_and_private_use_uris_are_registrable);
    g_test_add_func("/core/redirect-uri/matches", o1_only_a_loopback_address_matches_any_port);
    g_test_add_func("/core/redirect-uri/target", the_target_is_the_host_or_the_scheme);
    return g_test_run();
}
