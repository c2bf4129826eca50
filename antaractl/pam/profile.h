/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * profile.h - libpam-antara's profile in the files that all services include, on or off
 *
 * What the files become is pam-auth-update's, on a copy; they are written here, each whole, its
 * own notes included. These are written first when the profile comes and last when it goes: cut
 * off between, pam-auth-update finds lines taken out, which it understands, never lines added.
 */

#include "antaractl/pam/auth-update.h"
#include "antaractl/pam/file.h"
#include "antaractl/pam/stack.h"

typedef enum PamProfileState {
    PAM_PROFILE_OFF, /* no line of Antara in common-auth and common-account */
    PAM_PROFILE_ON,  /* one in each, and pam-auth-update knows of them */
    PAM_PROFILE_ODD, /* neither: lines by hand, or half of it */
} PamProfileState;

PamProfileState pam_profile_look(const PamTree *tree);

/* TRUE when @line stands in a file that pam-auth-update writes, by whatever name it is included. */
gboolean pam_profile_has(const PamLine *line);

/* TRUE when the first line of Antara that a service comes to in @phase stands in such a file. */
gboolean pam_profile_reaches(const PamTree *tree, const char *service, PamPhase phase);

typedef struct PamProfile {
    char *root;
    PamFile files[PAM_AUTH_UPDATE_FILES]; /* of pam_auth_update_files; the first has the lock */
    char *next[PAM_AUTH_UPDATE_FILES];    /* what they are to become */
} PamProfile;

/* As pam_file_open(), for all of the files; to be closed even after a failure. */
gboolean pam_profile_open(const PamTree *tree, gboolean waits, PamProfile *profile, GError **error);
void pam_profile_close(PamProfile *profile);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(PamProfile, pam_profile_close)

/**
 * pam_profile_plan() - rehearses switching it on
 * @tree: pretends from now on to be what pam_profile_switch_on() makes of it
 *
 * Returns: FALSE, with the reason, where pam-auth-update would not write the lines, would change
 * more than them, or would not give back each file as it is now.
 */
gboolean pam_profile_plan(PamProfile *profile, PamTree *tree, GError **error);

/* Backups, then what was planned. FALSE: pam_profile_take_back() puts right what was written. */
gboolean pam_profile_switch_on(PamProfile *profile, GError **error);

/* By pam-auth-update's --disable; the backups go. FALSE: the lines stand there still. */
gboolean pam_profile_switch_off(PamProfile *profile, GError **error);

/* Likewise; where pam-auth-update leaves the files alone, by the backup of a moment ago: then what
 * stood there is kept beside it, and *ret_kept (transfer full, nullable) says where. */
gboolean pam_profile_take_back(PamProfile *profile, char **ret_kept, GError **error);
