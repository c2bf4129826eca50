/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * id-token-hint.h - an ID token that an app sends back to say whom it means
 *
 * It proves that we once signed it, and no more: whoever holds it may not be the person. So it
 * chooses, and never signs in or out.
 */

#include "base/id.h"
#include "core/signing-keys.h"

#define ID_TOKEN_HINT_SID_BYTES_MAX 64U

typedef struct IdTokenHint {
    Id subject;                                /* a slug */
    char client_id[ID_TEXT_CHARS + 1];         /* its audience */
    char sid[ID_TOKEN_HINT_SID_BYTES_MAX + 1]; /* "": it had none */
} IdTokenHint;

/**
 * id_token_hint_read() - verify a hint
 * @issuer: of the tenant; the token's "iss" must be it
 * @text: untrusted
 *
 * An expired one, or one under a key that was retired, is good (OpenID Connect RP-Initiated
 * Logout 2); a logout token, or any other type, is not.
 *
 * Returns: FALSE, with @ret_hint untouched, unless we signed it as an ID token.
 */
gboolean id_token_hint_read(
    const SigningKeys *keys,
    const char *issuer,
    const char *text,
    IdTokenHint *ret_hint);
