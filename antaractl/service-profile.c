/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "antaractl/service-profile.h"

#include "antaractl/pam/block.h"
#include "antaractl/pam/judge.h"
#include "antaractl/pam/pending.h"
#include "antaractl/pam/profile.h"
#include "antaractl/pam/rehearsal.h"
#include "antaractl/service-call.h"
#include "antaractl/service-guard.h"
#include "antaractl/service-told.h"
#include "antaractl/time-span.h"

static gboolean has(const GPtrArray *names, const char *name)
{
    return g_ptr_array_find_with_equal_func((GPtrArray *)names, name, g_str_equal, NULL);
}

/* (transfer full): where people are asked, once @words are done: of two files that are one service
 * of the daemon, both. */
static GPtrArray *asked_list(Bus *bus, const Words *words, GError **error)
{
    GPtrArray *asked = service_enabled(bus, words, FALSE, error);

    if (!asked) {
        return NULL;
    }
    g_ptr_array_add(asked, g_strdup(words_place(words, 0)));
    for (guint i = 0; i < asked->len; i++) {
        const char *twin = service_twin_of(asked->pdata[i]);
        if (twin && !has(asked, twin)) {
            g_ptr_array_add(asked, g_strdup(twin));
        }
    }
    return asked;
}

/* Lines of a service's own, and the profile's: people would be asked twice. */
static gboolean none_has_lines(const PamTree *tree, const GPtrArray *asked, GError **error)
{
    for (guint i = 0; i < asked->len; i++) {
        const char *name = asked->pdata[i];
        g_autofree char *path = NULL;
        g_autofree char *text = pam_tree_read(tree, name, &path, NULL);
        if (text && block_count_lines(text) > 0) {
            return ctl_fail(
                error,
                "%s asks Antara by lines of its own, so people would be asked twice. First: "
                "antaractl service disable %s, and antaractl service enable %s --no-pam-file.",
                path, name, name);
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
reaches(const PamTree *tree, const char *service, const GPtrArray *asked, GError **error)
{
    g_autoptr(PamTree) now = pam_tree_new(pam_tree_root(tree));

    if (!pam_profile_asks_for(tree, service)) {
        return ctl_fail(
            error,
            "%s/%s does not include common-auth and common-account, so the profile does not reach "
            "it: antaractl service enable %s.",
            pam_tree_folder(tree), service, service);
    }
    return pam_judge_tree(now, tree, asked, error);
}

static gboolean switch_on(
    PamProfile *profile,
    const PamTree *then,
    const Revert *revert,
    gboolean guarded,
    GError **error)
{
    return pam_profile_switch_on(profile, then, error) &&
           (!guarded || pending_edited(revert->root, revert->service, error));
}

/* FALSE: the profile is on still, and its note stays, so that the timer tries again. */
static gboolean undo(PamProfile *profile, GError **error)
{
    g_autoptr(GError) why = NULL;
    g_autofree char *kept = NULL;

    if (pam_profile_take_back(profile, &kept, &why)) {
        g_prefix_error(error, "The profile is off, as it was. ");
        return TRUE;
    }
    g_prefix_error(
        error, "%s And the profile is on still: pam-auth-update --disable antara. ", why->message);
    return FALSE;
}

/* Note and timer, the profile, the daemon. */
static gboolean switch_and_tell(
    Bus *bus,
    const Words *words,
    PamProfile *profile,
    const PamTree *then,
    GError **error)
{
    const Revert revert = revert_of(words);
    gboolean settled = FALSE;
    guint64 seconds = 0;

    if (!time_span_read(words_option(words, "confirm-within"), &seconds, error) ||
        (seconds > 0 && !guard_begin(bus, &revert, seconds, TRUE, error))) {
        return FALSE;
    }
    if (switch_on(profile, then, &revert, seconds > 0, error) &&
        service_tell(bus, words, "EnableService", &settled, error)) {
        return TRUE;
    }
    if (undo(profile, error) && seconds > 0) {
        (void)guard_end(bus, &revert, NULL);
    }
    return FALSE;
}

gboolean service_profile_enable(Bus *bus, const Words *words, json_t **ret_result, GError **error)
{
    const Revert revert = revert_of(words);
    g_autoptr(PamTree) then = pam_tree_new(revert.root);
    g_auto(PamProfile) profile = PAM_PROFILE_CLOSED;
    g_autoptr(GPtrArray) asked = asked_list(bus, words, error);
    gboolean settled = FALSE;

    if (!asked || !pam_profile_open(then, FALSE, &profile, error) ||
        !none_has_lines(then, asked, error)) {
        return FALSE;
    }
    const gboolean is_on = pam_profile_is_on(then);
    if (!(is_on ? is_on_already(words, error) : pam_rehearse(then, error)) ||
        !reaches(then, revert.service, asked, error) ||
        !(is_on ? service_tell(bus, words, "EnableService", &settled, error)
                : switch_and_tell(bus, words, &profile, then, error))) {
        return FALSE;
    }
    g_autofree char *paths =
        g_strdup_printf("%s/common-auth, common-account: the profile", pam_tree_folder(then));
    *ret_result = service_told(then, revert.service, paths);
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
            pam_profile_asks_for(tree, name)) {
            g_string_append_printf(others, "%s%s", others->len > 0 ? ", " : "", name);
        }
    }
    return g_string_free(others, !enabled);
}

/* What a section enables is asked as long as the profile is on. */
static gboolean stays_on(Bus *bus, const Words *words, const char *others, GError **error)
{
    const char *service = words_place(words, 0);
    g_autoptr(GPtrArray) by_file = service_enabled(bus, words, TRUE, error);

    if (!by_file) {
        return FALSE;
    }
    return !has(by_file, service) || ctl_fail(
                                         error,
                                         "Nothing was changed: the profile stays on, for %s, and "
                                         "[service %s] of antarad.conf "
                                         "enables %s. Take that section out, and restart antarad.",
                                         others, service, service);
}

/* *ret_others (transfer full): for whom it stays on; "": for nobody. */
static gboolean
look_for_others(const PamTree *tree, const Words *words, char **ret_others, GError **error)
{
    const Revert revert = revert_of(words);

    if (service_profile_waits(&revert)) {
        *ret_others = g_strdup("");
        return TRUE;
    }
    g_autoptr(Bus) bus = bus_open(error);
    *ret_others = bus ? others_by_profile(bus, tree, words, error) : NULL;
    if (!*ret_others) {
        g_prefix_error(
            error, "Which other services the profile is for can't be known, so it stays on "
                   "(pam-auth-update --disable antara switches it off for all). ");
        return FALSE;
    }
    return !**ret_others || stays_on(bus, words, *ret_others, error);
}

gboolean service_profile_switch_off(const Words *words, json_t *told, GError **error)
{
    const Revert revert = revert_of(words);
    g_autoptr(PamTree) tree = pam_tree_new(revert.root);
    g_auto(PamProfile) profile = PAM_PROFILE_CLOSED;
    g_autofree char *others = NULL;

    if (!pam_profile_open(tree, FALSE, &profile, error) ||
        !look_for_others(tree, words, &others, error)) {
        return FALSE;
    }
    if (*others) {
        json_object_set_new(told, "profile", json_sprintf("stays on, for %s", others));
        return TRUE;
    }
    json_object_set_new(told, "profile", json_string("off"));
    return (!pam_profile_is_on(tree) || pam_profile_switch_off(&profile, error)) &&
           pending_forget(revert.root, revert.service, error);
}
