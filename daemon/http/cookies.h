/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* cookies.h - our two cookies: names, reading, setting */

#include "core/tenant.h"
#include "http/exchange.h"

/* __Host- names by the issuer's scheme, not the request's; plain ones under a loopback http issuer.
 */
const char *cookie_name(const Tenant *tenant, CookieKind kind);

/* The value in a Cookie header; NULL: none, or two of that name. (transfer full) */
char *cookie_read(const char *header, const char *name);

/* A Set-Cookie value; @value NULL ends it. (transfer full) */
char *cookie_write(const Tenant *tenant, CookieKind kind, const char *value, gint64 life_seconds);
