/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * signing-keys.h - all with which a tenant signs, or signed, as one thing
 *
 * A key that was rotated out signs no more at once; it stays in the JWKS for SIGNING_OVERLAP_USEC,
 * longer than any token that it signed lives, and verifies an id_token_hint for as long as the
 * keyring has it.
 */

#include "crypto/jws.h"
#include "store/txn.h"

#define SIGNING_OVERLAP_USEC USEC_PER_DAY

typedef struct SigningKeys SigningKeys;

SigningKeys *signing_keys_load(const Txn *txn, GError **error);
void signing_keys_free(SigningKeys *keys);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SigningKeys, signing_keys_free)

/* (transfer none) */
const JwsKey *signing_keys_current(const SigningKeys *keys, JwsAlg alg);

/* The current and the retired one with that "kid"; NULL: there is none. (transfer none) */
const JwsPublic *signing_keys_find(const SigningKeys *keys, const char *id);

/* What the JWKS shows: (transfer container): of const JwsPublic. */
GPtrArray *signing_keys_published(const SigningKeys *keys, gint64 now_usec);
