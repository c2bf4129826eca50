/* SPDX-License-Identifier: GPL-3.0-or-later */

/* id-token.c - the claims, by name; what is not here is not in any ID token */

#include "http/id-token.h"

#include "base/clock.h"

#include <jansson.h>

char *id_token_claims(const char *issuer, const TokenAnswer *answer)
{
    const json_int_t now = answer->now_usec / USEC_PER_SEC;
    g_autofree char *at_hash = jws_half_hash((JwsAlg)answer->alg, answer->access_token);
    json_t *claims = json_pack(
        "{s:s, s:s, s:s, s:I, s:I, s:s, s:[s], s:s}", "iss", issuer, "sub", answer->subject, "aud",
        answer->client_id, "exp", now + ID_TOKEN_SECONDS, "iat", now, "acr", ID_TOKEN_ACR, "amr",
        "otp", "at_hash", at_hash);

    g_assert(claims != NULL);
    if (answer->sid != NULL && answer->sid[0] != '\0') {
        json_object_set_new(claims, "sid", json_string(answer->sid));
    }
    if (answer->nonce != NULL && answer->nonce[0] != '\0') {
        json_object_set_new(claims, "nonce", json_string(answer->nonce));
    }
    if (answer->auth_usec != 0) {
        json_object_set_new(claims, "auth_time", json_integer(answer->auth_usec / USEC_PER_SEC));
    }
    char *text = json_dumps(claims, JSON_COMPACT);
    json_decref(claims);
    return text;
}

char *id_token_make(
    const SigningKeys *keys,
    const char *issuer,
    const TokenAnswer *answer,
    GError **error)
{
    g_autofree char *claims = id_token_claims(issuer, answer);
    return jws_sign(signing_keys_current(keys, (JwsAlg)answer->alg), "JWT", claims, error);
}
