/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "antaractl/pam/line.h"

#include <security/_pam_types.h>
#include <string.h>

static void lines_are_read_as_libpam_reads_them(void)
{
    g_autoptr(GPtrArray) lines = pam_lines_read(
        "# a comment \\\n"
        "@include common-auth\n"
        "\n"
        "-AUTH \t [success=2 auth_err=die default=ignore] \\\n"
        "   /lib/security/pam_unix.so nullok [a b\\] c] # end \\\n"
        "account include other",
        "sshd", NULL);

    g_assert_nonnull(lines);
    g_assert_cmpuint(lines->len, ==, 3);
    const PamLine *all = lines->pdata[0];
    const PamLine *unix_line = lines->pdata[1];
    const PamLine *other = lines->pdata[2];
    g_assert_cmpint(all->kind, ==, PAM_LINE_INCLUDE_ALL);
    g_assert_cmpstr(all->target, ==, "common-auth");
    g_assert_cmpuint(all->number, ==, 2);
    g_assert_true(unix_line->quiet);
    g_assert_cmpuint(unix_line->number, ==, 4);
    g_assert_cmpstr(pam_line_module(unix_line), ==, "pam_unix.so");
    g_assert_cmpstr(unix_line->arguments[1], ==, "a b] c");
    g_assert_null(unix_line->arguments[2]);
    g_assert_cmpint(unix_line->control.actions[PAM_SUCCESS], ==, 2);
    g_assert_cmpint(unix_line->control.actions[PAM_AUTH_ERR], ==, PAM_ACTION_DIE);
    g_assert_cmpint(unix_line->control.actions[PAM_ABORT], ==, PAM_ACTION_IGNORE);
    g_assert_cmpint(other->kind, ==, PAM_LINE_INCLUDE);
    g_assert_cmpint(other->phase, ==, PAM_PHASE_ACCOUNT);
    g_assert_cmpuint(other->number, ==, 6);
}

static void a_keyword_is_its_list(void)
{
    static const struct {
        const char *word;
        int success, ignore, auth_err;
    } rows[] = {
        {"required", PAM_ACTION_OK, PAM_ACTION_IGNORE, PAM_ACTION_BAD},
        {"Requisite", PAM_ACTION_OK, PAM_ACTION_IGNORE, PAM_ACTION_DIE},
        {"sufficient", PAM_ACTION_DONE, PAM_ACTION_IGNORE, PAM_ACTION_IGNORE},
        {"optional", PAM_ACTION_OK, PAM_ACTION_IGNORE, PAM_ACTION_IGNORE},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        PamControl control;
        const char *why = NULL;
        g_assert_true(pam_control_read(rows[i].word, FALSE, &control, &why));
        g_assert_cmpint(control.actions[PAM_SUCCESS], ==, rows[i].success);
        g_assert_cmpint(control.actions[PAM_IGNORE], ==, rows[i].ignore);
        g_assert_cmpint(control.actions[PAM_AUTH_ERR], ==, rows[i].auth_err);
    }
}

static void what_libpam_would_refuse_is_named_by_file_and_line(void)
{
    static const struct {
        const char *text, *says;
    } rows[] = {
        {"\nauht required pam_unix.so\n", "sshd:2: a line begins with"},
        {"auth required\n", "sshd:1: a line is:"},
        {"auth need pam_unix.so\n", "sshd:1: a control is"},
        {"auth [success=ok pam_unix.so\n", "sshd:1: a [ is never closed"},
        {"auth [succes=ok] pam_unix.so\n", "sshd:1: it names an answer"},
        {"auth [success=0] pam_unix.so\n", "sshd:1: an action is"},
        {"auth [success=99999999999] pam_unix.so\n", "sshd:1: an action is"},
        {"auth [success] pam_unix.so\n", "sshd:1: an action is"},
        {"@include\n", "sshd:1: @include is followed"},
        {"@include a b\n", "sshd:1: @include is followed"},
        {"# \xe4 in a comment\nauth required pam_\xe4.so\n", "sshd:2: the line is no UTF-8"},
        {"auth required pam_unix.so\r\n", "sshd: lines end in CR LF"},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(GError) error = NULL;
        g_assert_null(pam_lines_read(rows[i].text, "sshd", &error));
        g_assert_true(g_str_has_prefix(error->message, rows[i].says));
    }
}

static void a_line_without_end_is_refused(void)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GString) text = g_string_new("auth required pam_unix.so");

    for (guint i = 0; i < 1000; i++) {
        g_string_append(text, " word \\\n");
    }
    g_assert_null(pam_lines_read(text->str, "sshd", &error));
    g_assert_nonnull(strstr(error->message, "sshd:1: the line is longer"));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/line/as-libpam", lines_are_read_as_libpam_reads_them);
    g_test_add_func("/line/keywords", a_keyword_is_its_list);
    g_test_add_func("/line/refused", what_libpam_would_refuse_is_named_by_file_and_line);
    g_test_add_func("/line/too-long", a_line_without_end_is_refused);
    return g_test_run();
}
