/* SPDX-License-Identifier: GPL-3.0-or-later */

/* service.c - antaractl service enable, disable, confirm: one file of PAM and the daemon, together
 */

#include "antaractl/pam/edit.h"
#include "antaractl/pam/login-since.h"
#include "antaractl/pam/pending.h"
#include "antaractl/pam/profile.h"
#include "antaractl/service-call.h"
#include "antaractl/service-guard.h"
#include "antaractl/service-profile.h"
#include "antaractl/service-revert.h"
#include "antaractl/service-told.h"
#include "antaractl/time-span.h"

/* Timers, and pam-auth-update, are at work elsewhere. */
static gboolean check_root(const Words *words, GError **error)
{
    const char *root = words_option(words, "root");

    return !root || g_path_is_absolute(root) ||
           ctl_fail(error, "--root is a folder's whole path, from / on.");
}

static gboolean check_service(const Words *words, GError **error)
{
    guint64 seconds = 0;

    if (!check_root(words, error) || !pam_edit_may(words_place(words, 0), error) ||
        !time_span_read(words_option(words, "confirm-within"), &seconds, error)) {
        return FALSE;
    }
    if (words_have(words, "confirm-within") &&
        (seconds < PENDING_SECONDS_MIN || seconds > PENDING_SECONDS_MAX ||
         words_have(words, "no-pam-file"))) {
        return ctl_fail(
            error,
            "--confirm-within is from 30s to 1d, and guards an edit: not with --no-pam-file");
    }
    return !words_have(words, "profile") || !words_have(words, "no-pam-file") ||
           ctl_fail(error, "--profile is for all files, --no-pam-file for none: say one of them");
}

/* Backup first, then the file; each is whole at any moment. */
static gboolean write_file(PamFile *file, const char *text, GError **error)
{
    if (g_str_equal(file->text, text)) {
        return TRUE;
    }
    if (!pam_file_back_up(file, error)) {
        return FALSE;
    }
    if (!pam_file_write(file, text, error)) {
        if (!file->changed) {
            pam_file_drop_backup(file);
        }
        return FALSE;
    }
    return TRUE;
}

/* FALSE: the new text stands there still. What somebody else wrote since then is left alone. */
static gboolean take_back(PamFile *file, const char *written, GError **error)
{
    g_autoptr(GError) why = NULL;
    g_autofree char *now = file->changed ? pam_file_read(file, &why) : NULL;

    if (!file->changed) {
        return TRUE;
    }
    if (now && !g_str_equal(now, written)) {
        g_prefix_error(
            error,
            "%s/%s was changed by somebody else meanwhile, so it is left as it is: antaractl "
            "service disable %s takes Antara's lines out of it (%s.antara-backup is the file of "
            "before). ",
            file->folder, file->name, file->name, file->name);
        return FALSE;
    }
    if (!now || !pam_file_write(file, file->text, &why)) {
        g_prefix_error(
            error, "%s. And %s/%s.antara-backup must be put back by hand. ", why->message,
            file->folder, file->name);
        return FALSE;
    }
    pam_file_drop_backup(file);
    g_prefix_error(error, "%s/%s is as it was. ", file->folder, file->name);
    return TRUE;
}

/* *ret_undone: after a failure the file is as before. */
static gboolean edit_and_tell(
    Bus *bus,
    const Words *words,
    PamFile *file,
    const char *text,
    gboolean guarded,
    gboolean *ret_undone,
    GError **error)
{
    gboolean settled = FALSE;

    if (!write_file(file, text, error) ||
        (guarded && !pending_edited(revert_of(words).root, file->name, error)) ||
        !service_tell(bus, words, "EnableService", &settled, error)) {
        *ret_undone = take_back(file, text, error);
        return FALSE;
    }
    return TRUE;
}

/* 1. what the file becomes  2. note and timer that take it back  3. backup and file  4. the daemon.
 * Where the lines are there already nothing is to be taken back. */
static gboolean enable_with_file(Bus *bus, const Words *words, json_t **ret_result, GError **error)
{
    const Revert revert = revert_of(words);
    g_autoptr(PamTree) tree = pam_tree_new(revert.root);
    g_auto(PamFile) file = {.folder_fd = -1};
    guint64 seconds = 0;
    Pending waits = {0};
    gboolean undone = FALSE;

    if (!pam_file_open(tree, revert.service, FALSE, &file, error) ||
        !time_span_read(words_option(words, "confirm-within"), &seconds, error)) {
        return FALSE;
    }
    g_autofree char *text = pam_edit_enable(tree, &file, error);
    if (!text) {
        return FALSE;
    }
    const gboolean guarded = seconds > 0 && (!g_str_equal(text, file.text) ||
                                             pending_find(revert.root, revert.service, &waits));
    if (guarded && !guard_begin(bus, &revert, seconds, FALSE, error)) {
        return FALSE;
    }
    if (!edit_and_tell(bus, words, &file, text, guarded, &undone, error)) {
        if (guarded && undone) {
            (void)guard_end(bus, &revert, NULL);
        }
        return FALSE;
    }
    g_autofree char *path = g_build_filename(file.folder, file.name, NULL);
    *ret_result = service_told(tree, file.name, path);
    return TRUE;
}

static gboolean
service_enable(G_GNUC_UNUSED sd_bus *none, const Words *words, json_t **ret_result, GError **error)
{
    g_autoptr(Bus) bus = bus_open(error);
    gboolean settled = FALSE;

    if (!bus) {
        return FALSE;
    }
    if (words_have(words, "profile")) {
        return service_profile_enable(bus, words, ret_result, error);
    }
    if (!words_have(words, "no-pam-file")) {
        return enable_with_file(bus, words, ret_result, error);
    }
    *ret_result = json_pack("{ss}", "name", words_place(words, 0));
    return service_tell(bus, words, "EnableService", &settled, error);
}

static gboolean disable_file(const Words *words, GError **error)
{
    const Revert revert = revert_of(words);
    g_autoptr(PamTree) tree = pam_tree_new(revert.root);
    g_auto(PamFile) file = {.folder_fd = -1};

    if (!pam_file_open(tree, revert.service, FALSE, &file, error)) {
        return FALSE;
    }
    g_autofree char *text = pam_edit_disable(&file, error);
    if (!text || (!g_str_equal(text, file.text) && !pam_file_write(&file, text, error))) {
        return FALSE;
    }
    pam_file_drop_backup(&file);
    return service_profile_waits(&revert) || pending_forget(revert.root, file.name, error);
}

/* Where PAM asks no longer a daemon that has it by its configuration does no harm. */
static gboolean is_settled(const Words *words, gboolean settled, GError **error)
{
    const char *service = words_place(words, 0);

    return !settled || !words_have(words, "no-pam-file") ||
           ctl_fail(
               error,
               "Nothing was changed: a section of antarad.conf enables %s. Take that section out, "
               "and restart antarad.",
               service);
}

/* The file is as it was; a daemon that is away asks nobody either. */
static gboolean disable_in_daemon(const Words *words, GError **error)
{
    const Revert revert = revert_of(words);
    g_autoptr(Bus) bus = bus_open(error);
    g_autoptr(GError) why = NULL;
    gboolean settled = FALSE;

    if (bus && !words_have(words, "no-pam-file")) {
        (void)revert_stop(bus, &revert, NULL);
    }
    if (bus && service_tell(bus, words, "DisableService", &settled, &why)) {
        return is_settled(words, settled, error);
    }
    if (g_error_matches(why, CTL_ERROR, CTL_ERROR_NOT_FOUND) && !words_have(words, "no-pam-file")) {
        return TRUE;
    }
    if (why) {
        g_propagate_error(error, g_steal_pointer(&why));
    }
    return FALSE;
}

static gboolean
service_disable(G_GNUC_UNUSED sd_bus *none, const Words *words, json_t **ret_result, GError **error)
{
    const Revert revert = revert_of(words);
    const gboolean with_file = !words_have(words, "no-pam-file");
    const gboolean by_profile =
        with_file && (words_have(words, "profile") || service_profile_waits(&revert));
    g_autoptr(PamTree) tree = pam_tree_new(revert.root);

    *ret_result = json_pack("{ss}", "name", revert.service);
    if (by_profile ? !service_profile_switch_off(words, *ret_result, error)
                   : with_file &&
                         (!service_profile_lets_go(words, error) || !disable_file(words, error))) {
        return FALSE;
    }
    if ((with_file && service_twin_asks(tree, revert.service)) || disable_in_daemon(words, error)) {
        return TRUE;
    }
    if (with_file) {
        g_prefix_error(
            error,
            by_profile ? "%s: the daemon wasn't told. "
                       : "PAM asks Antara at %s no longer, but the daemon wasn't told. ",
            revert.service);
    }
    return FALSE;
}

static gboolean
service_confirm(G_GNUC_UNUSED sd_bus *none, const Words *words, json_t **ret_result, GError **error)
{
    const Revert revert = revert_of(words);
    g_autoptr(PamTree) tree = pam_tree_new(revert.root);
    g_auto(PamFile) file = {.folder_fd = -1};
    g_autoptr(Bus) bus = NULL;
    Pending waits = {0};

    const char *changed = service_profile_waits(&revert) ? "common-auth" : revert.service;
    if (!pam_file_open(tree, changed, TRUE, &file, error)) {
        return FALSE;
    }
    if (!pending_find(revert.root, revert.service, &waits)) {
        return ctl_fail(error, "Nothing of %s waits for a confirmation.", revert.service);
    }
    if (waits.by_profile && pam_profile_look(tree) != PAM_PROFILE_ON) {
        return ctl_fail(
            error,
            "The profile is not on as a whole, so there is nothing to keep: antaractl service "
            "disable %s takes out what there is.",
            revert.service);
    }
    if (!login_is_since(revert.service, pending_since_usec(&waits))) {
        return ctl_fail(
            error,
            "This session is older than the change, or did not come by %s. Sign in anew by %s, and "
            "confirm there: that shows that it still lets people in.",
            revert.service, revert.service);
    }
    bus = bus_open(NULL);
    *ret_result = json_pack("{ss}", "name", revert.service);
    return guard_end(bus, &revert, error);
}

const Command service_commands[] = {
    {"service", "enable", "NAME [--confirm-within TIME] [--profile | --no-pam-file] [--root DIR]",
     "confirm-within= profile no-pam-file root=", 1, 1,
     "Let people sign in to a PAM service: asks Antara in its file, or by pam-auth-update's "
     "profile in all, and enables it",
     check_service, service_enable},
    {"service", "disable", "NAME [--profile | --no-pam-file] [--root DIR]",
     "profile no-pam-file root=", 1, 1,
     "Stop sign-in to a PAM service, and take the lines out of its file, or switch the profile off",
     check_service, service_disable},
    {"service", "confirm", "NAME [--root DIR]", "root=", 1, 1,
     "From a new sign-in: keep what enable --confirm-within did", check_service, service_confirm},
    {"service", "revert", "[NAME] [--root DIR]", "root=", 0, 1, NULL, check_root, service_revert},
    {0},
};
