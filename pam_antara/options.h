/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* options.h - what stands behind pam_antara.so in the service's file */

#include <security/pam_modules.h>
#include <stdbool.h>

#define TIMEOUT_SECONDS_MAX     300U
#define TIMEOUT_SECONDS_DEFAULT TIMEOUT_SECONDS_MAX /* the daemon knows what fits each service */

typedef struct Options {
    unsigned timeout_seconds; /* 1 to TIMEOUT_SECONDS_MAX */
    const char *qr;           /* auto, on, off, inverse */
    bool slug;                /* ANTARA_SLUG goes to the session's environment */
    bool debug;
} Options;

/* Reads the options; a wrong or unknown one is logged and passed over. The texts of @arguments
 * must outlive the result. */
Options options_read(pam_handle_t *handle, int count, const char **arguments);
