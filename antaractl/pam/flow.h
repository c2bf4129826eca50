/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* flow.h - libpam's own walk through a phase, with answers that the caller makes up */

#include "antaractl/pam/stack.h"

/* What the module of @line answers: a code of libpam. Called for each module that runs, in order.
 */
typedef int (*PamAnswer)(const PamLine *line, gpointer data);

/**
 * pam_flow() - what an application would get
 * @steps: a phase of a stack
 *
 * Source: libpam 1.5, _pam_dispatch_aux(), for a chain that is not frozen.
 * Returns: PAM_SUCCESS only when some module said so and none refused.
 */
int pam_flow(const GPtrArray *steps, PamAnswer answer, gpointer data);
