/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "antaractl/pam/rehearsal.h"

#include "antaractl/error.h"
#include "antaractl/pam/folder.h"
#include "antaractl/pam/line.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#define PLACE    "run/antaractl"
#define PROFILES "usr/share/pam-configs"
#define PREFIX   "rehearsal-"

/* The copy's folders, each below the one before it in its line. */
static const char *const folders[] = {"etc",    "etc/pam.d", "usr",     "usr/share",
                                      PROFILES, "var",       "var/lib", "var/lib/pam"};

static gboolean fail_copy(const char *what, int number, GError **error)
{
    return ctl_fail(error, "Nothing was changed. Can't copy %s: %s", what, g_strerror(number));
}

static gboolean make_folders(const char *copy, GError **error)
{
    for (gsize i = 0; i < G_N_ELEMENTS(folders); i++) {
        g_autofree char *path = g_build_filename(copy, folders[i], NULL);
        if (g_mkdir(path, 0700) < 0) {
            return fail_copy(path, errno, error);
        }
    }
    return TRUE;
}

static gboolean link_profile(const char *root, const char *copy, const char *name, GError **error)
{
    g_autofree char *profile = g_build_filename("/", root, PROFILES, name, NULL);
    g_autofree char *link = g_build_filename(copy, PROFILES, name, NULL);

    if (!*name || strchr(name, '/') || !g_file_test(profile, G_FILE_TEST_IS_REGULAR)) {
        return TRUE;
    }
    return symlink(profile, link) == 0 || fail_copy(profile, errno, error);
}

/* Ours, and those that it has seen: what is new is another package's to bring, not this run's. */
static gboolean link_profiles(const char *root, const char *copy, const char *seen, GError **error)
{
    g_auto(GStrv) names = g_strsplit(seen, "\n", -1);

    if (!g_strv_contains((const char *const *)names, "antara") &&
        !link_profile(root, copy, "antara", error)) {
        return FALSE;
    }
    for (char **name = names; *name; name++) {
        if (!link_profile(root, copy, *name, error)) {
            return FALSE;
        }
    }
    return TRUE;
}

static char *path_in(const char *copy, guint i)
{
    return g_build_filename(
        copy, pam_auth_update_files[i].folder, pam_auth_update_files[i].name, NULL);
}

static gboolean fill(const char *copy, char *const before[PAM_AUTH_UPDATE_FILES], GError **error)
{
    for (guint i = 0; i < PAM_AUTH_UPDATE_FILES; i++) {
        g_autofree char *path = path_in(copy, i);
        g_autoptr(GError) why = NULL;
        if (!g_file_set_contents(path, before[i], -1, &why)) {
            return ctl_fail(error, "Nothing was changed. %s", why->message);
        }
    }
    return TRUE;
}

static gboolean take(const char *copy, char *after[PAM_AUTH_UPDATE_FILES], GError **error)
{
    for (guint i = 0; i < PAM_AUTH_UPDATE_FILES; i++) {
        g_autofree char *path = path_in(copy, i);
        g_autoptr(GError) why = NULL;
        gsize size = 0;
        if (!g_file_get_contents(path, &after[i], &size, &why)) {
            return ctl_fail(error, "Nothing was changed. %s", why->message);
        }
        if (size > PAM_FILE_BYTES_MAX || strlen(after[i]) != size) {
            return ctl_fail(error, "Nothing was changed. %s is too long, or no text", path);
        }
    }
    return TRUE;
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

static void drop(const char *copy)
{
    for (gsize i = G_N_ELEMENTS(folders); i > 0; i--) {
        g_autofree char *path = g_build_filename(copy, folders[i - 1], NULL);
        empty_folder(path);
        (void)g_rmdir(path);
    }
    (void)g_rmdir(copy);
}

/* What was killed; its child may write on, where nobody looks any more. */
static void drop_old(const char *place)
{
    g_autoptr(GDir) folder = g_dir_open(place, 0, NULL);
    const char *name = NULL;

    while (folder && (name = g_dir_read_name(folder))) {
        g_autofree char *copy = g_build_filename(place, name, NULL);
        if (g_str_has_prefix(name, PREFIX)) {
            drop(copy);
        }
    }
}

/* (transfer full): a copy's empty folder; NULL on failure. */
static char *make_copy(const char *root, GError **error)
{
    g_autofree char *place = g_build_filename("/", root, PLACE, NULL);
    g_autofree char *copy = g_build_filename(place, PREFIX "XXXXXX", NULL);
    const int fd = pam_folder_open(root, PLACE, TRUE);

    if (fd < 0) {
        fail_copy(place, errno, error);
        return NULL;
    }
    (void)close(fd);
    drop_old(place);
    if (!g_mkdtemp_full(copy, 0700)) {
        fail_copy(place, errno, error);
        return NULL;
    }
    return g_steal_pointer(&copy);
}

gboolean pam_rehearse(
    const char *root,
    const char *verb,
    char *const before[PAM_AUTH_UPDATE_FILES],
    char *after[PAM_AUTH_UPDATE_FILES],
    gboolean *ret_leaves,
    GError **error)
{
    g_autofree char *copy = make_copy(root, error);

    if (!copy) {
        return FALSE;
    }
    const gboolean done = make_folders(copy, error) &&
                          link_profiles(root, copy, before[PAM_AUTH_UPDATE_SEEN], error) &&
                          fill(copy, before, error) &&
                          pam_auth_update(copy, verb, ret_leaves, error) &&
                          take(copy, after, error);
    drop(copy);
    return done;
}
