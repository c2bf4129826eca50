/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * introspection.h - what a token of the caller's own app is (RFC 7662)
 *
 * Of any other app's token, and of anything that is no good token, the answer is the same: not
 * active.
 */

#include "core/app-token.h"
#include "core/chain.h"

typedef struct IntrospectionAsked {
    const Caller *caller; /* CALLER_APP_TOKEN */
    const char *token;    /* untrusted */
} IntrospectionAsked;

typedef struct IntrospectionAnswer {
    Reason reason; /* TOKEN_INVALID, SCOPE_MISSING: of the caller */
    gboolean active;
    gboolean refresh; /* a refresh token: good for the token endpoint alone */
    char **scopes;
    char *resource; /* NULL: none */
    char client_id[ID_TEXT_CHARS + 1];
    char subject[ID_TEXT_CHARS + 1]; /* "": of a backend */
    gint64 issued_usec, expires_usec;
} IntrospectionAnswer;

ACT_DECLARE(introspection_look, IntrospectionAsked, IntrospectionAnswer);
