/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* headers.h - the security headers that every answer carries (design: each costs time, so JSON has
 * few) */

#include "http/route.h"

/* name, value, name, value …, NULL: for an answer of this face. @form_action: further sources of a
 * page's forms, or "".
 * @hsts: under TLS. (transfer full) */
char **headers_for(RouteFace face, const char *form_action, gboolean hsts);

/* A whole answer to what never reached a handler: status line, security headers, no body to speak
 * of, close. */
char *headers_bare_answer(guint status);
