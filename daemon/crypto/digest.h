/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* digest.h - hashes, and comparing what must not be guessed */

#include <glib.h>
#include <nettle/hmac.h>

#define SHA256_BYTES  32U
#define SHA512_BYTES  64U
#define MAC_KEY_BYTES 32U

typedef struct Piece {
    const void *data;
    gsize size;
} Piece;

void sha256(const void *data, gsize size, guint8 ret_digest[SHA256_BYTES]);
void sha512(const void *data, gsize size, guint8 ret_digest[SHA512_BYTES]);

/* SHA-256 of what comes in parts. */
typedef struct Digest Digest;
Digest *digest_new(void);
void digest_add(Digest *digest, const void *data, gsize size);
/* Of all that was added; then it begins anew. */
void digest_end(Digest *digest, guint8 ret_digest[SHA256_BYTES]);
void digest_free(Digest *digest); /* NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Digest, digest_free)

/* A key of 32 bytes for many MACs: its own two blocks are hashed once. As secret as the key: it is
 * wiped as one. */
typedef struct MacKey {
    struct hmac_sha256_ctx begun;
} MacKey;

void mac_key_init(MacKey *key, const guint8 bytes[MAC_KEY_BYTES]);

/**
 * mac_make() - HMAC-SHA256 (RFC 2104) over several pieces, one after the other
 * @pieces: the caller sees to it that no two lists of pieces can join to the same bytes: all but
 * the last have a fixed size, or a length stands before them
 */
void mac_make(const MacKey *key, const Piece *pieces, gsize n_pieces, guint8 ret_mac[SHA256_BYTES]);

/* The same with a key that is used once. */
void hmac_sha256(
    const guint8 key[32],
    const Piece *pieces,
    gsize n_pieces,
    guint8 ret_mac[SHA256_BYTES]);

/**
 * secret_equal() - compare two secrets of the same length
 * @a, @b: @size bytes each
 *
 * Returns: TRUE if they are the same. The time taken depends on @size alone.
 */
gboolean secret_equal(gconstpointer a, gconstpointer b, gsize size);
