/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * envelope.h - emails at rest: each has its own data key (DEK), drawn anew at each write and
 * wrapped by the KEK; both AES-256-GCM. Associated data: tenant, kind, record and the KEK's id.
 */

#include "crypto/keks.h"

/* What the sealed email belongs to: bytes of tenant, kind and record id, made by the caller. */
GBytes *envelope_close(const Keks *keks, GBytes *bound, const char *email);

/* Returns: (transfer full): the email, or NULL with an error (a KEK that is not there: its id is
 * named). */
char *envelope_open(const Keks *keks, GBytes *bound, GBytes *sealed, GError **error);
