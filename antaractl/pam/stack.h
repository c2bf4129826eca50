/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* stack.h - what a service's four phases run, includes and substacks followed */

#include "antaractl/pam/line.h"
#include "antaractl/pam/tree.h"

#define PAM_INCLUDE_DEPTH_MAX 16U  /* libpam's own */
#define PAM_STEPS_MAX         512U /* lines of all phases, with those that include */

typedef struct PamStep {
    const PamLine *line; /* MODULE or SUBSTACK */
    GPtrArray *inside;   /* SUBSTACK: of PamStep */
} PamStep;

typedef struct PamStack {
    char *service;
    GPtrArray *phases[PAM_PHASES];   /* of PamStep */
    gboolean from_other[PAM_PHASES]; /* the service has no line of it, so "other" speaks */
    GPtrArray *files;                /* of GPtrArray of PamLine: owns the lines */
    GHashTable *includes;            /* names of all files it is made of */
} PamStack;

/**
 * pam_stack_read() - reads a service's file and all that it includes
 *
 * Returns: (transfer full): NULL with an error that names file and line: what libpam would refuse,
 * a circle, a missing file.
 */
PamStack *pam_stack_read(const PamTree *tree, const char *service, GError **error);
void pam_stack_free(PamStack *stack);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(PamStack, pam_stack_free)

/* The first line of @module in a phase, substacks too; NULL when there is none. */
const PamLine *pam_stack_find(const PamStack *stack, PamPhase phase, const char *module);
