/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* seal.h - AES-256-GCM with a random nonce (NIST SP 800-38D): nonce, ciphertext, tag */

#include <glib.h>

#define SEAL_KEY_BYTES 32U
#define SEAL_OVERHEAD  28U /* 12 nonce before, 16 tag behind */

/**
 * seal_close() - encrypt and authenticate
 * @bound: associated data: what the sealed bytes belong to; not hidden
 * @ret_sealed: room for @size + SEAL_OVERHEAD bytes
 */
void seal_close(
    const guint8 key[SEAL_KEY_BYTES],
    const void *bound,
    gsize bound_size,
    const void *plain,
    gsize size,
    guint8 *ret_sealed);

/**
 * seal_open() - the inverse
 * @ret_plain: room for @sealed_size - SEAL_OVERHEAD bytes; wiped on failure
 *
 * Returns: FALSE unless these very bytes were sealed under this key for this @bound.
 */
gboolean seal_open(
    const guint8 key[SEAL_KEY_BYTES],
    const void *bound,
    gsize bound_size,
    const guint8 *sealed,
    gsize sealed_size,
    guint8 *ret_plain);
