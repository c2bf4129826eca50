/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* id-token.h - the ID token (OpenID Connect Core 2): who signed in, and nothing about the person */

#include "core/chain.h"
#include "core/signing-keys.h"

#define ID_TOKEN_SECONDS 300
#define ID_TOKEN_ACR     "urn:antara:mail"

/* (transfer full): the claims as JSON. @answer: has a subject and an access token. */
char *id_token_claims(const char *issuer, const TokenAnswer *answer);

/* Signs them with the key of answer->alg. (transfer full), NULL with an error. */
char *id_token_make(
    const SigningKeys *keys,
    const char *issuer,
    const TokenAnswer *answer,
    GError **error);
