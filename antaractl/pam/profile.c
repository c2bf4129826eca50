/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "antaractl/pam/profile.h"

#include "antaractl/error.h"
#include "antaractl/pam/block.h"
#include "antaractl/pam/debconf-lock.h"
#include "antaractl/pam/rehearsal.h"

#define FILES_WITH_LINES 2U /* common-auth and common-account */
#define TRIES_MAX        3U /* while somebody else writes, too */

gboolean pam_profile_open(const PamTree *tree, gboolean waits, PamProfile *profile, GError **error)
{
    *profile = (PamProfile){.root = g_strdup(pam_tree_root(tree))};
    for (guint i = 0; i < PAM_AUTH_UPDATE_FILES; i++) {
        profile->files[i].folder_fd = -1;
    }
    for (guint i = 0; i < PAM_AUTH_UPDATE_FILES; i++) {
        const PamAuthUpdateFile *file = &pam_auth_update_files[i];
        if (!(i == 0 ? pam_file_open(tree, file->name, waits, &profile->files[i], error)
                     : pam_file_open_below(
                           profile->root, file->folder, file->name, &profile->files[i], error))) {
            return FALSE;
        }
    }
    return TRUE;
}

static void forget_plan(PamProfile *profile)
{
    for (guint i = 0; i < PAM_AUTH_UPDATE_FILES; i++) {
        g_clear_pointer(&profile->next[i], g_free);
    }
}

void pam_profile_close(PamProfile *profile)
{
    for (guint i = 0; profile->root && i < PAM_AUTH_UPDATE_FILES; i++) {
        pam_file_close(&profile->files[i]);
    }
    forget_plan(profile);
    g_clear_pointer(&profile->root, g_free);
}

/* What stands there now; the lock goes on. */
static gboolean reread(PamProfile *profile, GError **error)
{
    forget_plan(profile);
    for (guint i = 0; i < PAM_AUTH_UPDATE_FILES; i++) {
        const PamAuthUpdateFile *file = &pam_auth_update_files[i];
        PamFile now = {.folder_fd = -1};
        if (!pam_file_open_below(profile->root, file->folder, file->name, &now, error)) {
            return FALSE;
        }
        now.lock_fd = profile->files[i].lock_fd;
        profile->files[i].lock_fd = 0;
        pam_file_close(&profile->files[i]);
        profile->files[i] = now;
    }
    return TRUE;
}

static gboolean rehearse(
    const PamProfile *profile,
    const char *verb,
    char *after[],
    char **ret_said,
    GError **error)
{
    char *before[PAM_AUTH_UPDATE_FILES] = {NULL};

    for (guint i = 0; i < PAM_AUTH_UPDATE_FILES; i++) {
        before[i] = profile->files[i].text;
    }
    return pam_rehearse(profile->root, verb, before, after, ret_said, error);
}

/* --disable gives back each file that services include. */
static gboolean comes_back(const PamProfile *profile, GError **error)
{
    char *back[PAM_AUTH_UPDATE_FILES] = {NULL};
    g_autofree char *said = NULL;
    gboolean good = pam_rehearse(profile->root, "--disable", profile->next, back, &said, error);

    for (guint i = 0; i < PAM_AUTH_UPDATE_FILES; i++) {
        if (good && i < PAM_SHARED_FILES && !g_str_equal(back[i], profile->files[i].text)) {
            good = ctl_fail(
                error,
                "Nothing was changed: pam-auth-update would change more of %s than Antara's "
                "lines. Run pam-auth-update yourself first, and look at what it changes.",
                pam_auth_update_files[i].name);
        }
        g_free(back[i]);
    }
    return good;
}

gboolean pam_profile_plan(PamProfile *profile, PamTree *tree, GError **error)
{
    g_autofree char *said = NULL;

    forget_plan(profile);
    if (!rehearse(profile, "--enable", profile->next, &said, error)) {
        return FALSE;
    }
    for (guint i = 0; i < PAM_SHARED_FILES; i++) {
        if (i < FILES_WITH_LINES && block_count_lines(profile->next[i]) != 1) {
            return ctl_fail(
                error,
                "Nothing was changed: pam-auth-update would not write the profile's line into %s. "
                "%s",
                pam_auth_update_files[i].name,
                *said ? said : "Is libpam-antara installed, and no other profile against it?");
        }
        pam_tree_pretend(tree, pam_auth_update_files[i].name, profile->next[i]);
    }
    return comes_back(profile, error);
}

static gboolean write_some(PamProfile *profile, guint from, guint to, GError **error)
{
    for (guint i = from; i < to; i++) {
        PamFile *file = &profile->files[i];
        if (!g_str_equal(profile->next[i], file->text) &&
            !pam_file_write(file, profile->next[i], error)) {
            return FALSE;
        }
    }
    return TRUE;
}

gboolean pam_profile_switch_on(PamProfile *profile, GError **error)
{
    const int lock = debconf_lock_take(profile->root, error);

    if (lock < 0) {
        return FALSE;
    }
    const gboolean done = pam_file_back_up(&profile->files[0], error) &&
                          pam_file_back_up(&profile->files[1], error) &&
                          write_some(profile, PAM_SHARED_FILES, PAM_AUTH_UPDATE_FILES, error) &&
                          write_some(profile, 0, PAM_SHARED_FILES, error);
    debconf_lock_drop(lock);
    return done;
}

/* What is planned has no line of Antara, and pam-auth-update found its way in the files. */
static gboolean goes(const PamProfile *profile, const char *said, GError **error)
{
    for (guint i = 0; i < FILES_WITH_LINES; i++) {
        if (*said || block_count_lines(profile->next[i]) > 0) {
            return ctl_fail(
                error, "pam-auth-update leaves %s/%s as it is. %s", profile->files[i].folder,
                profile->files[i].name, said);
        }
    }
    return TRUE;
}

static void drop_backups(PamProfile *profile)
{
    for (guint i = 0; i < FILES_WITH_LINES; i++) {
        pam_file_drop_backup(&profile->files[i]);
    }
}

gboolean pam_profile_switch_off(PamProfile *profile, GError **error)
{
    g_autofree char *said = NULL;

    if (!reread(profile, error) || !rehearse(profile, "--disable", profile->next, &said, error) ||
        !goes(profile, said, error)) {
        return FALSE;
    }
    const int lock = debconf_lock_take(profile->root, NULL); /* waits for a run that may end */
    const gboolean done = write_some(profile, 0, PAM_SHARED_FILES, error) &&
                          write_some(profile, PAM_SHARED_FILES, PAM_AUTH_UPDATE_FILES, error);
    debconf_lock_drop(lock);
    if (done) {
        drop_backups(profile);
    }
    return done;
}

/* *ret_text (transfer full): of the backup; NULL: there is none, so nothing was changed. */
static gboolean read_backup(PamFile *file, char **ret_text, GError **error)
{
    g_autoptr(GError) why = NULL;

    *ret_text = pam_file_read_backup(file, &why);
    if (*ret_text || g_error_matches(why, CTL_ERROR, CTL_ERROR_NOT_FOUND)) {
        return TRUE;
    }
    g_propagate_error(error, g_steal_pointer(&why));
    return FALSE;
}

static gboolean put_back(PamFile *file, GPtrArray *kept_paths, GError **error)
{
    g_autofree char *text = NULL;
    char *kept = NULL;

    if (!read_backup(file, &text, error)) {
        return FALSE;
    }
    if (!text) {
        return block_count_lines(file->text) == 0 ||
               ctl_fail(error, "%s/%s has no backup", file->folder, file->name);
    }
    if (g_str_equal(text, file->text)) {
        return TRUE;
    }
    if (!pam_file_keep(file, &kept, error)) {
        return FALSE;
    }
    g_ptr_array_add(kept_paths, kept);
    return pam_file_write(file, text, error);
}

static gboolean put_all_back(PamProfile *profile, char **ret_kept, GError **error)
{
    g_autoptr(GPtrArray) kept = g_ptr_array_new_with_free_func(g_free);

    for (guint i = 0; i < FILES_WITH_LINES; i++) {
        if (!put_back(&profile->files[i], kept, error)) {
            return FALSE;
        }
    }
    drop_backups(profile);
    g_ptr_array_add(kept, NULL);
    *ret_kept = kept->len > 1 ? g_strjoinv(", ", (char **)kept->pdata) : NULL;
    return TRUE;
}

gboolean pam_profile_take_back(PamProfile *profile, char **ret_kept, GError **error)
{
    *ret_kept = NULL;
    for (guint i = 0; i < TRIES_MAX; i++) {
        if (pam_profile_switch_off(profile, NULL)) {
            return TRUE;
        }
    }
    return reread(profile, error) && put_all_back(profile, ret_kept, error);
}
