/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* metadata.h - what we say about ourselves; exactly what is true now */

#include "core/tenant.h"
#include "crypto/jws.h"

/* RFC 8414 and OpenID Connect Discovery 1.0: one document serves both. (transfer full) */
char *metadata_json(const Tenant *tenant);

/* RFC 7517: the public key. (transfer full) */
char *metadata_jwks_json(const JwsKey *key);
