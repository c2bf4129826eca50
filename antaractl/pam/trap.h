/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* trap.h - the known traps of a stack with pam_antara.so, found by playing sign-ins through it */

#include "antaractl/pam/finding.h"
#include "antaractl/pam/scene.h"

/* What is wrong with one service; adds nothing that has to do with Antara where it isn't used. */
void traps_of_stack(json_t *findings, const PamTree *tree, const PamStack *stack);

/* What is wrong with all of the tree: Antara where the machine's own work, or everything, asks it.
 */
void traps_of_tree(json_t *findings, const PamTree *tree);

/* TRUE for services whose work would wait for a person for ever: cron, atd, systemd-user. */
gboolean service_is_machine(const char *service);
