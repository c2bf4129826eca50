/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* authorization-check.h - the parameters of an authorization request (RFC 6749 4.1.1, RFC 7636,
 * OIDC Core 3.1.2.1) */

#include "core/authorization.h"

#define PROMPT_NONE    1U
#define PROMPT_LOGIN   2U
#define PROMPT_CONSENT 4U
#define PROMPT_SELECT  8U

/* What an answer to the app needs, before anything else is checked. (transfer full) */
Authorization *
authorization_new(const AuthorizationParameters *parameters, const App *app, gint64 now_usec);

/**
 * authorization_check() - everything but client and redirect URI, which were found good
 * @ret_description: (out): static words in the characters of RFC 6749 4.1.2.1
 *
 * Fills in @authorization.
 *
 * Returns: REASON_NONE, or why the app gets an error.
 */
Reason authorization_check(
    const AuthorizationParameters *parameters,
    const App *app,
    Authorization *authorization,
    const char **ret_description);
