/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* agent.h - somebody for polkit to ask by: in a terminal without a desktop there is nobody else */

#include <glib.h>

/* Begins pkttyagent for this process, when a person who is not root sits at a terminal, and waits
 * until polkit knows it. 0: none. */
GPid agent_open(void);
void agent_close(GPid agent); /* 0 is fine */
