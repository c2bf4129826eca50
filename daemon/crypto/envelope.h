/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * envelope.h - emails at rest: each has its own data key (DEK), drawn anew at each write and
 * wrapped by the KEK; both AES-256-GCM. Associated data: tenant, kind, record and the KEK's id. All
 * sealed emails are of one size, so that none is known by its length.
 */

#include "crypto/keks.h"

#define ENVELOPE_EMAIL_BYTES 256U /* zeros behind a shorter one */

/* @bound: what the sealed email belongs to: bytes of tenant, kind and record id, made by the
 * caller. @email: ENVELOPE_EMAIL_BYTES at most. */
GBytes *envelope_close(const Keks *keks, GBytes *bound, const char *email);

/* Returns: (transfer full): the email, or NULL with an error (a KEK that is not there: its id is
 * named). */
char *envelope_open(const Keks *keks, GBytes *bound, GBytes *sealed, GError **error);
