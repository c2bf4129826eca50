/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "antaractl/pam/edit.h"

#include "antaractl/error.h"
#include "antaractl/pam/block.h"
#include "antaractl/pam/trap.h"

#include <security/_pam_types.h>
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

/* Each sign-in that isn't approved ends as before; as bits: right password, other factors,
 * root. */
static gboolean
auth_is_as_before(const PamTree *tree, const PamStack *before, const PamStack *after)
{
    static const int answers[] = {PAM_AUTH_ERR, PAM_USER_UNKNOWN, PAM_AUTHINFO_UNAVAIL,
                                  PAM_MAXTRIES, PAM_CONV_ERR,     PAM_IGNORE,
                                  PAM_BUF_ERR,  PAM_SYSTEM_ERR,   PAM_MODULE_UNKNOWN};

    for (gsize i = 0; i < G_N_ELEMENTS(answers) * 8; i++) {
        PamScene scene = pam_scene_new(tree, answers[i / 8]);
        scene.root = i / 4 % 2 == 1;
        scene.password = i % 2 == 1;
        scene.others = i / 2 % 2 == 1;
        if (pam_scene_play(&scene, before, PAM_PHASE_AUTH) !=
            pam_scene_play(&scene, after, PAM_PHASE_AUTH)) {
            return FALSE;
        }
    }
    return TRUE;
}

static gboolean
account_is_as_before(const PamTree *tree, const PamStack *before, const PamStack *after)
{
    static const int answers[] = {
        PAM_SUCCESS, PAM_IGNORE, PAM_AUTHINFO_UNAVAIL, PAM_MODULE_UNKNOWN};

    for (gsize i = 0; i < G_N_ELEMENTS(answers) * 8; i++) {
        PamScene scene = pam_scene_new(tree, answers[i / 8]);
        scene.root = i / 4 % 2 == 1;
        scene.expired = i % 2 == 1;
        scene.nologin = i / 2 % 2 == 1;
        if (pam_scene_play(&scene, before, PAM_PHASE_ACCOUNT) !=
            pam_scene_play(&scene, after, PAM_PHASE_ACCOUNT)) {
            return FALSE;
        }
    }
    return TRUE;
}

static gboolean has_no_trap(const PamTree *tree, const PamStack *stack, GError **error)
{
    json_t *findings = json_array();
    gboolean good = TRUE;
    size_t i = 0;
    json_t *row = NULL;

    traps_of_stack(findings, tree, stack);
    json_array_foreach(findings, i, row)
    {
        const char *level = json_string_value(json_object_get(row, "level"));
        const char *code = json_string_value(json_object_get(row, "code"));
        if (good && (g_str_equal(level, "trap") || g_str_equal(code, "check-skipped") ||
                     g_str_equal(code, "password-too"))) {
            good = ctl_fail(
                error,
                "Nothing was changed, since it would be a trap (%s, at %s of the new file): %s",
                code, json_string_value(json_object_get(row, "where")),
                json_string_value(json_object_get(row, "words")));
        }
    }
    json_decref(findings);
    return good;
}

/* An edit for people must not reach the machine's own services by an include. */
static gboolean reaches_no_machine(const PamTree *tree, GError **error)
{
    json_t *findings = json_array();

    traps_of_tree(findings, tree);
    const json_t *first = json_array_get(findings, 0);
    const gboolean good = !first || ctl_fail(
                                        error, "Nothing was changed. %s: %s",
                                        json_string_value(json_object_get(first, "where")),
                                        json_string_value(json_object_get(first, "words")));
    json_decref(findings);
    return good;
}

static gboolean judge(PamTree *tree, const char *service, const char *text, GError **error)
{
    g_autoptr(PamStack) before = pam_stack_read(tree, service, error);

    pam_tree_pretend(tree, service, text);
    g_autoptr(PamStack) after = before ? pam_stack_read(tree, service, error) : NULL;
    if (!after || !has_no_trap(tree, after, error) || !reaches_no_machine(tree, error)) {
        return FALSE;
    }
    if (!auth_is_as_before(tree, before, after) || !account_is_as_before(tree, before, after)) {
        return ctl_fail(
            error,
            "Nothing was changed: with Antara's lines in %s other sign-ins would end otherwise "
            "than now. antaractl pam doctor %s explains the stack; add the lines yourself.",
            service, service);
    }
    return TRUE;
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
            "%s:%u asks Antara already, not by antaractl's lines. Say --no-pam-file, or take that "
            "line out.",
            line->file, line->number);
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
