/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* error.h - the one error domain: all code branches on Outcomes, so an error is words for the admin
 */

#include <glib.h>

#define ANTARA_ERROR (antara_error_quark())

typedef enum AntaraError {
    ANTARA_ERROR_FAILED,  /* could not be done; the message says what to do */
    ANTARA_ERROR_CONFIG,  /* the configuration refuses to start */
    ANTARA_ERROR_DAMAGED, /* stored bytes are not what we wrote */
    ANTARA_ERROR_NO_ROOM, /* no room on the disk, or no descriptor left: read-only for now */
    ANTARA_ERROR_STOPPED, /* given up half-way, because the daemon stops; nothing is lost */
} AntaraError;

GQuark antara_error_quark(void);
