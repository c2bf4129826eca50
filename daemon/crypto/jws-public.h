/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* jws-public.h - the public half of a signing key: its numbers, its name, and what it verifies */

#include <glib.h>

typedef enum JwsAlg { JWS_RS256, JWS_ES256, JWS_EDDSA } JwsAlg; /* kept in records */
#define JWS_ALGS 3U

#define JWS_TOKEN_BYTES_MAX 8192U /* of a token that is to be verified */

const char *jws_alg_name(JwsAlg alg); /* RS256, ES256, EdDSA */
gboolean jws_alg_from_name(const char *name, JwsAlg *ret_alg);

/* Members of a JWK (RFC 7517, 7518 6, 8037 2); what its type has not is NULL. */
typedef struct JwsPublic {
    JwsAlg alg;
    const char *type;  /* kty */
    const char *curve; /* crv */
    char *modulus, *exponent;
    char *x, *y;
    char *id;     /* RFC 7638 thumbprint, base64url */
    GBytes *spki; /* DER (RFC 5280 4.1) */
} JwsPublic;

/* @spki: as in the struct; NULL with an error when it is no key of that algorithm. */
JwsPublic *jws_public_load(JwsAlg alg, const void *spki, gsize size, GError **error);
void jws_public_free(JwsPublic *key);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(JwsPublic, jws_public_free)

/**
 * jws_decode_header() - the header of a token, of which nothing is verified
 * @token: untrusted
 *
 * Returns: (transfer full): the decoded bytes; NULL when it is no compact serialization of three
 * parts, or longer than JWS_TOKEN_BYTES_MAX.
 */
GBytes *jws_decode_header(const char *token);

/**
 * jws_verify() - what a key of ours has signed
 * @key: that the token's header names; the header's "alg" must have been found to be the key's
 * @token: untrusted
 *
 * Returns: (transfer full): the decoded payload, or NULL: not signed by this key.
 */
GBytes *jws_verify(const JwsPublic *key, const char *token);
