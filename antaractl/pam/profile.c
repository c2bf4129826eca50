/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "antaractl/pam/profile.h"

#include "antaractl/error.h"
#include "antaractl/pam/block.h"
#include "antaractl/pam/debconf-lock.h"
#include "antaractl/pam/rehearsal.h"

#define TRIES_MAX 3U /* while somebody else writes, too */

static gboolean
open_one(const PamTree *tree, gboolean waits, PamProfile *profile, guint i, GError **error)
{
    const PamAuthUpdateFile *file = &pam_auth_update_files[i];

    return i == 0 ? pam_file_open(tree, file->name, waits, &profile->files[i], error)
                  : pam_file_open_below(
                        profile->root, file->folder, file->name, &profile->files[i], error);
}

/* TRUE when it can be done without, @error then says what can't. */
static gboolean note_missing(PamProfile *profile, guint i, GError **why)
{
    if (i < PAM_PROFILE_FILES) {
        return FALSE;
    }
    if (profile->missing) {
        g_clear_error(why);
        return TRUE;
    }
    g_prefix_error(why, "Nothing was changed; pam-auth-update itself may mend it. ");
    profile->missing = g_steal_pointer(why);
    return TRUE;
}

gboolean pam_profile_open(const PamTree *tree, gboolean waits, PamProfile *profile, GError **error)
{
    *profile = (PamProfile){.root = g_strdup(pam_tree_root(tree))};
    for (guint i = 0; i < PAM_AUTH_UPDATE_FILES; i++) {
        profile->files[i].folder_fd = -1;
    }
    for (guint i = 0; i < PAM_AUTH_UPDATE_FILES; i++) {
        g_autoptr(GError) why = NULL;
        if (!open_one(tree, waits, profile, i, &why) && !note_missing(profile, i, &why)) {
            g_propagate_error(error, g_steal_pointer(&why));
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

static void unlock(PamProfile *profile)
{
    if (profile->debconf_lock > 0) {
        debconf_lock_drop(profile->debconf_lock);
        profile->debconf_lock = 0;
    }
}

void pam_profile_close(PamProfile *profile)
{
    for (guint i = 0; profile->root && i < PAM_AUTH_UPDATE_FILES; i++) {
        pam_file_close(&profile->files[i]);
    }
    forget_plan(profile);
    unlock(profile);
    g_clear_error(&profile->missing);
    g_clear_pointer(&profile->root, g_free);
}

/* What stands there now; the lock goes on. */
static gboolean reread(PamProfile *profile, GError **error)
{
    forget_plan(profile);
    g_clear_error(&profile->missing);
    for (guint i = 0; i < PAM_AUTH_UPDATE_FILES; i++) {
        const PamAuthUpdateFile *file = &pam_auth_update_files[i];
        g_autoptr(GError) why = NULL;
        PamFile now = {.folder_fd = -1};
        if (!pam_file_open_below(profile->root, file->folder, file->name, &now, &why) &&
            !note_missing(profile, i, &why)) {
            g_propagate_error(error, g_steal_pointer(&why));
            return FALSE;
        }
        now.lock_fd = profile->files[i].lock_fd;
        profile->files[i].lock_fd = 0;
        pam_file_close(&profile->files[i]);
        profile->files[i] = now;
    }
    return TRUE;
}

static gboolean
rehearse(PamProfile *profile, const char *verb, gboolean *ret_leaves, GError **error)
{
    char *before[PAM_AUTH_UPDATE_FILES] = {NULL};

    forget_plan(profile);
    if (profile->missing) {
        g_propagate_error(error, g_error_copy(profile->missing));
        return FALSE;
    }
    for (guint i = 0; i < PAM_AUTH_UPDATE_FILES; i++) {
        before[i] = profile->files[i].text;
    }
    return pam_rehearse(profile->root, verb, before, profile->next, ret_leaves, error);
}

/* --disable gives back each file that services include. */
static gboolean comes_back(const PamProfile *profile, GError **error)
{
    char *back[PAM_AUTH_UPDATE_FILES] = {NULL};
    gboolean leaves = FALSE;
    gboolean good = pam_rehearse(profile->root, "--disable", profile->next, back, &leaves, error);

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

static const char *leaves_words(gboolean leaves)
{
    return leaves ? "Somebody has changed the common-… files between its marks."
                  : "Is libpam-antara installed, and no other profile against it?";
}

gboolean pam_profile_plan(PamProfile *profile, PamTree *tree, GError **error)
{
    gboolean leaves = FALSE;

    if (!rehearse(profile, "--enable", &leaves, error)) {
        return FALSE;
    }
    for (guint i = 0; i < PAM_SHARED_FILES; i++) {
        if (i < PAM_PROFILE_FILES && block_count_lines(profile->next[i]) != 1) {
            return ctl_fail(
                error,
                "Nothing was changed: pam-auth-update would not write the profile's line into %s. "
                "%s",
                pam_auth_update_files[i].name, leaves_words(leaves));
        }
        pam_tree_pretend(tree, pam_auth_update_files[i].name, profile->next[i]);
    }
    return comes_back(profile, error);
}

void pam_profile_drop_backups(PamProfile *profile)
{
    for (guint i = 0; i < PAM_PROFILE_FILES; i++) {
        pam_file_drop_backup(&profile->files[i]);
    }
}

gboolean pam_profile_lock(PamProfile *profile, GError **error)
{
    unlock(profile);
    profile->debconf_lock = debconf_lock_take(profile->root, error);
    return profile->debconf_lock > 0;
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

gboolean pam_profile_is_written(const PamProfile *profile)
{
    gboolean is = FALSE;

    for (guint i = 0; i < PAM_AUTH_UPDATE_FILES; i++) {
        is = is || profile->files[i].changed;
    }
    return is;
}

gboolean pam_profile_switch_on(PamProfile *profile, GError **error)
{
    const gboolean done = pam_file_back_up(&profile->files[0], error) &&
                          pam_file_back_up(&profile->files[1], error) &&
                          write_some(profile, PAM_SHARED_FILES, PAM_AUTH_UPDATE_FILES, error) &&
                          write_some(profile, 0, PAM_SHARED_FILES, error);

    unlock(profile);
    return done;
}

/* What is planned has no line of Antara, and pam-auth-update found its way in the files. */
static gboolean goes(const PamProfile *profile, gboolean leaves, GError **error)
{
    for (guint i = 0; i < PAM_PROFILE_FILES; i++) {
        if (leaves || block_count_lines(profile->next[i]) > 0) {
            return ctl_fail(
                error, "pam-auth-update leaves %s/%s as it is. %s", profile->files[i].folder,
                profile->files[i].name, leaves_words(leaves));
        }
    }
    return TRUE;
}

static gboolean plan_off(PamProfile *profile, GError **error)
{
    gboolean leaves = FALSE;

    return reread(profile, error) && rehearse(profile, "--disable", &leaves, error) &&
           goes(profile, leaves, error);
}

static gboolean write_off(PamProfile *profile, GError **error)
{
    const gboolean done = write_some(profile, 0, PAM_SHARED_FILES, error) &&
                          write_some(profile, PAM_SHARED_FILES, PAM_AUTH_UPDATE_FILES, error);

    unlock(profile);
    if (done) {
        pam_profile_drop_backups(profile);
    } else if (pam_profile_is_written(profile)) {
        g_prefix_error(error, "Only a part of the profile is off; say it again. ");
    }
    return done;
}

gboolean pam_profile_switch_off(PamProfile *profile, GError **error)
{
    return plan_off(profile, error) && pam_profile_lock(profile, error) &&
           write_off(profile, error);
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

    for (guint i = 0; i < PAM_PROFILE_FILES; i++) {
        if (!put_back(&profile->files[i], kept, error)) {
            return FALSE;
        }
    }
    pam_profile_drop_backups(profile);
    g_ptr_array_add(kept, NULL);
    *ret_kept = kept->len > 1 ? g_strjoinv(", ", (char **)kept->pdata) : NULL;
    return TRUE;
}

/* Again only where what was written met somebody else's change; FALSE: pam-auth-update is no way.
 */
static gboolean take_off(PamProfile *profile, GError **error)
{
    for (guint i = 0; i < TRIES_MAX; i++) {
        g_clear_error(error);
        if (!plan_off(profile, error)) {
            return FALSE;
        }
        (void)pam_profile_lock(profile, NULL); /* waits for a run that may end */
        if (write_off(profile, error)) {
            return TRUE;
        }
    }
    return FALSE;
}

gboolean pam_profile_take_back(PamProfile *profile, char **ret_kept, GError **error)
{
    g_autoptr(GError) why = NULL;

    *ret_kept = NULL;
    if (take_off(profile, &why)) {
        return TRUE;
    }
    if (reread(profile, error) && put_all_back(profile, ret_kept, error)) {
        return TRUE;
    }
    g_prefix_error(error, "%s. ", why->message);
    return FALSE;
}
