/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "antaractl/pam/rehearsal.h"

#include "antaractl/error.h"
#include "antaractl/pam/auth-update.h"
#include "antaractl/pam/block.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <unistd.h>

#define SAVED "/var/lib/pam"

/* The copy's folders, each below the one before it in its line. */
static const char *const folders[] = {"/etc", "/etc/pam.d", "/usr",        "/usr/share",
                                      "/var", "/var/lib",   "/var/lib/pam"};

static gboolean fail_copy(const char *what, GError **error)
{
    return ctl_fail(error, "Nothing was changed. Can't copy %s: %s", what, g_strerror(errno));
}

/* What it keeps of its own: short texts, one for each phase, and the names that it has seen. */
static gboolean copy_saved(const char *root, const char *copy, GError **error)
{
    g_autofree char *from = g_strconcat(root, SAVED, NULL);
    g_autoptr(GDir) folder = g_dir_open(from, 0, NULL);
    const char *name = NULL;

    while (folder && (name = g_dir_read_name(folder))) {
        g_autofree char *source = g_build_filename(from, name, NULL);
        g_autofree char *target = g_build_filename(copy, SAVED, name, NULL);
        g_autofree char *text = NULL;
        gsize size = 0;
        if (g_file_test(source, G_FILE_TEST_IS_REGULAR) &&
            (!g_file_get_contents(source, &text, &size, NULL) ||
             !g_file_set_contents(target, text, (gssize)size, NULL))) {
            return fail_copy(source, error);
        }
    }
    return folder || fail_copy(from, error);
}

static gboolean copy_shared(const PamTree *tree, const char *copy, GError **error)
{
    for (guint i = 0; i < PAM_SHARED_FILES; i++) {
        g_autofree char *target = g_build_filename(copy, "etc/pam.d", pam_shared_files[i], NULL);
        g_autofree char *path = NULL;
        g_autofree char *text = pam_tree_read(tree, pam_shared_files[i], &path, error);
        if (!text) {
            return FALSE;
        }
        if (block_count_lines(text) > 0) {
            return ctl_fail(
                error,
                "Nothing was changed: %s asks Antara by lines that are not the profile's. Take "
                "them "
                "out first.",
                path);
        }
        if (!g_file_set_contents(target, text, -1, NULL)) {
            return fail_copy(target, error);
        }
    }
    return TRUE;
}

static gboolean copy_fill(const PamTree *tree, const char *copy, GError **error)
{
    g_autofree char *configs = g_strconcat(pam_tree_root(tree), "/usr/share/pam-configs", NULL);
    g_autofree char *link = g_build_filename(copy, "usr/share/pam-configs", NULL);
    g_autofree char *absolute = g_canonicalize_filename(configs, NULL);

    for (gsize i = 0; i < G_N_ELEMENTS(folders); i++) {
        g_autofree char *path = g_strconcat(copy, folders[i], NULL);
        if (g_mkdir(path, 0700) < 0) {
            return fail_copy(path, error);
        }
    }
    if (symlink(absolute, link) < 0) {
        return fail_copy(configs, error);
    }
    return copy_saved(pam_tree_root(tree), copy, error) && copy_shared(tree, copy, error);
}

static void empty_folder(const char *path)
{
    g_autoptr(GDir) folder = g_dir_open(path, 0, NULL);
    const char *name = NULL;

    while (folder && (name = g_dir_read_name(folder))) {
        g_autofree char *entry = g_build_filename(path, name, NULL);
        (void)g_unlink(entry);
    }
}

static void copy_drop(const char *copy)
{
    for (gsize i = G_N_ELEMENTS(folders); i > 0; i--) {
        g_autofree char *path = g_strconcat(copy, folders[i - 1], NULL);
        empty_folder(path);
        (void)g_rmdir(path);
    }
    (void)g_rmdir(copy);
}

/* (transfer full) */
static char *copy_read(const char *copy, const char *name, GError **error)
{
    g_autoptr(PamTree) tree = pam_tree_new(copy);
    g_autofree char *path = NULL;

    return pam_tree_read(tree, name, &path, error);
}

/* auth and account name the module now. */
static gboolean take_on(PamTree *tree, const char *copy, const char *said, GError **error)
{
    for (guint i = 0; i < PAM_SHARED_FILES; i++) {
        g_autofree char *text = copy_read(copy, pam_shared_files[i], error);
        if (!text) {
            return FALSE;
        }
        if (i < 2 && block_count_lines(text) != 1) {
            return ctl_fail(
                error,
                "Nothing was changed: pam-auth-update would not write the profile's line into %s. "
                "%s",
                pam_shared_files[i], *said ? said : "Is libpam-antara installed?");
        }
        pam_tree_pretend(tree, pam_shared_files[i], text);
    }
    return TRUE;
}

static gboolean comes_back(const char *root, const char *copy, GError **error)
{
    g_autoptr(PamTree) now = pam_tree_new(root);

    for (guint i = 0; i < PAM_SHARED_FILES; i++) {
        g_autofree char *path = NULL;
        g_autofree char *before = pam_tree_read(now, pam_shared_files[i], &path, error);
        g_autofree char *after = before ? copy_read(copy, pam_shared_files[i], error) : NULL;
        if (!after) {
            return FALSE;
        }
        if (!g_str_equal(before, after)) {
            return ctl_fail(
                error,
                "Nothing was changed: pam-auth-update would change more of %s than Antara's lines. "
                "Run pam-auth-update yourself first, and look at what it changes.",
                pam_shared_files[i]);
        }
    }
    return TRUE;
}

static gboolean rehearse_in(PamTree *tree, const char *copy, GError **error)
{
    g_autofree char *said = NULL;
    g_autofree char *said_then = NULL;

    return copy_fill(tree, copy, error) && pam_auth_update(copy, "--enable", &said, error) &&
           take_on(tree, copy, said, error) &&
           pam_auth_update(copy, "--disable", &said_then, error) &&
           comes_back(pam_tree_root(tree), copy, error);
}

gboolean pam_rehearse(PamTree *tree, GError **error)
{
    g_autofree char *copy =
        g_strconcat(pam_tree_root(tree), "/run/antaractl/rehearsal-XXXXXX", NULL);

    if (!g_mkdtemp_full(copy, 0700)) {
        return fail_copy("the stacks", error);
    }
    g_autofree char *absolute = g_canonicalize_filename(copy, NULL);
    const gboolean done = rehearse_in(tree, absolute, error);
    copy_drop(absolute);
    return done;
}
