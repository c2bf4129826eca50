/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* jws.h - signed tokens (RFC 7515, 7518, 8037): RS256, ES256 and EdDSA with Ed25519 */

#include "crypto/jws-public.h"

typedef struct JwsKey JwsKey;

/* @bytes: a private key as the keyring holds it: PKCS #1 for RS256; for the others the point on the
 * curve (x and y for ES256, x for EdDSA) and the secret number, 32 octets each. */
JwsKey *jws_key_load(JwsAlg alg, const void *bytes, gsize size, GError **error);
JwsKey *jws_key_ref(JwsKey *key); /* thread safe */
void jws_key_unref(JwsKey *key);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(JwsKey, jws_key_unref)

/* (transfer none): lives as long as the key. */
const JwsPublic *jws_key_public(const JwsKey *key);

/* Makes a new key as jws_key_load() takes it; an RSA one has 2048 bits and takes some 100 ms. */
GBytes *jws_key_make(JwsAlg alg, GError **error);

/**
 * jws_sign() - compact serialization
 * @payload: JSON text
 * @type: (nullable): "typ" of the header
 *
 * RS256 takes 1.5 ms: call it after the transaction.
 *
 * Returns: (transfer full): header.payload.signature, or NULL with an error.
 */
char *jws_sign(const JwsKey *key, const char *type, const char *payload, GError **error);

/* Left half of the hash that the algorithm has, base64url: at_hash (OpenID Connect Core 3.1.3.6).
 * (transfer full) */
char *jws_half_hash(JwsAlg alg, const char *text);
