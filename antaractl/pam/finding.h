/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* finding.h - what is wrong, or could be better, with where it stands and what to do */

#include <glib.h>
#include <jansson.h>

typedef enum FindingLevel {
    FINDING_TRAP,    /* lets the wrong people in, or hangs or locks the machine */
    FINDING_WARNING, /* an outage will hurt, or a check is missing */
    FINDING_ADVICE,
} FindingLevel;

/**
 * finding_add() - one row more of @findings
 * @code: a short name for programs
 * @file: (nullable): where; @line 0: all of it
 * @words: what it is, and what to do
 */
void finding_add(
    json_t *findings,
    FindingLevel level,
    const char *code,
    const char *file,
    guint line,
    const char *words);
