/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* doctor.h - what antaractl pam doctor tells of one tree: its stacks in words, traps, outages */

#include "antaractl/pam/tree.h"

#include <jansson.h>

/**
 * pam_doctor() - looks, and changes nothing
 * @service: (nullable): one; else those that ask Antara, or the usual ones when none does
 *
 * Returns: (transfer full): {services: [{service, file, asks_antara, phases: {auth: [{where,
 * module, is, does}], account}, findings, outage}], findings}; NULL when the service named isn't
 * there. A stack that can't be read is a finding.
 */
json_t *pam_doctor(const PamTree *tree, const char *service, GError **error);

/* For people, to standard output. */
void pam_doctor_print(const json_t *told);
