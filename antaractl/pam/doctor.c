/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "antaractl/pam/doctor.h"

#include "antaractl/error.h"
#include "antaractl/pam/outage.h"
#include "antaractl/pam/sshd-config.h"
#include "antaractl/pam/trap.h"

#include <security/_pam_types.h>
#include <string.h>

static const char *const usual[] = {"sshd", "sudo", "sudo-i", "login", "su", "su-l", NULL};

static void say_action(GString *words, const char *answer, int action)
{
    static const char *const meanings[] = {
        [PAM_ACTION_IGNORE] = "counts for nothing",
        [-PAM_ACTION_OK] = "counts, the next is asked",
        [-PAM_ACTION_DONE] = "ends the phase",
        [-PAM_ACTION_BAD] = "refuses, but the next is asked",
        [-PAM_ACTION_DIE] = "refuses at once",
        [-PAM_ACTION_RESET] = "forgets all answers so far",
    };

    g_string_append_printf(words, "%s%s ", words->len ? "; " : "", answer);
    if (action > 0) {
        g_string_append_printf(words, "skips %d", action);
    } else {
        g_string_append(words, meanings[-action]);
    }
}

/* (transfer full): what yes and no do; and what stands out beside them. */
static char *does(const PamLine *line)
{
    const int *actions = line->control.actions;
    const int no = line->phase == PAM_PHASE_ACCOUNT ? PAM_ACCT_EXPIRED : PAM_AUTH_ERR;
    g_autoptr(GString) words = g_string_new(NULL);

    say_action(words, "yes", actions[PAM_SUCCESS]);
    say_action(words, "no", actions[no]);
    for (int code = 0; code < PAM_CODES; code++) {
        const gboolean shown = code == PAM_USER_UNKNOWN || code == PAM_AUTHINFO_UNAVAIL;
        if (shown && actions[code] != actions[no]) {
            say_action(words, pam_code_name(code), actions[code]);
        }
    }
    return g_string_free(g_steal_pointer(&words), FALSE);
}

static void step_add(json_t *rows, const PamStep *step)
{
    const PamLine *line = step->line;
    const char *what = step->inside ? NULL : pam_module_words(pam_line_module(line));
    g_autofree char *place = g_strdup_printf("%s:%u", line->file, line->number);
    g_autofree char *where = g_utf8_make_valid(place, -1);
    g_autofree char *words =
        step->inside ? g_strdup("the lines below; ending them ends no more") : does(line);

    json_array_append_new(
        rows, json_pack(
                  "{ss ss ss ss}", "where", where, "module",
                  step->inside ? line->target : pam_line_module(line), "is", what ? what : "",
                  "does", words));
    for (guint i = 0; step->inside && i < step->inside->len; i++) {
        step_add(rows, step->inside->pdata[i]);
    }
}

static json_t *phase_told(const PamStack *stack, PamPhase phase)
{
    json_t *rows = json_array();

    for (guint i = 0; i < stack->phases[phase]->len; i++) {
        step_add(rows, stack->phases[phase]->pdata[i]);
    }
    return rows;
}

static gboolean asks_antara(const PamStack *stack)
{
    return pam_stack_find(stack, PAM_PHASE_AUTH, PAM_ANTARA_MODULE) ||
           pam_stack_find(stack, PAM_PHASE_ACCOUNT, PAM_ANTARA_MODULE);
}

static json_t *stack_told(const PamTree *tree, const PamStack *stack)
{
    json_t *findings = json_array();
    json_t *phases = json_object();

    for (PamPhase phase = PAM_PHASE_AUTH; phase <= PAM_PHASE_ACCOUNT; phase++) {
        json_object_set_new(phases, pam_phase_name(phase), phase_told(stack, phase));
    }
    traps_of_stack(findings, tree, stack);
    if (g_str_equal(stack->service, "sshd") && asks_antara(stack)) {
        sshd_config_look(findings, pam_tree_root(tree));
    }
    return json_pack(
        "{ss sb so so so}", "service", stack->service, "asks_antara", asks_antara(stack), "phases",
        phases, "findings", findings, "outage", outage_matrix(tree, stack));
}

static void unreadable(json_t *services, const char *service, const GError *why)
{
    json_t *findings = json_array();

    finding_add(findings, FINDING_TRAP, "unreadable", NULL, 0, why->message);
    json_array_append_new(
        services, json_pack(
                      "{ss sb s{} so s[]}", "service", service, "asks_antara", FALSE, "phases",
                      "findings", findings, "outage"));
}

/* Those that ask; without any, those that could. */
static void services_told(json_t *services, const PamTree *tree)
{
    g_autoptr(GPtrArray) names = pam_tree_names(tree);
    json_t *rest = json_array();

    for (guint i = 0; i < names->len; i++) {
        const char *name = names->pdata[i];
        g_autoptr(GError) why = NULL;
        if (g_str_has_prefix(name, "common-")) {
            continue;
        }
        g_autoptr(PamStack) stack = pam_stack_read(tree, name, &why);
        if (!stack) {
            unreadable(services, name, why);
        } else if (asks_antara(stack)) {
            json_array_append_new(services, stack_told(tree, stack));
        } else if (g_strv_contains(usual, name)) {
            json_array_append_new(rest, stack_told(tree, stack));
        }
    }
    if (json_array_size(services) == 0) {
        json_array_extend(services, rest);
    }
    json_decref(rest);
}

json_t *pam_doctor(const PamTree *tree, const char *service, GError **error)
{
    json_t *services = json_array();
    json_t *findings = json_array();
    g_autoptr(GError) why = NULL;

    traps_of_tree(findings, tree);
    if (!service) {
        services_told(services, tree);
        return json_pack("{so so}", "services", services, "findings", findings);
    }
    g_autoptr(PamStack) stack =
        pam_name_is_good(service) ? pam_stack_read(tree, service, &why) : NULL;
    if (stack) {
        json_array_append_new(services, stack_told(tree, stack));
    } else if (why && !g_error_matches(why, CTL_ERROR, CTL_ERROR_NOT_FOUND)) {
        unreadable(services, service, why);
    } else {
        json_decref(services);
        json_decref(findings);
        ctl_fail(error, "%s", why ? why->message : "that is no name of a PAM service");
        return NULL;
    }
    return json_pack("{so so}", "services", services, "findings", findings);
}
