/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* headers.h - the security headers that every answer carries (design: each costs time, so JSON has
 * few) */

#include "http/route.h"

#define HEADERS_HSTS "max-age=31536000" /* Strict-Transport-Security, for an https issuer */

/* name, value, name, value …, NULL: what every answer of this face carries beside its policy. */
const char *const *headers_for(RouteFace face);

/* (transfer full): a page's Content-Security-Policy; @form_action: further sources of its forms, or
 * ""; @script_hash: base64 of the SHA-256 of its one script, or NULL. */
char *headers_page_policy(const char *form_action, const char *script_hash);

/* (transfer none): that of anything else. */
const char *headers_api_policy(void);

/* A whole answer to what never reached a handler: status line, security headers, no body to speak
 * of, close. @hsts: with Strict-Transport-Security too. */
char *headers_bare_answer(guint status, gboolean hsts);
