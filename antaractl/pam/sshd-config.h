/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* sshd-config.h - what sshd's own settings do to a prompt */

#include "antaractl/pam/finding.h"

/* Reads ROOT/etc/ssh/sshd_config and what it includes, up to its first Match. Nothing is added
 * where there is no such file. */
void sshd_config_look(json_t *findings, const char *root);

/* What it lets people try: a prompt of PAM (with URL and code, or for a password), a password
 * (there, or by sshd's own way), a key. */
typedef struct SshdWays {
    gboolean prompt, password, key;
} SshdWays;

/* Of the same files, as far. All is TRUE where there is none. */
SshdWays sshd_config_ways(const char *root);
