/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* sshd-config.h - what sshd's own settings do to a prompt */

#include "antaractl/pam/finding.h"

/* Reads ROOT/etc/ssh/sshd_config and what it includes, up to its first Match. Nothing is added
 * where there is no such file. */
void sshd_config_look(json_t *findings, const char *root);
