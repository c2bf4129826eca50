/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* metadata.h - what we say about ourselves; exactly what is true now */

#include "core/tenant.h"
#include "crypto/jws-public.h"

/* RFC 8414 and OpenID Connect Discovery 1.0: one document serves both. (transfer full) */
char *metadata_json(const Tenant *tenant);

/* RFC 7517: @keys: of const JwsPublic. (transfer full) */
char *metadata_jwks_json(const GPtrArray *keys);
