/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "antaractl/service-profile.h"

#include "antaractl/pam/block.h"
#include "antaractl/pam/judge.h"
#include "antaractl/pam/pending.h"
#include "antaractl/pam/profile.h"
#include "antaractl/service-call.h"
#include "antaractl/service-guard.h"
#include "antaractl/service-told.h"
#include "antaractl/time-span.h"

static void add_once(GPtrArray *names, const char *name)
{
    if (!pam_names_have(names, name)) {
        g_ptr_array_add(names, g_strdup(name));
    }
}

/* (transfer full): where people are asked, once @words are done: of two files that are one service
 * of the daemon, both. */
static GPtrArray *asked_list(Bus *bus, const Words *words, GError **error)
{
    GPtrArray *asked = service_enabled(bus, words, FALSE, error);

    if (!asked) {
        return NULL;
    }
    add_once(asked, words_place(words, 0));
    for (guint i = 0; i < asked->len; i++) {
        const char *twin = service_twin_of(asked->pdata[i]);
        if (twin) {
            add_once(asked, twin);
        }
    }
    return asked;
}

/* Lines of a service's own, and the profile's: people would be asked twice. */
static gboolean has_no_lines(const PamTree *tree, const char *service, GError **error)
{
    g_autofree char *path = NULL;
    g_autofree char *text = pam_tree_read(tree, service, &path, NULL);

    return !text || block_count_lines(text) == 0 ||
           ctl_fail(
               error,
               "%s asks Antara by lines of its own, not by the profile. First: antaractl service "
               "disable %s (then, to ask there by the profile: antaractl service enable %s "
               "--no-pam-file).",
               path, service, service);
}

static gboolean none_has_lines(const PamTree *tree, const GPtrArray *asked, GError **error)
{
    for (guint i = 0; i < asked->len; i++) {
        if (!has_no_lines(tree, asked->pdata[i], error)) {
            return FALSE;
        }
    }
    return TRUE;
}

/* One change at a time: what comes now would go with the one before it. */
static gboolean nothing_waits(const char *root, GError **error)
{
    g_autoptr(GPtrArray) services = pending_list(root);

    for (guint i = 0; i < services->len; i++) {
        const Revert revert = {services->pdata[i], root};
        if (service_profile_waits(&revert)) {
            return ctl_fail(
                error,
                "The profile waits for its confirmation: antaractl service confirm %s, or disable "
                "%s, first.",
                revert.service, revert.service);
        }
    }
    return TRUE;
}

/* Only what this command changes in files can be taken back by a timer. */
static gboolean is_on_already(const Words *words, GError **error)
{
    return !words_have(words, "confirm-within") ||
           ctl_fail(
               error,
               "The profile is on already, so no file is to be changed that --confirm-within could "
               "take back. Without it, %s is enabled in antarad alone; antaractl service disable "
               "%s takes that back.",
               words_place(words, 0), words_place(words, 0));
}

static gboolean
plan(PamProfile *profile, const Words *words, PamProfileState state, PamTree *then, GError **error)
{
    switch (state) {
    case PAM_PROFILE_OFF:
        return pam_profile_plan(profile, then, error);
    case PAM_PROFILE_ON:
        return is_on_already(words, error);
    case PAM_PROFILE_ODD:
        break;
    }
    return ctl_fail(
        error,
        "%s/common-auth or common-account asks Antara by lines that are not the profile's, or not "
        "all of it. Take them out first; pam-auth-update --disable antara takes out its own.",
        pam_tree_folder(then));
}

static gboolean reaches(const PamTree *tree, const char *service, GError **error)
{
    return (pam_profile_reaches(tree, service, PAM_PHASE_AUTH) &&
            pam_profile_reaches(tree, service, PAM_PHASE_ACCOUNT)) ||
           ctl_fail(
               error,
               "%s does not include both of common-auth and common-account, so the profile does "
               "not reach it: antaractl service enable %s.",
               service, service);
}

/* FALSE: the profile is on still, and its note stays, so that the timer tries. */
static gboolean undo(PamProfile *profile, GError **error)
{
    g_autoptr(GError) why = NULL;
    g_autofree char *kept = NULL;

    if (!pam_profile_take_back(profile, &kept, &why)) {
        g_prefix_error(
            error, "%s And the profile is on still: pam-auth-update --disable antara. ",
            why->message);
        return FALSE;
    }
    g_prefix_error(
        error, "The profile is off, as it was%s%s. ", kept ? "; what stood there meanwhile: " : "",
        kept ? kept : "");
    return TRUE;
}

static gboolean
switch_on(Bus *bus, const Words *words, PamProfile *profile, gboolean guarded, GError **error)
{
    const Revert revert = revert_of(words);
    gboolean settled = FALSE;

    return pam_profile_switch_on(profile, error) &&
           (!guarded || pending_edited(revert.root, revert.service, error)) &&
           service_tell(bus, words, "EnableService", &settled, error);
}

/* Note and timer, the profile, the daemon. */
static gboolean switch_and_tell(Bus *bus, const Words *words, PamProfile *profile, GError **error)
{
    const Revert revert = revert_of(words);
    guint64 seconds = 0;

    if (!time_span_read(words_option(words, "confirm-within"), &seconds, error) ||
        !pam_profile_lock(profile, error)) {
        return FALSE;
    }
    pam_profile_drop_backups(profile);
    if (seconds > 0 && !guard_begin(bus, &revert, seconds, TRUE, error)) {
        return FALSE;
    }
    if (switch_on(bus, words, profile, seconds > 0, error)) {
        return TRUE;
    }
    if ((!pam_profile_is_written(profile) || undo(profile, error)) && seconds > 0) {
        (void)guard_end(bus, &revert, NULL);
    }
    return FALSE;
}

/* (transfer full): what enable tells, with all the services that ask by the profile now. */
static json_t *enabled_told(const PamTree *tree, const char *service, const GPtrArray *asked)
{
    g_autofree char *file = g_build_filename(pam_tree_folder(tree), "common-auth", NULL);
    json_t *told = service_told(tree, service, file);
    g_autoptr(GString) all = g_string_new(NULL);

    for (guint i = 0; i < asked->len; i++) {
        const char *name = asked->pdata[i];
        if (pam_profile_reaches(tree, name, PAM_PHASE_AUTH)) {
            g_string_append_printf(all, "%s%s", all->len > 0 ? ", " : "", name);
        }
    }
    json_object_set_new(told, "asks_at", json_string(all->str));
    return told;
}

gboolean service_profile_enable(Bus *bus, const Words *words, json_t **ret_result, GError **error)
{
    const Revert revert = revert_of(words);
    g_autoptr(PamTree) now = pam_tree_new(revert.root);
    g_autoptr(PamTree) then = pam_tree_new(revert.root);
    g_auto(PamProfile) profile = {.root = NULL};
    g_autoptr(GPtrArray) asked = asked_list(bus, words, error);
    gboolean settled = FALSE;

    if (!asked || !pam_profile_open(now, FALSE, &profile, error) ||
        !none_has_lines(now, asked, error) || !nothing_waits(revert.root, error)) {
        return FALSE;
    }
    const PamProfileState state = pam_profile_look(now);
    if (!plan(&profile, words, state, then, error) || !reaches(then, revert.service, error) ||
        !pam_judge_tree(now, then, asked, error)) {
        return FALSE;
    }
    if (state == PAM_PROFILE_ON ? !service_tell(bus, words, "EnableService", &settled, error)
                                : !switch_and_tell(bus, words, &profile, error)) {
        return FALSE;
    }
    *ret_result = enabled_told(then, revert.service, asked);
    return TRUE;
}

gboolean service_profile_waits(const Revert *revert)
{
    Pending waits = {0};

    return pending_find(revert->root, revert->service, &waits) && waits.by_profile;
}

/* (transfer full): "sudo, login", whom the profile is for but for the service of @words. */
static char *others_by_profile(Bus *bus, const PamTree *tree, const Words *words, GError **error)
{
    const char *service = words_place(words, 0);
    const char *twin = service_twin_of(service);
    g_autoptr(GPtrArray) enabled = service_enabled(bus, words, FALSE, error);
    GString *others = g_string_new(NULL);

    for (guint i = 0; enabled && i < enabled->len; i++) {
        const char *name = enabled->pdata[i];
        if (!g_str_equal(name, service) && g_strcmp0(name, twin) != 0 &&
            (pam_profile_reaches(tree, name, PAM_PHASE_AUTH) ||
             pam_profile_reaches(tree, name, PAM_PHASE_ACCOUNT))) {
            g_string_append_printf(others, "%s%s", others->len > 0 ? ", " : "", name);
        }
    }
    return g_string_free(others, !enabled);
}

/* What a section enables is asked as long as the profile is on. */
static gboolean is_not_by_file(Bus *bus, const Words *words, GError **error)
{
    const char *service = words_place(words, 0);
    const char *twin = service_twin_of(service);
    g_autoptr(GPtrArray) by_file = service_enabled(bus, words, TRUE, error);

    if (!by_file) {
        return FALSE;
    }
    return (!pam_names_have(by_file, service) && !(twin && pam_names_have(by_file, twin))) ||
           ctl_fail(
               error,
               "Nothing was changed: the profile stays on, and a section of antarad.conf enables "
               "%s. Take that section out, and restart antarad.",
               service);
}

gboolean service_profile_lets_go(const Words *words, GError **error)
{
    const Revert revert = revert_of(words);
    g_autoptr(PamTree) tree = pam_tree_new(revert.root);

    if (!pam_profile_reaches(tree, revert.service, PAM_PHASE_AUTH) &&
        !pam_profile_reaches(tree, revert.service, PAM_PHASE_ACCOUNT)) {
        return TRUE;
    }
    g_autoptr(Bus) bus = bus_open(error);
    return bus && is_not_by_file(bus, words, error);
}

/* *ret_others (transfer full): for whom it stays on; "": for nobody. */
static gboolean
look_for_others(const PamTree *tree, const Words *words, char **ret_others, GError **error)
{
    g_autoptr(Bus) bus = bus_open(error);

    *ret_others = bus ? others_by_profile(bus, tree, words, error) : NULL;
    if (!*ret_others) {
        g_prefix_error(
            error, "Which other services the profile is for can't be known, so it stays on "
                   "(pam-auth-update --disable antara switches it off for all). ");
        return FALSE;
    }
    return !**ret_others || is_not_by_file(bus, words, error);
}

/* What nobody has confirmed goes as it would by the timer. */
static gboolean take_back(PamProfile *profile, const Revert *revert, json_t *told, GError **error)
{
    g_autofree char *kept = NULL;

    if (!pam_profile_take_back(profile, &kept, error) ||
        !pending_forget(revert->root, revert->service, error)) {
        return FALSE;
    }
    json_object_set_new(told, "profile", json_string("off"));
    if (kept) {
        json_object_set_new(told, "file_before", json_string(kept));
    }
    return TRUE;
}

gboolean service_profile_switch_off(const Words *words, json_t *told, GError **error)
{
    const Revert revert = revert_of(words);
    g_autoptr(PamTree) tree = pam_tree_new(revert.root);
    g_auto(PamProfile) profile = {.root = NULL};
    g_autofree char *others = NULL;

    if (!pam_profile_open(tree, FALSE, &profile, error)) {
        return FALSE;
    }
    if (service_profile_waits(&revert)) {
        return take_back(&profile, &revert, told, error);
    }
    if (!has_no_lines(tree, revert.service, error) ||
        !look_for_others(tree, words, &others, error)) {
        return FALSE;
    }
    if (*others) {
        json_object_set_new(told, "profile", json_sprintf("stays on, for %s", others));
        return TRUE;
    }
    json_object_set_new(told, "profile", json_string("off"));
    if (pam_profile_look(tree) != PAM_PROFILE_OFF) {
        return pam_profile_switch_off(&profile, error);
    }
    pam_profile_drop_backups(&profile);
    return TRUE;
}
