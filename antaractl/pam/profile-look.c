/* SPDX-License-Identifier: GPL-3.0-or-later */

/* profile-look.c - whether the profile is on, and which services come to it */

#include "antaractl/pam/block.h"
#include "antaractl/pam/profile.h"
#include "antaractl/pam/scene.h"

#include <stdlib.h>
#include <string.h>

/* In its own notes, of what it wrote: /var/lib/pam/auth and account. */
static gboolean is_noted(const PamTree *tree, const char *shared)
{
    g_autofree char *path =
        g_strconcat(pam_tree_root(tree), "/var/lib/pam/", shared + strlen("common-"), NULL);
    g_autofree char *text = NULL;

    return g_file_get_contents(path, &text, NULL, NULL) &&
           (g_str_has_prefix(text, "Module: antara\n") || strstr(text, "\nModule: antara\n"));
}

PamProfileState pam_profile_look(const PamTree *tree)
{
    guint lines = 0, noted = 0;

    for (guint i = 0; i < PAM_PROFILE_FILES; i++) {
        const char *name = pam_auth_update_files[i].name;
        g_autofree char *path = NULL;
        g_autofree char *text = pam_tree_read(tree, name, &path, NULL);
        const guint here = text ? block_count_lines(text) : 0;
        lines += here;
        noted += here == 1 && is_noted(tree, name) ? 1 : 0;
    }
    return lines == 0                                                 ? PAM_PROFILE_OFF
           : lines == PAM_PROFILE_FILES && noted == PAM_PROFILE_FILES ? PAM_PROFILE_ON
                                                                      : PAM_PROFILE_ODD;
}

static gboolean is_shared(const char *path)
{
    for (guint i = 0; i < PAM_SHARED_FILES; i++) {
        const PamAuthUpdateFile *file = &pam_auth_update_files[i];
        g_autofree char *end = g_strconcat("/", file->folder, "/", file->name, NULL);
        if (g_str_has_suffix(path, end)) {
            return TRUE;
        }
    }
    return FALSE;
}

gboolean pam_profile_has(const PamLine *line)
{
    char *real = realpath(line->file, NULL);
    const gboolean has = is_shared(real ? real : line->file);

    free(real);
    return has;
}

gboolean pam_profile_reaches(const PamTree *tree, const char *service, PamPhase phase)
{
    g_autoptr(PamStack) stack = pam_stack_read(tree, service, NULL);
    const PamLine *line = stack ? pam_stack_find(stack, phase, PAM_ANTARA_MODULE) : NULL;

    return line && pam_profile_has(line);
}
