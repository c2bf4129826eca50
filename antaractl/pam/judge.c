/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "antaractl/pam/judge.h"

#include "antaractl/error.h"
#include "antaractl/pam/trap.h"

#include <security/_pam_types.h>

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

gboolean pam_judge_has_no_trap(const PamTree *tree, const PamStack *stack, GError **error)
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
                "Nothing was changed, since it would be a trap for %s (%s, at %s of the new file): "
                "%s",
                stack->service, code, json_string_value(json_object_get(row, "where")),
                json_string_value(json_object_get(row, "words")));
        }
    }
    json_decref(findings);
    return good;
}

gboolean pam_judge_is_as_before(
    const PamTree *tree,
    const PamStack *before,
    const PamStack *after,
    GError **error)
{
    return (auth_is_as_before(tree, before, after) && account_is_as_before(tree, before, after)) ||
           ctl_fail(
               error,
               "Nothing was changed: with Antara's lines in %s other sign-ins would end otherwise "
               "than now. antaractl pam doctor %s explains the stack; add the lines yourself.",
               after->service, after->service);
}

static gboolean judge_service(
    const PamTree *before,
    const PamTree *after,
    const char *service,
    gboolean is_asked,
    GError **error)
{
    g_autoptr(GError) why = NULL;
    g_autoptr(PamStack) stack = pam_stack_read(before, service, &why);
    g_autoptr(PamStack) then = stack ? pam_stack_read(after, service, &why) : NULL;

    if (!then) {
        return !stack && !is_asked ? TRUE
                                   : ctl_fail(error, "Nothing was changed. %s", why->message);
    }
    return (!is_asked || pam_judge_has_no_trap(after, then, error)) &&
           pam_judge_is_as_before(after, stack, then, error);
}

gboolean
pam_judge_tree(const PamTree *before, const PamTree *after, const GPtrArray *asked, GError **error)
{
    g_autoptr(GPtrArray) names = pam_tree_names(before);

    for (guint i = 0; i < asked->len; i++) {
        if (!pam_names_have(names, asked->pdata[i]) && pam_tree_has(before, asked->pdata[i])) {
            g_ptr_array_add(names, g_strdup(asked->pdata[i]));
        }
    }
    for (guint i = 0; i < names->len; i++) {
        const char *name = names->pdata[i];
        if (!g_str_has_prefix(name, "common-") &&
            !judge_service(before, after, name, pam_names_have(asked, name), error)) {
            return FALSE;
        }
    }
    return TRUE;
}
