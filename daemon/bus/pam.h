/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* pam.h - org.antara1.Pam: the conversations of this host's PAM module (dbus/org.antara1.Pam.xml)
 */

#include "bus/serve.h"

#define PAM_CONVERSATIONS_MAX 512U
/* Of one local user: nobody's knocking takes the places of all. More than sshd lets stand at once
 * (MaxStartups, 100 by default), so that knocks there end nothing that came by another way. */
#define PAM_CONVERSATIONS_USER_MAX 128U
/* Of programs that are not root, which take no place of root's: all, and of one user. */
#define PAM_UNPRIVILEGED_MAX      128U
#define PAM_UNPRIVILEGED_USER_MAX 4U

extern const BusPart pam_part;

/* (transfer full), g_free(): those under way, of what bus_server_part() gives for pam_part. */
Id *pam_conversations(gconstpointer part, guint *ret_count);
