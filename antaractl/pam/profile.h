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

#define PAM_PROFILE_FILES 2U /* that have lines of it: common-auth and common-account */

typedef struct PamProfile {
    char *root;
    PamFile files[PAM_AUTH_UPDATE_FILES]; /* of pam_auth_update_files; the first has the lock */
    char *next[PAM_AUTH_UPDATE_FILES];    /* what they are to become */
    GError *missing;                      /* why one of the others can't be opened; NULL: all are */
    int debconf_lock;                     /* 0: none */
} PamProfile;

/* As pam_file_open(), for all of the files; to be closed even after a failure. Only the two that
 * have lines of the profile must be there: their backups can be put back without the others. */
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

/* Once it is off: what is left of an earlier time must not come back. */
void pam_profile_drop_backups(PamProfile *profile);

/* Nobody else runs pam-auth-update from now on, until pam_profile_switch_on() has ended. */
gboolean pam_profile_lock(PamProfile *profile, GError **error);

/* Backups, then what was planned. FALSE: if pam_profile_is_written(), pam_profile_take_back() puts
 * that right. */
gboolean pam_profile_switch_on(PamProfile *profile, GError **error);
gboolean pam_profile_is_written(const PamProfile *profile);

/* By pam-auth-update's --disable; the backups go. FALSE: lines stand there still, maybe fewer. */
gboolean pam_profile_switch_off(PamProfile *profile, GError **error);

/* Likewise, whoever has debconf's lock; where pam-auth-update fails or leaves the files alone, by
 * the backup of a moment ago: then what stood there is kept beside it, and *ret_kept (transfer
 * full, nullable) says where. */
gboolean pam_profile_take_back(PamProfile *profile, char **ret_kept, GError **error);
