/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "antaractl/pam/edit.h"

#include "antaractl/error.h"
#include "antaractl/pam/block.h"
#include "antaractl/pam/judge.h"
#include "antaractl/pam/profile.h"
#include "antaractl/pam/trap.h"

#include <string.h>

gboolean pam_edit_may(const char *service, GError **error)
{
    if (!pam_name_is_good(service)) {
        return ctl_fail(error, "That is no name of a PAM service.");
    }
    if (service_is_machine(service)) {
        return ctl_fail(error, "%s works while nobody is there who could answer.", service);
    }
    if (g_str_has_prefix(service, "common-") || g_str_equal(service, "other")) {
        return ctl_fail(
            error,
            "%s is what all services share, cron and atd too: name the one service that people "
            "use.",
            service);
    }
    return TRUE;
}

/* An edit for people must not reach the machine's own services by an include. */
static gboolean reaches_no_machine(const PamTree *tree, GError **error)
{
    json_t *findings = json_array();
    gboolean good = TRUE;
    size_t i = 0;
    json_t *row = NULL;

    traps_of_tree(findings, tree);
    json_array_foreach(findings, i, row)
    {
        if (good && g_str_equal(json_string_value(json_object_get(row, "level")), "trap")) {
            good = ctl_fail(
                error, "Nothing was changed. %s: %s",
                json_string_value(json_object_get(row, "where")),
                json_string_value(json_object_get(row, "words")));
        }
    }
    json_decref(findings);
    return good;
}

static gboolean judge(PamTree *tree, const char *service, const char *text, GError **error)
{
    g_autoptr(PamStack) before = pam_stack_read(tree, service, error);

    pam_tree_pretend(tree, service, text);
    g_autoptr(PamStack) after = before ? pam_stack_read(tree, service, error) : NULL;
    return after && pam_judge_has_no_trap(tree, after, error) && reaches_no_machine(tree, error) &&
           pam_judge_is_as_before(tree, before, after, error);
}

char *pam_edit_enable(PamTree *tree, const PamFile *file, GError **error)
{
    g_autoptr(PamStack) stack = pam_stack_read(tree, file->name, error);
    const PamLine *line = NULL;

    if (!stack) {
        return NULL;
    }
    if (block_is_in(file->text, file->name)) {
        return g_strdup(file->text);
    }
    line = pam_stack_find(stack, PAM_PHASE_AUTH, PAM_ANTARA_MODULE);
    line = line ? line : pam_stack_find(stack, PAM_PHASE_ACCOUNT, PAM_ANTARA_MODULE);
    if (line) {
        ctl_fail(
            error,
            "%s:%u asks Antara already, not by antaractl's lines. Say %s, or take that line out.",
            line->file, line->number,
            pam_profile_look(tree) == PAM_PROFILE_ON ? "--profile" : "--no-pam-file");
        return NULL;
    }
    g_autofree char *text = block_insert(tree, file->text, file->name, error);
    return text && judge(tree, file->name, text, error) ? g_steal_pointer(&text) : NULL;
}

char *pam_edit_disable(const PamFile *file, GError **error)
{
    return block_count_lines(file->text) > 0 ? block_remove(file->text, file->name, error)
                                             : g_strdup(file->text);
}
