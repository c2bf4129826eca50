/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* redirect.h - where an authorization answer goes: a registered URI with our parameters behind it
 */

#include <glib.h>

typedef struct RedirectParameter {
    const char *name;
    const char *value; /* any bytes; NULL: left out */
} RedirectParameter;

/**
 * redirect_uri_with() - append parameters to a registered URI, with or without a query of its own
 * @parameters: ended by a row whose name is NULL
 *
 * Source: RFC 6749 4.1.2, 4.1.2.1, 3.1.2 (its query must be kept).
 *
 * Returns: (transfer full): the location.
 */
char *redirect_uri_with(const char *uri, const RedirectParameter *parameters);
