/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "antaractl/pam/flow.h"

#include <security/_pam_types.h>
#include <string.h>

/* "pam_a.so" answers the code that its first argument names: success, auth_err, … */
static int as_argued(const PamLine *line, gpointer data)
{
    GString *ran = data;

    g_string_append(ran, pam_line_module(line));
    for (int code = 0; code < PAM_CODES; code++) {
        if (g_str_equal(line->arguments[0], pam_code_name(code))) {
            return code;
        }
    }
    g_assert_not_reached();
}

static void pretend(PamTree *tree, const char *name, const char *lines)
{
    g_auto(GStrv) each = g_strsplit(lines, "; ", -1);
    g_autofree char *text = g_strjoinv("\n", each);

    pam_tree_pretend(tree, name, text);
}

static void a_phase_ends_as_libpam_ends_it(void)
{
    static const struct {
        const char *lines;
        int code;
        const char *ran;
    } rows[] = {
        {"auth required a success; auth required b success", PAM_SUCCESS, "ab"},
        {"auth required a auth_err; auth required b success", PAM_AUTH_ERR, "ab"},
        {"auth requisite a auth_err; auth required b success", PAM_AUTH_ERR, "a"},
        {"auth sufficient a success; auth required b auth_err", PAM_SUCCESS, "a"},
        {"auth sufficient a auth_err; auth required b success", PAM_SUCCESS, "ab"},
        {"auth required a auth_err; auth sufficient b success; auth required c success",
         PAM_AUTH_ERR, "abc"},
        {"auth optional a auth_err; auth optional b ignore", PAM_PERM_DENIED, "ab"},
        {"auth required a ignore", PAM_PERM_DENIED, "a"},
        {"auth [success=1 default=ignore] a success; auth requisite d auth_err; auth required p "
         "success",
         PAM_SUCCESS, "ap"},
        {"auth [success=1 default=ignore] a auth_err; auth requisite d auth_err; auth required p "
         "success",
         PAM_AUTH_ERR, "ad"},
        {"auth [success=1 default=bad] a success; auth required b auth_err", PAM_PERM_DENIED, "a"},
        {"auth [success=2 default=bad] a success; auth required b success", PAM_PERM_DENIED, "a"},
        {"auth required a success; auth [success=2 default=bad] b success; auth required c success",
         PAM_PERM_DENIED, "ab"},
        {"auth [default=ok] a user_unknown; auth required b success", PAM_USER_UNKNOWN, "ab"},
        {"auth required a auth_err; auth [default=reset] b success; auth required c success",
         PAM_SUCCESS, "abc"},
        {"auth substack sub; auth required b success", PAM_SUCCESS, "xb"},
        {"auth [success=1 default=ignore] a success; auth substack sub; auth required b success",
         PAM_SUCCESS, "ab"},
        {"auth substack bad; auth required b success", PAM_AUTH_ERR, "yb"},
        {"auth include sub; auth required b success", PAM_SUCCESS, "x"},
        {"@include sub; auth required b success", PAM_SUCCESS, "x"},
        {"account required a success", PAM_AUTH_ERR, "o"},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(PamTree) tree = pam_tree_new("/nowhere");
        g_autoptr(GString) ran = g_string_new(NULL);
        pretend(tree, "it", rows[i].lines);
        pretend(tree, "sub", "auth sufficient x success; auth required z auth_err");
        pretend(tree, "bad", "auth requisite y auth_err; auth required z success");
        pretend(tree, "other", "auth required o auth_err");
        g_autoptr(PamStack) stack = pam_stack_read(tree, "it", NULL);
        g_assert_nonnull(stack);
        g_assert_cmpint(pam_flow(stack->phases[PAM_PHASE_AUTH], as_argued, ran), ==, rows[i].code);
        g_assert_cmpstr(ran->str, ==, rows[i].ran);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/flow/as-libpam", a_phase_ends_as_libpam_ends_it);
    return g_test_run();
}
