/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "antaractl/pam/outage.h"

#include "antaractl/pam/sshd-config.h"

#include <security/_pam_types.h>

/* What the module needs to be answered, and what a person needs to answer. */
static const struct Outage {
    const char *away;
    gboolean module;   /* it reaches antarad */
    gboolean approval; /* a browser reaches the page, or draws a one-time code */
    gboolean mail;     /* who isn't signed in there can */
} outages[] = {
    {"nothing", TRUE, TRUE, TRUE}, {"antarad", FALSE, FALSE, TRUE}, {"bus", FALSE, FALSE, TRUE},
    {"mail", TRUE, TRUE, FALSE},   {"network", TRUE, FALSE, TRUE},  {"browser", TRUE, FALSE, TRUE},
};

typedef enum Way { WAY_APPROVAL = 1, WAY_PASSWORD = 2, WAY_KEY = 4 } Way;

/* A linked user comes in, by one way or by two; a key leaves the auth phase out. */
static gboolean
comes_in(const PamTree *tree, const PamStack *stack, const struct Outage *outage, guint ways)
{
    const gboolean approves = (ways & WAY_APPROVAL) && outage->approval && outage->module;
    PamScene account = pam_scene_new(tree, outage->module ? PAM_SUCCESS : PAM_AUTHINFO_UNAVAIL);
    PamScene auth = pam_scene_new(tree, outage->module ? PAM_AUTH_ERR : PAM_AUTHINFO_UNAVAIL);

    auth.antara = approves ? PAM_SUCCESS : auth.antara;
    auth.password = (ways & WAY_PASSWORD) != 0;
    auth.others = auth.password || approves;
    return ((ways & WAY_KEY) || pam_scene_play(&auth, stack, PAM_PHASE_AUTH) == PAM_SUCCESS) &&
           pam_scene_play(&account, stack, PAM_PHASE_ACCOUNT) == PAM_SUCCESS;
}

/* The ways that there are before PAM is asked. */
static guint ways_of(const PamTree *tree, const PamStack *stack)
{
    SshdWays sshd = {TRUE, TRUE, FALSE};

    if (g_str_equal(stack->service, "sshd")) {
        sshd = sshd_config_ways(pam_tree_root(tree));
    }
    return (sshd.prompt ? WAY_APPROVAL : 0U) | (sshd.password ? WAY_PASSWORD : 0U) |
           (sshd.key ? WAY_KEY : 0U);
}

static json_t *
cell(const PamTree *tree, const PamStack *stack, const struct Outage *outage, guint ways, Way way)
{
    if (!(ways & way)) {
        return json_string("no");
    }
    if (comes_in(tree, stack, outage, way)) {
        return json_string(way == WAY_APPROVAL && !outage->mail ? "signed in" : "yes");
    }
    return json_string(
        way == WAY_APPROVAL && !comes_in(tree, stack, outage, WAY_PASSWORD) &&
                comes_in(tree, stack, outage, WAY_APPROVAL | WAY_PASSWORD)
            ? "+password"
            : "no");
}

json_t *outage_matrix(const PamTree *tree, const PamStack *stack)
{
    const guint ways = ways_of(tree, stack);
    json_t *rows = json_array();

    for (gsize i = 0; i < G_N_ELEMENTS(outages); i++) {
        json_t *row = json_pack("{ss}", "away", outages[i].away);
        if (pam_stack_find(stack, PAM_PHASE_AUTH, PAM_ANTARA_MODULE)) {
            json_object_set_new(
                row, "approval", cell(tree, stack, &outages[i], ways, WAY_APPROVAL));
        }
        json_object_set_new(row, "password", cell(tree, stack, &outages[i], ways, WAY_PASSWORD));
        if (g_str_equal(stack->service, "sshd")) {
            json_object_set_new(row, "key", cell(tree, stack, &outages[i], ways, WAY_KEY));
        }
        json_array_append_new(rows, row);
    }
    return rows;
}
