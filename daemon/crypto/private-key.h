/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * private-key.h - a private key rests in a Secret, and is GnuTLS's only while it signs
 *
 * GnuTLS keeps a key in common memory, which core dumps hold. Loading an RSA key costs 8 µs,
 * signing 1,500. For the files of crypto/ alone.
 */

#include "base/secret.h"

#include <gnutls/abstract.h>

/* @der: PKCS #8, PKCS #1 or SEC 1. gnutls_privkey_deinit(), which wipes, and then
 * secret_wipe_stack(). */
gboolean
private_key_load(const void *der, gsize size, gnutls_privkey_t *ret_loaded, GError **error);

/* gnutls_privkey_sign_data2() or gnutls_privkey_sign_hash2(). */
typedef int (*PrivateKeySign)(
    gnutls_privkey_t key,
    gnutls_sign_algorithm_t algorithm,
    unsigned flags,
    const gnutls_datum_t *data,
    gnutls_datum_t *ret_signature);

/* Signs, and leaves nothing of the key behind. @ret_signature: gnutls_free(). Returns: a code of
 * GnuTLS. */
int private_key_sign(
    const Secret *der,
    PrivateKeySign sign,
    gnutls_sign_algorithm_t algorithm,
    const gnutls_datum_t *data,
    gnutls_datum_t *ret_signature);
