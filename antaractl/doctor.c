/* SPDX-License-Identifier: GPL-3.0-or-later */

/* doctor.c - antaractl pam doctor: works without daemon and bus, when it is needed most */

#include "antaractl/pam/doctor.h"
#include "antaractl/command.h"

static gboolean
pam_doctor_run(G_GNUC_UNUSED sd_bus *bus, const Words *words, json_t **ret_result, GError **error)
{
    const char *root = words_option(words, "root");
    g_autoptr(PamTree) tree = pam_tree_new(root ? root : "");

    *ret_result = pam_doctor(tree, words_place(words, 0), error);
    return *ret_result != NULL;
}

const Command doctor_commands[] = {
    {"pam", "doctor", "[SERVICE] [--root DIR]", "root=", 0, 1,
     "Explain the stacks of PAM, name traps, and tell who still gets in when something is away",
     NULL, pam_doctor_run},
    {0},
};
