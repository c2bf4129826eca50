/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* judge.h - whether a stack may become another one, found by playing sign-ins through both */

#include "antaractl/pam/stack.h"

/**
 * pam_judge_is_as_before() - who isn't approved is let in or refused as before, whatever Antara
 * answers, with antarad away and with the module removed
 * @tree: says which modules are there
 *
 * Returns: FALSE with "nothing was changed", and what to do.
 */
gboolean pam_judge_is_as_before(
    const PamTree *tree,
    const PamStack *before,
    const PamStack *after,
    GError **error);

/**
 * pam_judge_tree() - both judgements, of each service that a change of shared files reaches
 * @asked: services that people will be asked at: these must have no trap, too
 *
 * Returns: FALSE, naming the service. What can't be read before is none of the change's.
 */
gboolean
pam_judge_tree(const PamTree *before, const PamTree *after, const GPtrArray *asked, GError **error);

/* Approval lets in, past no second factor and no check; who lost his link is refused. */
gboolean pam_judge_has_no_trap(const PamTree *tree, const PamStack *stack, GError **error);
