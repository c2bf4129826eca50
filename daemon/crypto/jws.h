/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* jws.h - signed tokens (RFC 7515, 7518): RS256 */

#include <glib.h>

typedef struct JwsKey JwsKey;

/* @der: an RSA private key as KEY_SIGNING holds it. */
JwsKey *jws_key_load(const void *der, gsize size, GError **error);
JwsKey *jws_key_ref(JwsKey *key); /* thread safe */
void jws_key_unref(JwsKey *key);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(JwsKey, jws_key_unref)

/* RFC 7638 thumbprint, base64url. */
const char *jws_key_id(const JwsKey *key);

/* base64url of modulus and exponent, for a JWK (RFC 7518 6.3.1). */
const char *jws_key_modulus(const JwsKey *key);
const char *jws_key_exponent(const JwsKey *key);

/* Makes a new RSA key of 2048 bits as DER. */
GBytes *jws_key_make(GError **error);

/**
 * jws_sign() - compact serialization
 * @payload: JSON text
 * @type: (nullable): "typ" of the header
 *
 * Takes 1.5 ms: call it after the transaction.
 *
 * Returns: (transfer full): header.payload.signature, or NULL with an error.
 */
char *jws_sign(const JwsKey *key, const char *type, const char *payload, GError **error);

/* left half of SHA-256, base64url: at_hash (OIDC Core 3.1.3.6). (transfer full) */
char *jws_half_hash(const char *text);
