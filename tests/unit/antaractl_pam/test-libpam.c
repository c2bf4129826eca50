/* SPDX-License-Identifier: GPL-3.0-or-later */

/* test-libpam.c - stacks drawn at random end in libpam as they do in flow.c */

#include "antaractl/pam/flow.h"

#include <glib/gstdio.h>
#include <security/pam_appl.h>
#include <string.h>

#define STACKS 120U

static const char *const files[] = {"it", "sub", "deep"};

/* pam_debug.so answers what its argument says, in libpam as here. */
static int as_argued(const PamLine *line, G_GNUC_UNUSED gpointer data)
{
    for (int code = 0; code < PAM_CODES; code++) {
        if (g_str_equal(line->arguments[0] + strlen("auth="), pam_code_name(code))) {
            return code;
        }
    }
    g_assert_not_reached();
}

static const char *any(const char *const *words, guint n_words)
{
    return words[g_test_rand_int_range(0, (gint32)n_words)];
}

static void append_module(GString *text)
{
    static const char *const controls[] = {
        "required",
        "requisite",
        "sufficient",
        "optional",
        "[success=1 default=ignore]",
        "[success=2 auth_err=die default=bad]",
        "[default=ok]",
        "[default=done]",
        "[success=ok user_unknown=reset default=1]",
        "[success=ok ignore=ok auth_err=bad default=reset]",
    };
    static const char *const answers[] = {"success",      "success", "auth_err",
                                          "user_unknown", "ignore",  "new_authtok_reqd"};

    g_string_append_printf(
        text, "auth %s pam_debug.so auth=%s\n", any(controls, G_N_ELEMENTS(controls)),
        any(answers, G_N_ELEMENTS(answers)));
}

/* A file includes only those behind it; by their whole path, since libpam 1.5 looks for others in
 * /etc/pam.d alone. */
static void append_line(GString *text, const char *folder, guint file)
{
    static const char *const ways[] = {
        "auth include", "auth substack", "auth substack", "@include"};

    if (file + 1 < G_N_ELEMENTS(files) && g_test_rand_int_range(0, 4) == 0) {
        g_string_append_printf(
            text, "%s %s/%s\n", any(ways, G_N_ELEMENTS(ways)), folder, files[file + 1]);
    } else {
        append_module(text);
    }
}

static void draw(const char *folder, GString *all)
{
    for (guint file = 0; file < G_N_ELEMENTS(files); file++) {
        g_autofree char *path = g_build_filename(folder, files[file], NULL);
        g_autoptr(GString) text = g_string_new(NULL);
        for (gint32 lines = g_test_rand_int_range(1, 6); lines > 0; lines--) {
            append_line(text, folder, file);
        }
        g_assert_true(g_file_set_contents(path, text->str, -1, NULL));
        g_string_append_printf(all, "%s:\n%s", files[file], text->str);
    }
}

static int says_nothing(
    G_GNUC_UNUSED int count,
    G_GNUC_UNUSED const struct pam_message **messages,
    G_GNUC_UNUSED struct pam_response **ret_answers,
    G_GNUC_UNUSED void *data)
{
    return PAM_CONV_ERR;
}

static int libpam_ends(const char *folder)
{
    const struct pam_conv conversation = {.conv = says_nothing};
    pam_handle_t *handle = NULL;

    g_assert_cmpint(
        pam_start_confdir("it", "nobody", &conversation, folder, &handle), ==, PAM_SUCCESS);
    const int code = pam_authenticate(handle, PAM_SILENT);
    (void)pam_end(handle, code);
    return code;
}

static void stacks_end_as_in_libpam(void)
{
    g_autofree char *root = g_dir_make_tmp("antara-libpam-XXXXXX", NULL);
    g_autofree char *folder = g_build_filename(root, "etc/pam.d", NULL);
    g_autofree char *etc = g_build_filename(root, "etc", NULL);
    guint good = 0;

    g_assert_cmpint(g_mkdir_with_parents(folder, 0755), ==, 0);
    for (guint i = 0; i < STACKS; i++) {
        g_autoptr(GString) all = g_string_new(NULL);
        draw(folder, all);
        g_autoptr(PamTree) tree = pam_tree_new("");
        g_autofree char *path = g_build_filename(folder, "it", NULL);
        g_autofree char *text = NULL;
        g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
        pam_tree_pretend(tree, "it", text);
        g_autoptr(PamStack) stack = pam_stack_read(tree, "it", NULL);
        g_assert_nonnull(stack);
        const int ours = pam_flow(stack->phases[PAM_PHASE_AUTH], as_argued, NULL);
        const int theirs = libpam_ends(folder);
        if (ours != theirs) {
            g_test_message(
                "%s: %s here, %s in libpam", all->str, pam_code_name(ours), pam_code_name(theirs));
        }
        g_assert_cmpint(ours, ==, theirs);
        good += theirs == PAM_SUCCESS ? 1 : 0;
    }
    g_assert_cmpuint(good, >, STACKS / 10); /* else it would show little */
    for (guint file = 0; file < G_N_ELEMENTS(files); file++) {
        g_autofree char *path = g_build_filename(folder, files[file], NULL);
        (void)g_unlink(path);
    }
    (void)g_rmdir(folder);
    (void)g_rmdir(etc);
    (void)g_rmdir(root);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/libpam/random-stacks", stacks_end_as_in_libpam);
    return g_test_run();
}
