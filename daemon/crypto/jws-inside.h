/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* jws-inside.h - what the halves of a key share; for the files of crypto/ alone */

#include "crypto/jws-public.h"

#include <gnutls/abstract.h>
#include <gnutls/crypto.h>

#define JWS_EC_BYTES 32U /* a number of P-256 */

typedef struct JwsAlgRow {
    const char *name, *type, *curve_name;
    gnutls_pk_algorithm_t pk;
    gnutls_ecc_curve_t curve;
    unsigned bits;
    gnutls_sign_algorithm_t sign;
} JwsAlgRow;

const JwsAlgRow *jws_alg_row(JwsAlg alg);

/* Takes nothing over. */
JwsPublic *jws_public_from(JwsAlg alg, gnutls_pubkey_t loaded, GError **error);
