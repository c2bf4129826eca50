/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "antaractl/pam/edit.h"

#include "antaractl/pam/block.h"

#include <string.h>

static PamTree *tree_of(const char *name)
{
    g_autofree char *root = g_test_build_filename(G_TEST_DIST, "../../pam/trees", name, NULL);

    return pam_tree_new(root);
}

static PamTree *stock(void)
{
    return tree_of("bookworm");
}

static char *text_of(const PamTree *tree, const char *name)
{
    g_autofree char *path = NULL;
    char *text = pam_tree_read(tree, name, &path, NULL);

    g_assert_nonnull(text);
    return text;
}

static char *enable(PamTree *tree, const char *name, const char *text, GError **error)
{
    const PamFile file = {.name = (char *)name, .text = (char *)text};

    pam_tree_pretend(tree, name, text);
    return pam_edit_enable(tree, &file, error);
}

static char *disable(const char *name, const char *text, GError **error)
{
    const PamFile file = {.name = (char *)name, .text = (char *)text};

    return pam_edit_disable(&file, error);
}

static void stock_files_come_back_byte_for_byte(void)
{
    static const char *const names[] = {"sshd", "sudo", "sudo-i", "login", "su", NULL};

    for (const char *const *name = names; *name; name++) {
        g_autoptr(PamTree) tree = stock();
        g_autofree char *before = text_of(tree, *name);
        g_autofree char *edited = enable(tree, *name, before, NULL);
        g_autoptr(PamTree) looked_at = tree_of("enabled"); /* its traps and outages are lint */
        g_autofree char *expected = text_of(looked_at, *name);
        g_assert_cmpstr(edited, ==, expected);
        g_assert_true(block_is_in(edited, *name));
        g_assert_false(block_is_in(before, *name));
        g_autofree char *again = enable(tree, *name, edited, NULL);
        g_assert_cmpstr(again, ==, edited);
        g_autofree char *after = disable(*name, edited, NULL);
        g_assert_cmpstr(after, ==, before);
        g_autofree char *nothing = disable(*name, before, NULL);
        g_assert_cmpstr(nothing, ==, before);
    }
}

/* Below what decides who may come, above what asks. */
static void the_lines_stand_where_they_belong(void)
{
    g_autoptr(PamTree) tree = stock();
    g_autofree char *text = text_of(tree, "login");
    g_autofree char *edited = enable(tree, "login", text, NULL);

    const char *nologin = strstr(edited, "requisite  pam_nologin.so");
    const char *ours = strstr(edited, "auth sufficient pam_antara.so");
    const char *common = strstr(edited, "@include common-auth");
    g_assert_true(nologin && ours && common && nologin < ours && ours < common);
    g_assert_nonnull(strstr(edited, "pam_succeed_if.so quiet uid = 0"));
}

static void other_changes_stay(void)
{
    g_autoptr(PamTree) tree = stock();
    g_autofree char *text = text_of(tree, "sudo");
    g_autofree char *edited = enable(tree, "sudo", text, NULL);
    g_autofree char *more = g_strconcat("# mine\n", edited, NULL);
    g_autofree char *expected = g_strconcat("# mine\n", text, NULL);
    g_autofree char *after = disable("sudo", more, NULL);

    g_assert_cmpstr(after, ==, expected);
}

static void a_comment_that_names_the_module_is_no_line(void)
{
    g_autoptr(PamTree) tree = stock();
    const char *text = "# pam_antara.so was here\n@include common-auth\n@include common-account\n";
    g_autofree char *edited = enable(tree, "mine", text, NULL);
    g_autofree char *after = disable("mine", edited, NULL);

    g_assert_cmpstr(after, ==, text);
}

static void lines_changed_by_hand_are_left_alone(void)
{
    static const char *const changes[][2] = {
        {"auth sufficient", "auth required"},
        {"# antara: end\n", ""},
        {"pam_antara.so\n", "pam_antara.so debug\n"},
        {"quiet uid = 0", "quiet uid = 1"},
        {"#%PAM-1.0\n", "#%PAM-1.0\nsession optional pam_antara.so\n"},
    };
    g_autoptr(PamTree) tree = stock();
    g_autofree char *text = text_of(tree, "sudo");
    g_autofree char *edited = enable(tree, "sudo", text, NULL);

    for (gsize i = 0; i < G_N_ELEMENTS(changes); i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(GString) changed = g_string_new(edited);
        g_assert_cmpuint(g_string_replace(changed, changes[i][0], changes[i][1], 1), ==, 1);
        g_assert_null(disable("sudo", changed->str, &error));
        g_assert_nonnull(strstr(error->message, "sudo"));
    }
}

static void what_is_no_service_of_people_is_refused(void)
{
    static const char *const names[] = {"cron",  "atd", "systemd-user", "common-auth", "other",
                                        "../su", "",    ".sshd"};

    for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autoptr(GError) error = NULL;
        g_assert_false(pam_edit_may(names[i], &error));
        g_assert_nonnull(error);
    }
    g_assert_true(pam_edit_may("sshd", NULL));
}

static void what_would_be_a_trap_is_refused(void)
{
    static const struct {
        const char *text, *says;
    } rows[] = {
        {"auth required pam_antara.so\naccount required pam_unix.so\n", "asks Antara already"},
        {"@include common-auth\nauth required pam_oath.so\n@include common-account\n",
         "check-skipped"},
        {"@include common-auth\naccount sufficient pam_permit.so\naccount required pam_unix.so\n",
         NULL},
        {"@include common-auth\nauth required pam_faillock.so preauth\n"
         "@include common-account\n",
         NULL},
        {"auth required pam_permit.so\naccount required pam_unix.so\n", "(open, at"},
        {"@include common-auth\naccount required pam_nologin.so\n", "no account line"},
        {"auth required pam_env.so\n@include common-account\n", "no auth line"},
        {"auth required pam_antara\naccount\n", "a line is:"},
        {"auth required pam_u2f.so\nauth sufficient pam_unix.so\nauth required pam_deny.so\n"
         "@include common-account\n",
         "check-skipped"},
        {"auth [success=2 default=ignore] pam_rootok.so\n@include common-auth\n"
         "@include common-account\n",
         "end otherwise"},
        {"@include common-auth\naccount [success=2 default=ignore] pam_access.so\n"
         "account required pam_unix.so\naccount required pam_time.so\n"
         "account required pam_permit.so\n",
         "account-not-reached"},
        {"@include common-auth\naccount [success=1 default=ignore] pam_access.so\n"
         "account required pam_unix.so\naccount required pam_permit.so\n",
         "end otherwise"},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(PamTree) tree = stock();
        g_autoptr(GError) error = NULL;
        g_autofree char *edited = enable(tree, "mine", rows[i].text, &error);
        if (rows[i].says) {
            g_test_message("%zu: %s", i, error ? error->message : edited);
            g_assert_null(edited);
            g_assert_nonnull(strstr(error->message, rows[i].says));
        } else {
            g_assert_nonnull(edited);
        }
    }
}

static void a_file_that_is_another_services_names_it(void)
{
    g_autoptr(PamTree) tree = stock();
    g_autoptr(GError) error = NULL;
    g_autofree char *text = text_of(tree, "su-l");

    g_assert_null(enable(tree, "su-l", text, &error));
    g_assert_nonnull(strstr(error->message, "antaractl service enable su is for both"));
}

static void a_file_that_cron_includes_is_refused(void)
{
    g_autoptr(PamTree) tree = stock();
    g_autoptr(GError) error = NULL;
    g_autofree char *text = text_of(tree, "sshd");

    pam_tree_pretend(tree, "cron", "@include sshd\n");
    g_assert_null(enable(tree, "sshd", text, &error));
    g_assert_nonnull(strstr(error->message, "cron comes to Antara"));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/edit/round-trip", stock_files_come_back_byte_for_byte);
    g_test_add_func("/edit/place", the_lines_stand_where_they_belong);
    g_test_add_func("/edit/other-changes", other_changes_stay);
    g_test_add_func("/edit/comment", a_comment_that_names_the_module_is_no_line);
    g_test_add_func("/edit/by-hand", lines_changed_by_hand_are_left_alone);
    g_test_add_func("/edit/no-service", what_is_no_service_of_people_is_refused);
    g_test_add_func("/edit/traps", what_would_be_a_trap_is_refused);
    g_test_add_func("/edit/su-l", a_file_that_is_another_services_names_it);
    g_test_add_func("/edit/cron", a_file_that_cron_includes_is_refused);
    return g_test_run();
}
