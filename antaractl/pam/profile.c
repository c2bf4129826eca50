/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "antaractl/pam/profile.h"

#include "antaractl/error.h"
#include "antaractl/pam/auth-update.h"
#include "antaractl/pam/block.h"
#include "antaractl/pam/scene.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

/* Its own record of what it wrote: /var/lib/pam/auth and account. */
static gboolean is_recorded(const PamTree *tree, const char *shared)
{
    g_autofree char *path =
        g_strconcat(pam_tree_root(tree), "/var/lib/pam/", shared + strlen("common-"), NULL);
    g_autofree char *text = NULL;

    if (!g_file_get_contents(path, &text, NULL, NULL)) {
        return FALSE;
    }
    return g_str_has_prefix(text, "Module: antara\n") || strstr(text, "\nModule: antara\n");
}

gboolean pam_profile_is_on(const PamTree *tree)
{
    for (guint i = 0; i < PAM_PROFILE_FILES; i++) {
        g_autofree char *path = NULL;
        g_autofree char *text = pam_tree_read(tree, pam_shared_files[i], &path, NULL);
        if (text && block_count_lines(text) > 0 && is_recorded(tree, pam_shared_files[i])) {
            return TRUE;
        }
    }
    return FALSE;
}

gboolean pam_profile_has(const PamLine *line)
{
    g_autofree char *name = g_path_get_basename(line->file);

    return g_strv_contains(pam_shared_files, name);
}

gboolean pam_profile_asks_for(const PamTree *tree, const char *service)
{
    g_autoptr(PamStack) stack = pam_stack_read(tree, service, NULL);

    for (PamPhase phase = 0; stack && phase < PAM_PHASES; phase++) {
        const PamLine *line = pam_stack_find(stack, phase, PAM_ANTARA_MODULE);
        if (line && pam_profile_has(line)) {
            return TRUE;
        }
    }
    return FALSE;
}

gboolean
pam_profile_open(const PamTree *tree, gboolean waits, PamProfile *ret_profile, GError **error)
{
    g_auto(PamProfile) profile = PAM_PROFILE_CLOSED;

    if (!pam_file_open(tree, pam_shared_files[0], waits, &profile.files[0], error) ||
        !pam_file_open_beside(&profile.files[0], pam_shared_files[1], &profile.files[1], error)) {
        return FALSE;
    }
    profile.root = g_strdup(pam_tree_root(tree));
    *ret_profile = profile;
    profile = (PamProfile)PAM_PROFILE_CLOSED;
    return TRUE;
}

void pam_profile_close(PamProfile *profile)
{
    for (guint i = 0; i < PAM_PROFILE_FILES; i++) {
        pam_file_close(&profile->files[i]);
    }
    g_clear_pointer(&profile->root, g_free);
}

/* The lines that were played through are those that stand there, on the disk. */
static gboolean is_as_rehearsed(PamFile *file, const PamTree *rehearsed, GError **error)
{
    g_autofree char *path = NULL;
    g_autofree char *wanted = pam_tree_read(rehearsed, file->name, &path, error);
    g_autofree char *text = wanted ? pam_file_read(file, error) : NULL;

    if (!text) {
        return FALSE;
    }
    if (!g_str_equal(text, wanted)) {
        return ctl_fail(
            error, "pam-auth-update wrote something else into %s than it did for a try.", path);
    }
    return syncfs(file->folder_fd) == 0 ||
           ctl_fail(error, "%s can't be synced: %s", path, g_strerror(errno));
}

gboolean pam_profile_switch_on(PamProfile *profile, const PamTree *rehearsed, GError **error)
{
    g_autofree char *said = NULL;

    for (guint i = 0; i < PAM_PROFILE_FILES; i++) {
        if (!pam_file_back_up(&profile->files[i], error)) {
            return FALSE;
        }
    }
    return pam_auth_update(profile->root, "--enable", &said, error) &&
           is_as_rehearsed(&profile->files[0], rehearsed, error) &&
           is_as_rehearsed(&profile->files[1], rehearsed, error);
}

/* Tells what stands in a file after pam-auth-update. */
static gboolean open_now(const PamProfile *profile, guint i, PamFile *ret_file, GError **error)
{
    return pam_file_open_beside(&profile->files[0], pam_shared_files[i], ret_file, error);
}

static gboolean is_out(const PamProfile *profile, guint i, const char *said, GError **error)
{
    g_auto(PamFile) file = {.folder_fd = -1};

    if (!open_now(profile, i, &file, error)) {
        return FALSE;
    }
    if (block_count_lines(file.text) > 0) {
        return ctl_fail(
            error, "pam-auth-update left Antara's lines in %s/%s. %s", file.folder, file.name,
            said);
    }
    pam_file_drop_backup(&file);
    return TRUE;
}

gboolean pam_profile_switch_off(PamProfile *profile, GError **error)
{
    g_autofree char *said = NULL;

    return pam_auth_update(profile->root, "--disable", &said, error) &&
           is_out(profile, 0, said, error) && is_out(profile, 1, said, error) &&
           (syncfs(profile->files[0].folder_fd) == 0 ||
            ctl_fail(error, "The profile is off, but not on the disk: %s", g_strerror(errno)));
}

static gboolean put_back(const PamProfile *profile, guint i, GPtrArray *kept_paths, GError **error)
{
    g_auto(PamFile) file = {.folder_fd = -1};
    char *kept = NULL;

    if (!open_now(profile, i, &file, error)) {
        return FALSE;
    }
    g_autofree char *text =
        block_count_lines(file.text) > 0 ? pam_file_read_backup(&file, error) : NULL;
    if (block_count_lines(file.text) > 0 && (!text || !pam_file_keep(&file, &kept, error))) {
        return FALSE;
    }
    if (kept) {
        g_ptr_array_add(kept_paths, kept);
    }
    if (text && !pam_file_write(&file, text, error)) {
        return FALSE;
    }
    pam_file_drop_backup(&file);
    return TRUE;
}

gboolean pam_profile_take_back(PamProfile *profile, char **ret_kept, GError **error)
{
    g_autoptr(GPtrArray) kept = g_ptr_array_new_with_free_func(g_free);

    *ret_kept = NULL;
    if (pam_profile_switch_off(profile, NULL)) {
        return TRUE;
    }
    if (!put_back(profile, 0, kept, error) || !put_back(profile, 1, kept, error)) {
        return FALSE;
    }
    g_ptr_array_add(kept, NULL);
    *ret_kept = kept->len > 1 ? g_strjoinv(", ", (char **)kept->pdata) : NULL;
    return TRUE;
}
