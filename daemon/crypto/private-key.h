/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * private-key.h - a key that rests in a Secret, and is GnuTLS's only while it signs
 *
 * GnuTLS keeps a key in common memory, which core dumps hold, and what it reads as PKCS #8 stays
 * there for ever. So a key on a curve rests as bare numbers, and a file is taken apart here.
 * Loading RSA costs 8 µs, signing 1,500. For the files of crypto/ alone.
 */

#include "base/secret.h"

#include <gnutls/abstract.h>

#define PRIVATE_KEY_RSA_BITS_MIN  2048U
#define PRIVATE_KEY_RSA_BITS_MAX  4096U /* one signature of more holds everybody up for too long */
#define PRIVATE_KEY_RSA_BYTES_MAX 4096U /* as PKCS #1; 4096 bits have some 2,350 */

typedef struct PrivateKey {
    gnutls_pk_algorithm_t kind;
    gnutls_ecc_curve_t curve; /* INVALID for RSA */
    guint bits;               /* as the certificate has it; 0 without one */
    Secret *secret;           /* as private_key_new() takes it */
} PrivateKey;

/* How many coordinates a point has: 2 for ECDSA, 1 for Ed25519. */
guint private_key_coordinates(gnutls_pk_algorithm_t kind);

/**
 * private_key_new() - a key of the keyring
 * @bytes: PKCS #1 for RSA; on a curve the point and the secret number, each with as many octets as
 *         the curve has
 *
 * Whether they are a key is seen when it is loaded.
 *
 * Returns: NULL when @size can't be one of these.
 */
PrivateKey *private_key_new(
    gnutls_pk_algorithm_t kind,
    gnutls_ecc_curve_t curve,
    const void *bytes,
    gsize size);

/**
 * private_key_read() - takes the key of a certificate apart
 * @pem: PKCS #8, PKCS #1 or SEC 1, not encrypted; NUL-terminated; written over
 * @public: of the certificate: says what kind of key that must be
 *
 * Good are RSA of 2048 to 4096 bits, ECDSA of P-256 and P-384, and Ed25519. Whether both are halves
 * of one key is not looked at here.
 *
 * Source: RFC 7468, 5208 5, 5915 3, 8410 7.
 *
 * Returns: NULL with an error.
 */
PrivateKey *private_key_read(char *pem, gnutls_pubkey_t public, GError **error);

void private_key_free(PrivateKey *key); /* NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(PrivateKey, private_key_free)

/* As GnuTLS has it, in common memory: gnutls_privkey_deinit() wipes that, secret_wipe_stack() what
 * it left on the stack. Returns: a code of GnuTLS. */
int private_key_load(const PrivateKey *key, gnutls_privkey_t *ret_loaded);

/* Loads, signs, and leaves nothing behind. @ret_signature: gnutls_free(). Returns: a code of
 * GnuTLS.
 */
int private_key_sign(
    const PrivateKey *key,
    gnutls_sign_algorithm_t algorithm,
    const gnutls_datum_t *data,
    gnutls_datum_t *ret_signature);

/* A handle that signs with @key, which must outlive it. Returns: a code of GnuTLS. */
int private_key_lend(PrivateKey *key, gnutls_privkey_t *ret_handle);
