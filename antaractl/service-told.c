/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "antaractl/service-told.h"

#include "antaractl/pam/pending.h"
#include "antaractl/pam/profile.h"
#include "antaractl/pam/scene.h"
#include "antaractl/pam/sshd-config.h"

const char *service_twin_of(const char *service)
{
    static const char *const twins[] = {"sudo", "sudo-i", "su", "su-l"};

    for (gsize i = 0; i < G_N_ELEMENTS(twins); i++) {
        if (g_str_equal(service, twins[i])) {
            return twins[i ^ 1];
        }
    }
    return NULL;
}

gboolean service_twin_asks(const PamTree *tree, const char *service)
{
    const char *twin = service_twin_of(service);
    g_autoptr(PamStack) stack = twin ? pam_stack_read(tree, twin, NULL) : NULL;

    const PamLine *line = stack ? pam_stack_find(stack, PAM_PHASE_AUTH, PAM_ANTARA_MODULE) : NULL;

    return line && !pam_profile_has(line);
}

static void tell_next(json_t *told, const char *service, const Pending *waits)
{
    const gboolean has_tickets = g_str_has_prefix(service, "sudo");
    g_autofree char *next = g_strdup_printf(
        "sign in anew%s, and there: antaractl service confirm %s (within %" G_GUINT64_FORMAT " s)",
        has_tickets ? " (first sudo -k, else nobody is asked)" : "", service, pending_left(waits));

    json_object_set_new(told, "next", json_string(next));
}

json_t *service_told(const PamTree *tree, const char *service, const char *file)
{
    json_t *told = json_pack(
        "{ss ss ss}", "name", service, "file", file, "note",
        "users without a link are refused now, but root: antaractl link list");
    const char *twin = service_twin_of(service);
    Pending waits = {0};

    if (g_str_equal(service, "sshd") && !sshd_config_ways(pam_tree_root(tree)).prompt) {
        json_object_set_new(
            told, "sshd",
            json_string(
                "shows no prompt, so nobody can approve yet: antaractl pam doctor sshd says why"));
    }
    if (twin && !service_twin_asks(tree, service) &&
        !pam_profile_reaches(tree, twin, PAM_PHASE_AUTH)) {
        g_autofree char *also =
            g_strdup_printf("%s has a file of its own: antaractl service enable %s", twin, twin);
        json_object_set_new(told, "also", json_string(also));
    }
    if (pending_find(pam_tree_root(tree), service, &waits)) {
        tell_next(told, service, &waits);
    }
    return told;
}
