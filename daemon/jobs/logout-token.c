/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "jobs/logout-token.h"

#include "crypto/random.h"

#include <jansson.h>

#define LOGOUT_EVENT "http://schemas.openid.net/event/backchannel-logout"

/* Never a nonce: so it is no ID token (2.4, 2.6). */
static char *claims_make(const char *issuer, const OutboxEntry *entry, gint64 now_usec)
{
    const json_int_t now = now_usec / USEC_PER_SEC;
    char jti[ID_TEXT_CHARS + 1];
    Id id;

    random_id(&id);
    id_to_text(&id, jti);
    json_t *claims = json_pack(
        "{s:s, s:s, s:I, s:I, s:s, s:s, s:s, s:{s:{}}}", "iss", issuer, "aud", entry->client_id,
        "iat", now, "exp", now + LOGOUT_TOKEN_SECONDS, "jti", jti, "sub", entry->subject, "sid",
        entry->sid, "events", LOGOUT_EVENT);
    g_assert(claims);
    char *text = json_dumps(claims, JSON_COMPACT);
    json_decref(claims);
    return text;
}

char *logout_token_make(
    const SigningKeys *keys,
    const char *issuer,
    const OutboxEntry *entry,
    gint64 now_usec,
    GError **error)
{
    g_autofree char *claims = claims_make(issuer, entry, now_usec);

    return jws_sign(signing_keys_current(keys, (JwsAlg)entry->alg), "logout+jwt", claims, error);
}
