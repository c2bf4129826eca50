/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * scope.h - sets of scopes (RFC 6749 3.3)
 *
 * profile, email, address and phone of OIDC Core 5.4 are taken and add nothing: there is no such
 * data to give.
 */

#include <glib.h>

#define SCOPES_MAX      32U
#define SCOPE_BYTES_MAX 64U

/* Reads a parameter; doubles and the four above fall away; NULL is the empty set. FALSE: malformed,
 * or too many. */
gboolean scope_parse(const char *text, char ***ret_scopes);
char *scope_text(const char *const *scopes); /* (transfer full) */
gboolean scope_has(const char *const *scopes, const char *scope);
gboolean scope_within(const char *const *some, const char *const *all);
char **scope_join(const char *const *a, const char *const *b); /* (transfer full) */
/* May an app have it? openid, profile.basic, offline_access, and those of backends. */
gboolean scope_is_known(const char *scope);
/* May an API key have it? */
gboolean scope_is_of_backends(const char *scope);
