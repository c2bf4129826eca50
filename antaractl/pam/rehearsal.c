/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "antaractl/pam/rehearsal.h"

#include "antaractl/error.h"
#include "antaractl/pam/folder.h"
#include "antaractl/pam/line.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#define PLACE "run/antaractl"

/* The copy's folders, each below the one before it in its line. */
static const char *const folders[] = {"",          "etc", "etc/pam.d", "usr",
                                      "usr/share", "var", "var/lib",   "var/lib/pam"};

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

static gboolean link_profiles(const char *root, const char *copy, GError **error)
{
    g_autofree char *profiles = g_build_filename("/", root, "usr/share/pam-configs", NULL);
    g_autofree char *link = g_build_filename(copy, "usr/share/pam-configs", NULL);

    return symlink(profiles, link) == 0 || fail_copy(profiles, errno, error);
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

/* Also what a killed one left. */
static void drop(const char *copy)
{
    for (gsize i = G_N_ELEMENTS(folders); i > 0; i--) {
        g_autofree char *path = g_build_filename(copy, folders[i - 1], NULL);
        empty_folder(path);
        (void)g_rmdir(path);
    }
}

gboolean pam_rehearse(
    const char *root,
    const char *verb,
    char *const before[PAM_AUTH_UPDATE_FILES],
    char *after[PAM_AUTH_UPDATE_FILES],
    char **ret_said,
    GError **error)
{
    g_autofree char *copy = g_build_filename("/", root, PLACE, "rehearsal", NULL);
    const int place = pam_folder_open(root, PLACE, TRUE);

    if (place < 0) {
        return fail_copy(copy, errno, error);
    }
    (void)close(place);
    drop(copy);
    const gboolean done = make_folders(copy, error) && link_profiles(root, copy, error) &&
                          fill(copy, before, error) &&
                          pam_auth_update(copy, verb, ret_said, error) && take(copy, after, error);
    drop(copy);
    return done;
}
