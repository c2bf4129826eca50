/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* jws-inside.h - what the halves of a key share; for the files of crypto/ alone */

#include "crypto/jws-public.h"

#include <gnutls/abstract.h>
#include <gnutls/crypto.h>

#define JWS_EC_BYTES 32U /* a number of P-256 */

typedef struct JwsAlgRow {
    const char *name, *type, *curve;
    gnutls_pk_algorithm_t pk;
    unsigned bits;
    gnutls_sign_algorithm_t sign;
} JwsAlgRow;

const JwsAlgRow *jws_alg_row(JwsAlg alg);

/* As many octets as the curve has, zeros before it (RFC 7518 6.2.1.2). */
void jws_put_number(guint8 place[JWS_EC_BYTES], const gnutls_datum_t *number);

/* Takes nothing over. */
JwsPublic *jws_public_from(JwsAlg alg, gnutls_pubkey_t loaded, GError **error);

/* A private key, as jws_key_load() takes it. Wiped by GnuTLS when it goes: gnutls_privkey_deinit().
 */
gboolean jws_private_load(
    JwsAlg alg,
    const void *bytes,
    gsize size,
    gnutls_privkey_t *ret_loaded,
    GError **error);
