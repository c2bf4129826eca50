/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * local-user.h - who a caller is on this host, by NSS
 *
 * It blocks, so it is for a row's look(), or for its admit() once the rest would admit, and about
 * the caller alone: nobody makes us look up names of his choice.
 */

#include <glib.h>

#define LOCAL_USER_GROUPS_MAX 1024 /* with more, nobody can tell, and it counts as privileged */

typedef struct LocalUser {
    char *name;
    gid_t group;
} LocalUser;

void local_user_clear(LocalUser *user);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(LocalUser, local_user_clear)

/* FALSE with an error when the uid has no name here, or nobody can tell. */
gboolean local_user_find(guint32 uid, LocalUser *ret_user, GError **error);

/**
 * local_user_is_privileged() - may he become root by what he is in?
 *
 * The same as the PAM module says of the user of a conversation: uid 0, or a member of one of
 * ANTARA_PRIVILEGED_GROUPS.
 *
 * Returns: FALSE with an error when that can't be told.
 */
gboolean local_user_is_privileged(
    guint32 uid,
    const LocalUser *user,
    gboolean *ret_privileged,
    GError **error);
