/* SPDX-License-Identifier: GPL-3.0-or-later */

/* trap-tree.c - Antara where nobody sits who could answer, or where everything asks */

#include "antaractl/pam/profile.h"
#include "antaractl/pam/trap.h"

#include <string.h>

/* polkit has a prompt of its own, but everything that is done for people goes through it. */
static const char *const waits_for_nobody[] = {"cron", "atd", "systemd-user", "polkit-1"};

/* (transfer full) */
static char *machine_words(const char *service)
{
    const char *why = service_is_machine(service)
                          ? "nobody is there to answer, so the module passes at once"
                          : "all that is done in people's name goes through it, where the daemon "
                            "has it enabled";

    return g_strdup_printf(
        "%s comes to Antara by this line: %s. Take the line out; antaractl service enable writes "
        "to one service's file alone.",
        service, why);
}

static void look_at_machine_service(json_t *findings, const PamTree *tree, const char *service)
{
    g_autoptr(PamStack) stack = pam_stack_read(tree, service, NULL);

    for (PamPhase phase = 0; stack && phase < PAM_PHASES; phase++) {
        const PamLine *line = pam_stack_find(stack, phase, PAM_ANTARA_MODULE);
        g_autofree char *own = g_build_filename("pam.d", service, NULL);
        if (!line || (!service_is_machine(service) && g_str_has_suffix(line->file, own)) ||
            (pam_profile_has(line) && pam_profile_look(tree) == PAM_PROFILE_ON)) {
            continue;
        }
        g_autofree char *words = machine_words(service);
        finding_add(findings, FINDING_TRAP, "machine-asks", line->file, line->number, words);
        return;
    }
}

static void tell_of_common(json_t *findings, const PamTree *tree, const PamLine *line)
{
    if (pam_profile_look(tree) == PAM_PROFILE_ON) {
        finding_add(
            findings, FINDING_ADVICE, "by-profile", line->file, line->number,
            "The profile of libpam-antara, by pam-auth-update. Every service includes this file; "
            "where the daemon has not enabled a service, and for cron, atd and systemd-user, the "
            "module passes at once.");
        return;
    }
    finding_add(
        findings, FINDING_TRAP, "in-common", line->file, line->number,
        "Every service includes this file, cron and atd too. Take the line out, and use antaractl "
        "service enable for each service that people use.");
}

static void look_at_common(json_t *findings, const PamTree *tree, const char *name)
{
    g_autofree char *path = NULL;
    g_autofree char *text = pam_tree_read(tree, name, &path, NULL);
    g_autoptr(GPtrArray) lines = text ? pam_lines_read(text, path, NULL) : NULL;

    for (guint i = 0; lines && i < lines->len; i++) {
        const PamLine *line = lines->pdata[i];
        if (line->kind == PAM_LINE_MODULE &&
            g_str_equal(pam_line_module(line), PAM_ANTARA_MODULE)) {
            tell_of_common(findings, tree, line);
            return;
        }
    }
}

void traps_of_tree(json_t *findings, const PamTree *tree)
{
    g_autoptr(GPtrArray) names = pam_tree_names(tree);

    for (guint i = 0; i < names->len; i++) {
        if (g_str_has_prefix(names->pdata[i], "common-")) {
            look_at_common(findings, tree, names->pdata[i]);
        }
    }
    for (gsize i = 0; i < G_N_ELEMENTS(waits_for_nobody); i++) {
        if (pam_tree_has(tree, waits_for_nobody[i])) {
            look_at_machine_service(findings, tree, waits_for_nobody[i]);
        }
    }
}
