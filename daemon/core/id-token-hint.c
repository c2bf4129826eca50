/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "core/id-token-hint.h"

#include <jansson.h>
#include <string.h>

static json_t *read_object(GBytes *bytes)
{
    gsize size = 0;
    const char *data = bytes ? g_bytes_get_data(bytes, &size) : NULL;
    json_t *object = data ? json_loadb(data, size, JSON_REJECT_DUPLICATES, NULL) : NULL;

    if (object && !json_is_object(object)) {
        json_decref(object);
        return NULL;
    }
    return object;
}

static const char *text_of(const json_t *object, const char *name)
{
    return json_string_value(json_object_get(object, name));
}

/* The key that the header names, if its algorithm is the header's (RFC 8725 3.1). */
static const JwsPublic *key_of(const SigningKeys *keys, const char *text)
{
    g_autoptr(GBytes) bytes = jws_decode_header(text);
    json_t *header = read_object(bytes);
    const char *id = header ? text_of(header, "kid") : NULL;
    const char *alg = header ? text_of(header, "alg") : NULL;
    const char *type = header ? text_of(header, "typ") : NULL;
    const JwsPublic *key = id ? signing_keys_find(keys, id) : NULL;
    gboolean fits =
        key && g_strcmp0(alg, jws_alg_name(key->alg)) == 0 && g_strcmp0(type, "JWT") == 0;

    json_decref(header);
    return fits ? key : NULL;
}

static gboolean read_claims(const json_t *claims, const char *issuer, IdTokenHint *ret_hint)
{
    IdTokenHint hint = {.sid = ""};
    const char *audience = text_of(claims, "aud");
    const char *sid = text_of(claims, "sid");

    if (g_strcmp0(text_of(claims, "iss"), issuer) != 0 ||
        !id_from_text(text_of(claims, "sub"), &hint.subject) || !audience ||
        strlen(audience) != ID_TEXT_CHARS || (sid && strlen(sid) > ID_TOKEN_HINT_SID_BYTES_MAX)) {
        return FALSE;
    }
    (void)g_strlcpy(hint.client_id, audience, sizeof(hint.client_id));
    (void)g_strlcpy(hint.sid, sid ? sid : "", sizeof(hint.sid));
    *ret_hint = hint;
    return TRUE;
}

gboolean id_token_hint_read(
    const SigningKeys *keys,
    const char *issuer,
    const char *text,
    IdTokenHint *ret_hint)
{
    const JwsPublic *key = key_of(keys, text);
    g_autoptr(GBytes) payload = key ? jws_verify(key, text) : NULL;
    json_t *claims = read_object(payload);
    gboolean good = claims && read_claims(claims, issuer, ret_hint);

    json_decref(claims);
    return good;
}
