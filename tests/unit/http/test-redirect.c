/* SPDX-License-Identifier: GPL-3.0-or-later */

/* test-redirect.c - our parameters stand behind a registered URI, and nothing of it is lost */

#include "http/redirect.h"

static void parameters_are_joined_to_any_registered_uri(void)
{
    static const struct {
        const char *uri, *location;
    } rows[] = {
        {"https://a.example/cb", "https://a.example/cb?code=x&iss=https%3A%2F%2Fid.example"},
        {"https://a.example/cb?", "https://a.example/cb?code=x&iss=https%3A%2F%2Fid.example"},
        {"https://a.example/cb?a=b",
         "https://a.example/cb?a=b&code=x&iss=https%3A%2F%2Fid.example"},
        {"https://a.example/cb?a=b&",
         "https://a.example/cb?a=b&code=x&iss=https%3A%2F%2Fid.example"},
        {"com.example.app:/cb", "com.example.app:/cb?code=x&iss=https%3A%2F%2Fid.example"},
    };
    const RedirectParameter parameters[] = {
        {"code", "x"}, {"state", NULL}, {"iss", "https://id.example"}, {NULL, NULL}};

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *location = redirect_uri_with(rows[i].uri, parameters);
        g_assert_cmpstr(location, ==, rows[i].location);
    }
}

static void state_is_echoed_byte_for_byte(void)
{
    const RedirectParameter parameters[] = {{"state", "a&b=c\r\nX: y#\xff é%20+"}, {NULL, NULL}};
    g_autofree char *location = redirect_uri_with("https://a.example/", parameters);
    g_assert_cmpstr(
        location, ==, "https://a.example/?state=a%26b%3Dc%0D%0AX%3A%20y%23%FF%20%C3%A9%2520%2B");
}

int main(int argc, char *argv[])
{
    g_test_init(&argc, &argv, NULL);
#define TEST(name) g_test_add_func("/http/redirect/" #name, name)
    TEST(parameters_are_joined_to_any_registered_uri);
    TEST(state_is_echoed_byte_for_byte);
    return g_test_run();
}
