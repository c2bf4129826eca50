/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * private-key.h - the key of a certificate: it rests in a Secret, and is GnuTLS's only while it
 * signs
 *
 * GnuTLS keeps a key in common memory, which core dumps hold, and what it reads as PKCS #8 stays
 * there for ever. So the file is taken apart here, and a key on a curve rests as its bare number.
 * For the files of crypto/ alone.
 */

#include "base/secret.h"

#include <gnutls/abstract.h>

#define PRIVATE_KEY_RSA_BITS_MIN 2048U
#define PRIVATE_KEY_RSA_BITS_MAX 4096U /* one signature of more holds everybody up for too long */

typedef struct PrivateKey PrivateKey;

/**
 * private_key_new() - takes a key apart
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
PrivateKey *private_key_new(char *pem, gnutls_pubkey_t public, GError **error);
void private_key_free(PrivateKey *key); /* NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(PrivateKey, private_key_free)

/* A handle that signs with @key, which must outlive it. Returns: a code of GnuTLS. */
int private_key_lend(PrivateKey *key, gnutls_privkey_t *ret_handle);
