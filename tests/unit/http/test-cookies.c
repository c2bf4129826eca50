/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "http/cookies.h"

static void reads(const char *header, const char *wanted)
{
    g_autofree char *value = cookie_read(header, "antara-session");

    g_assert_cmpstr(value, ==, wanted);
}

static void a_cookie_is_found_by_its_whole_name(void)
{
    reads("antara-session=abc", "abc");
    reads("a=b; antara-session=abc; c=d", "abc");
    reads("a=b;antara-session=abc", "abc");
    reads("antara-session=", "");
    reads("antara-session=a=b", "a=b");
    reads("xantara-session=abc", NULL);
    reads("antara-sessionx=abc", NULL);
    reads("Antara-Session=abc", NULL);
    reads("antara-session", NULL);
    reads("a=antara-session=abc", NULL);
    reads("", NULL);
    reads(NULL, NULL);
}

/* A neighbour's host can set one of that name for the whole domain: nobody says which is ours. */
static void two_of_one_name_are_none(void)
{
    reads("antara-session=abc; antara-session=abd", NULL);
    reads("antara-session=abc; a=b; antara-session=abc", NULL);
}

static void a_second_one_hides_behind_no_number_of_others(void)
{
    g_autoptr(GString) header = g_string_new("antara-session=theirs");

    for (guint i = 0; i < 2000; i++) {
        g_string_append(header, "; a=b");
    }
    reads(header->str, "theirs");
    g_string_append(header, "; antara-session=mine");
    reads(header->str, NULL);
}

static void under_https_no_other_host_can_set_it(void)
{
    g_autoptr(Tenant) tenant = tenant_new("acme");

    g_assert_null(tenant_set_issuer(tenant, "https://id.example"));
    g_assert_cmpstr(cookie_name(tenant, COOKIE_SESSION), ==, "__Host-antara-session");
    g_autofree char *cookie = cookie_write(tenant, COOKIE_SESSION, "abc", 60);
    g_assert_cmpstr(
        cookie, ==,
        "__Host-antara-session=abc; Path=/; Max-Age=60; HttpOnly; SameSite=Lax; Secure");
}

static void over_plain_http_it_bears_no_prefix(void)
{
    g_autoptr(Tenant) tenant = tenant_new("acme");

    g_assert_null(tenant_set_issuer(tenant, "http://localhost:8080"));
    g_autofree char *cookie = cookie_write(tenant, COOKIE_BROWSER, "abc", 60);
    g_assert_cmpstr(cookie, ==, "antara-browser=abc; Path=/; Max-Age=60; HttpOnly; SameSite=Lax");
    g_autofree char *ended = cookie_write(tenant, COOKIE_BROWSER, NULL, 60);
    g_assert_cmpstr(ended, ==, "antara-browser=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define TEST(promise) g_test_add_func("/http/cookies/" #promise, promise)
    TEST(a_cookie_is_found_by_its_whole_name);
    TEST(two_of_one_name_are_none);
    TEST(a_second_one_hides_behind_no_number_of_others);
    TEST(under_https_no_other_host_can_set_it);
    TEST(over_plain_http_it_bears_no_prefix);
    return g_test_run();
}
