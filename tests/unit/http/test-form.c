/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "http/form.h"

#include <string.h>

static void parameters_are_decoded(void)
{
    g_autoptr(Form) form = form_parse("a=1&b=x+y%20z&c=%C3%BC%26&empty=&bare&d=%3d=");

    g_assert_nonnull(form);
    g_assert_cmpstr(form_value(form, "a"), ==, "1");
    g_assert_cmpstr(form_value(form, "b"), ==, "x y z");
    g_assert_cmpstr(form_value(form, "c"), ==, "ü&");
    g_assert_cmpstr(form_value(form, "d"), ==, "==");
    g_assert_null(form_value(form, "empty"));
    g_assert_null(form_value(form, "bare"));
    g_assert_null(form_value(form, "A"));
    g_assert_null(form_double(form));
}

static void nothing_is_an_empty_form(void)
{
    static const char *const texts[] = {NULL, "", "&", "&&"};

    for (gsize i = 0; i < G_N_ELEMENTS(texts); i++) {
        g_autoptr(Form) form = form_parse(texts[i]);
        g_assert_nonnull(form);
        g_assert_null(form_value(form, ""));
        g_assert_null(form_double(form));
    }
}

static void malformed_text_is_refused_whole(void)
{
    static const char *const bad[] = {
        "a=%",    "a=%2",  "a=%2g", "a=%g2",       "%=a",    "a=1&b=%zz",
        "a=%00b", "a=%ff", "a=%C3", "a=%ED%A0%80", "a=\xff", "%F0%82%82%AC=1",
    };

    for (gsize i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_assert_null(form_parse(bad[i]));
    }
}

static void what_came_twice_is_named(void)
{
    g_autoptr(Form) form = form_parse("client_id=a&state=1&client%5Fid=b");
    g_autoptr(Form) resources = form_parse("resource=a&resource=b");

    g_assert_cmpstr(form_double(form), ==, "client_id");
    g_assert_cmpstr(form_value(form, "client_id"), ==, "a");
    g_assert_null(form_double(resources)); /* RFC 8707 2 */
}

static void there_is_a_limit_of_parameters(void)
{
    g_autoptr(GString) text = g_string_new("p0=x");

    for (guint i = 1; i < FORM_PARAMETERS_MAX; i++) {
        g_string_append_printf(text, "&p%u=x", i);
    }
    g_autoptr(Form) most = form_parse(text->str);
    g_assert_nonnull(most);
    g_string_append(text, "&one=more");
    g_assert_null(form_parse(text->str));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define TEST(promise) g_test_add_func("/http/form/" #promise, promise)
    TEST(parameters_are_decoded);
    TEST(nothing_is_an_empty_form);
    TEST(malformed_text_is_refused_whole);
    TEST(what_came_twice_is_named);
    TEST(there_is_a_limit_of_parameters);
    return g_test_run();
}
