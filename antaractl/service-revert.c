/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "antaractl/service-revert.h"

#include "antaractl/bus.h"
#include "antaractl/pam/edit.h"
#include "antaractl/pam/pending.h"
#include "antaractl/pam/profile.h"
#include "antaractl/revert.h"
#include "antaractl/service-guard.h"
#include "antaractl/service-profile.h"

/* The file without Antara's lines; where somebody has touched them, the backup: then what stands
 * there is kept beside it, and *ret_kept says where. */
static char *text_before(PamFile *file, char **ret_kept, GError **error)
{
    char *text = pam_edit_disable(file, NULL);

    if (text) {
        return text;
    }
    text = pam_file_read_backup(file, error);
    if (text && !pam_file_keep(file, ret_kept, error)) {
        g_clear_pointer(&text, g_free);
    }
    return text;
}

/* A file that is gone has no lines, and nobody signs in by it. */
static gboolean
open_or_gone(const Revert *revert, PamFile *file, gboolean *ret_gone, GError **error)
{
    g_autoptr(PamTree) tree = pam_tree_new(revert->root);
    g_autoptr(GError) why = NULL;

    if (pam_file_open(tree, revert->service, TRUE, file, &why)) {
        return TRUE;
    }
    *ret_gone = g_error_matches(why, CTL_ERROR, CTL_ERROR_NOT_FOUND);
    if (!*ret_gone) {
        g_propagate_error(error, g_steal_pointer(&why));
    }
    return *ret_gone;
}

/* Under the lock, so that nobody confirms meanwhile; the note goes last. */
static gboolean take_out(const Revert *revert, gboolean *ret_done, char **ret_kept, GError **error)
{
    g_auto(PamFile) file = {.folder_fd = -1};
    Pending waits = {0};
    gboolean gone = FALSE;

    if (!open_or_gone(revert, &file, &gone, error)) {
        return FALSE;
    }
    if (service_profile_waits(revert)) { /* since a moment: no edit of this file waits */
        return TRUE;
    }
    if (gone || !pending_find(revert->root, revert->service, &waits)) {
        return pending_forget(revert->root, revert->service, error);
    }
    g_autofree char *text = text_before(&file, ret_kept, error);
    if (!text || (!g_str_equal(text, file.text) && !pam_file_write(&file, text, error))) {
        return FALSE;
    }
    pam_file_drop_backup(&file);
    *ret_done = TRUE;
    return pending_forget(revert->root, revert->service, error);
}

/* Likewise for the profile, whose two files are not the service's. */
static gboolean
switch_off(const Revert *revert, gboolean *ret_done, char **ret_kept, GError **error)
{
    g_autoptr(PamTree) tree = pam_tree_new(revert->root);
    g_auto(PamProfile) profile = {.root = NULL};

    if (!pam_profile_open(tree, TRUE, &profile, error)) {
        return FALSE;
    }
    if (!service_profile_waits(revert)) {
        return TRUE;
    }
    *ret_done = pam_profile_take_back(&profile, ret_kept, error);
    return *ret_done && pending_forget(revert->root, revert->service, error);
}

/* There is time left, and a timer for it; whoever made the change came to its end. */
static gboolean goes_on_waiting(const Revert *revert)
{
    g_autoptr(GError) why = NULL;
    Pending waits = {0};

    if (!pending_find(revert->root, revert->service, &waits) || pending_left(&waits) == 0 ||
        waits.edited_usec == G_MAXINT64) {
        return FALSE;
    }
    g_autoptr(Bus) bus = bus_open(NULL);
    return bus && (revert_set(bus, revert, pending_left(&waits), &why) ||
                   g_error_matches(why, CTL_ERROR, CTL_ERROR_SETTLED));
}

/* What fails keeps no other waiting; the first failure is told. */
static gboolean revert_one(const Revert *revert, json_t *rows, GError **error)
{
    gboolean taken_out = FALSE;
    g_autofree char *kept = NULL;

    if (!(service_profile_waits(revert) ? switch_off : take_out)(
            revert, &taken_out, &kept, error && !*error ? error : NULL)) {
        return FALSE;
    }
    if (taken_out) {
        json_array_append_new(
            rows,
            json_pack(
                "{ss ss ss*}", "name", revert->service, "lines", "taken out", "file_before", kept));
    }
    return TRUE;
}

gboolean
service_revert(G_GNUC_UNUSED sd_bus *none, const Words *words, json_t **ret_result, GError **error)
{
    const Revert asked = revert_of(words);
    g_autoptr(GPtrArray) services = pending_list(asked.root);
    gboolean done = TRUE;

    *ret_result = json_array();
    for (guint i = 0; i < services->len; i++) {
        const Revert revert = {services->pdata[i], asked.root};
        if (asked.service ? g_str_equal(asked.service, revert.service)
                          : !goes_on_waiting(&revert)) {
            done = revert_one(&revert, *ret_result, error) && done;
        }
    }
    return done;
}
