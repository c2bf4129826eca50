/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* control.h - the second word of a line of PAM: what each answer of a module does to the stack */

#include <glib.h>

/* Codes are libpam's own, PAM_SUCCESS to PAM_INCOMPLETE. */
#define PAM_CODES 32

/* A positive number skips as many modules. */
typedef enum PamAction {
    PAM_ACTION_IGNORE = 0,
    PAM_ACTION_OK = -1,
    PAM_ACTION_DONE = -2,
    PAM_ACTION_BAD = -3,
    PAM_ACTION_DIE = -4,
    PAM_ACTION_RESET = -5,
} PamAction;

typedef struct PamControl {
    int actions[PAM_CODES];
} PamControl;

/**
 * pam_control_read() - "sufficient", or the inside of "[success=2 default=ignore]"
 * @words: what stands between the brackets, or the bare word
 * @is_list: it stood between brackets
 *
 * What a list doesn't name is ignored, as pam.conf(5) has it.
 * Returns: FALSE, with @ret_wrong (a static text), when libpam would not understand it.
 */
gboolean pam_control_read(
    const char *words,
    gboolean is_list,
    PamControl *ret_control,
    const char **ret_wrong);

/* "auth_err"; the name that a list uses. */
const char *pam_code_name(int code);
