/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "antaractl/pam/stack.h"

#include <string.h>

static PamTree *tree_of(const char *service, const char *text)
{
    PamTree *tree = pam_tree_new("/nowhere");

    pam_tree_pretend(tree, service, text);
    return tree;
}

static void a_phase_without_lines_is_other(void)
{
    g_autoptr(PamTree) tree = tree_of("it", "auth required pam_a.so\n");

    pam_tree_pretend(tree, "other", "auth required pam_deny.so\naccount required pam_deny.so\n");
    g_autoptr(PamStack) stack = pam_stack_read(tree, "it", NULL);
    g_assert_nonnull(stack);
    g_assert_false(stack->from_other[PAM_PHASE_AUTH]);
    g_assert_true(stack->from_other[PAM_PHASE_ACCOUNT]);
    g_assert_nonnull(pam_stack_find(stack, PAM_PHASE_ACCOUNT, "pam_deny.so"));
    g_assert_null(pam_stack_find(stack, PAM_PHASE_AUTH, "pam_deny.so"));
}

static void a_circle_is_refused(void)
{
    g_autoptr(PamTree) tree = tree_of("it", "@include it\n");
    g_autoptr(GError) error = NULL;

    g_assert_null(pam_stack_read(tree, "it", &error));
    g_assert_nonnull(strstr(error->message, "it:1: includes are nested more than 16 deep"));
}

static void a_stack_that_doubles_itself_is_refused(void)
{
    g_autoptr(PamTree) tree = tree_of("f0", "auth required pam_a.so\n");
    g_autoptr(GError) error = NULL;

    for (guint i = 1; i < 16; i++) {
        g_autofree char *name = g_strdup_printf("f%u", i);
        g_autofree char *text = g_strdup_printf("@include f%u\n@include f%u\n", i - 1, i - 1);
        pam_tree_pretend(tree, name, text);
    }
    g_assert_null(pam_stack_read(tree, "f15", &error));
    g_assert_nonnull(strstr(error->message, "more than 512 lines"));
}

static void includes_are_nested_sixteen_deep(void)
{
    for (guint deep = 16; deep <= 17; deep++) {
        g_autofree char *last = g_strdup_printf("f%u", deep);
        g_autoptr(PamTree) tree = tree_of(last, "auth required pam_a.so\n");
        for (guint i = 0; i < deep; i++) {
            g_autofree char *name = g_strdup_printf("f%u", i);
            g_autofree char *text = g_strdup_printf("@include f%u\n", i + 1);
            pam_tree_pretend(tree, name, text);
        }
        g_autoptr(PamStack) stack = pam_stack_read(tree, "f0", NULL);
        g_assert_true((stack != NULL) == (deep == 16));
    }
}

static void a_missing_include_names_the_line(void)
{
    g_autoptr(PamTree) tree = tree_of("it", "# first\nauth substack gone\n");
    g_autoptr(GError) error = NULL;

    g_assert_null(pam_stack_read(tree, "it", &error));
    g_assert_true(g_str_has_prefix(error->message, "it:2: /nowhere/etc/pam.d/gone is not there"));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/stack/other", a_phase_without_lines_is_other);
    g_test_add_func("/stack/circle", a_circle_is_refused);
    g_test_add_func("/stack/doubling", a_stack_that_doubles_itself_is_refused);
    g_test_add_func("/stack/depth", includes_are_nested_sixteen_deep);
    g_test_add_func("/stack/missing", a_missing_include_names_the_line);
    return g_test_run();
}
