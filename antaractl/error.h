/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* error.h - what a command failed by: the exit status, and whether --help would help */

#include <glib.h>

#define CTL_ERROR (ctl_error_quark())
typedef enum CtlError {
    CTL_ERROR_FAILED,
    CTL_ERROR_NOT_FOUND,
    CTL_ERROR_USAGE,
    CTL_ERROR_SETTLED, /* antarad: it is so already, or by the configuration file */
    CTL_ERROR_AWAY,    /* antarad or the bus can't be reached */
    CTL_ERROR_DENIED,  /* polkit said no */
} CtlError;
GQuark ctl_error_quark(void);

/* FALSE, with @words in *error. */
gboolean ctl_fail(GError **error, const char *words, ...) G_GNUC_PRINTF(2, 3);
