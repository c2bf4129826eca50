/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* outage.h - which sign-ins still work while something is away, by playing them through the stack
 */

#include "antaractl/pam/scene.h"

#include <jansson.h>

/* (transfer full): for each thing away a row {away, approval, password, key}; "yes", "no",
 * "+password" (only with it), "signed in" (only from a browser that is signed in already). Approval
 * is there where Antara is asked, key for sshd. */
json_t *outage_matrix(const PamTree *tree, const PamStack *stack);
