/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "core/scope.h"

static void scopes_are_parsed_once_each_and_empty_ones_add_nothing(void)
{
    static const struct {
        const char *text, *parsed; /* NULL: refused */
    } rows[] = {
        {NULL, ""},
        {"", ""},
        {"openid", "openid"},
        {"openid openid", "openid"},
        {"  openid   offline_access ", "openid offline_access"},
        {"openid profile email address phone", "openid"},
        {"OpenID", "OpenID"},
        {"a\"b", NULL},
        {"a\\b", NULL},
        {"a\tb", NULL},
        {"\xc3\xa4", NULL},
    };

    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_auto(GStrv) scopes = NULL;
        g_test_message("row %u", i);
        g_assert_cmpint(scope_parse(rows[i].text, &scopes), ==, rows[i].parsed != NULL);
        if (scopes) {
            g_autofree char *text = scope_text((const char *const *)scopes);
            g_assert_cmpstr(text, ==, rows[i].parsed);
        }
    }
}

static void too_many_or_too_long_scopes_are_refused(void)
{
    g_autoptr(GString) many = g_string_new(NULL);
    g_autofree char *long_one = g_strnfill(SCOPE_BYTES_MAX + 1, 'a');
    g_auto(GStrv) scopes = NULL;
    g_auto(GStrv) most = NULL;

    for (guint i = 0; i < SCOPES_MAX; i++) {
        g_string_append_printf(many, "s%u ", i);
    }
    g_assert_true(scope_parse(many->str, &most));
    g_assert_cmpuint(g_strv_length(most), ==, SCOPES_MAX);
    g_string_append(many, "more");
    g_assert_false(scope_parse(many->str, &scopes));
    g_assert_false(scope_parse(long_one, &scopes));
    g_assert_null(scopes);
}

static void a_part_is_within_and_a_union_has_each_once(void)
{
    static const char *const a[] = {"x", "y", NULL};
    static const char *const b[] = {"y", "z", NULL};
    static const char *const none[] = {NULL};
    g_auto(GStrv) joined = scope_join(a, b);
    g_autofree char *text = scope_text((const char *const *)joined);

    g_assert_cmpstr(text, ==, "x y z");
    g_assert_true(scope_within(a, (const char *const *)joined));
    g_assert_true(scope_within(none, a));
    g_assert_false(scope_within(a, b));
    g_assert_false(scope_within(a, none));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/core/scope/parse", scopes_are_parsed_once_each_and_empty_ones_add_nothing);
    g_test_add_func("/core/scope/limits", too_many_or_too_long_scopes_are_refused);
    g_test_add_func("/core/scope/sets", a_part_is_within_and_a_union_has_each_once);
    return g_test_run();
}
