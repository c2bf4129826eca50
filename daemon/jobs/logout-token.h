/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* logout-token.h - the token that tells one app that a session of its is over (OpenID Connect
 * Back-Channel Logout 2.4): of the person it says no more than the app's ID token did */

#include "core/outbox.h"
#include "core/signing-keys.h"

#define LOGOUT_TOKEN_SECONDS 120

/**
 * logout_token_make() - made anew for each try
 * @entry: of OUTBOX_LOGOUT
 *
 * Returns: (transfer full): signed with the key of entry->alg; NULL with an error.
 */
char *logout_token_make(
    const SigningKeys *keys,
    const char *issuer,
    const OutboxEntry *entry,
    gint64 now_usec,
    GError **error);
