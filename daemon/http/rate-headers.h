/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * rate-headers.h - what a request was charged, told in its answer
 *
 * Source: draft-ietf-httpapi-ratelimit-headers, as structured fields (RFC 9651): a policy is a
 * name, its quota (q) and its window in seconds (w); a limit is the same name, what remains (r),
 * and the seconds until the quota is whole again (t).
 */

#include "core/limit.h"

/* (transfer full): values of RateLimit-Policy and of RateLimit; @standing has a row at least. */
char *rate_policy_text(const LimitStanding *standing);
char *rate_limit_text(const LimitStanding *standing);
