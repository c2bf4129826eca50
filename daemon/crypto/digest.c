/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "crypto/digest.h"

#include <nettle/memops.h>
#include <nettle/sha2.h>
#include <string.h>

void sha256(const void *data, gsize size, guint8 ret_digest[SHA256_BYTES])
{
    struct sha256_ctx context;

    sha256_init(&context);
    sha256_update(&context, size, data);
    sha256_digest(&context, SHA256_BYTES, ret_digest);
}

void sha512(const void *data, gsize size, guint8 ret_digest[SHA512_BYTES])
{
    struct sha512_ctx context;

    sha512_init(&context);
    sha512_update(&context, size, data);
    sha512_digest(&context, SHA512_BYTES, ret_digest);
}

struct Digest {
    struct sha256_ctx context;
};

Digest *digest_new(void)
{
    Digest *digest = g_new(Digest, 1);

    sha256_init(&digest->context);
    return digest;
}

void digest_add(Digest *digest, const void *data, gsize size)
{
    sha256_update(&digest->context, size, data);
}

void digest_end(Digest *digest, guint8 ret_digest[SHA256_BYTES])
{
    sha256_digest(&digest->context, SHA256_BYTES, ret_digest);
}

void digest_free(Digest *digest)
{
    g_free(digest);
}

void mac_key_init(MacKey *key, const guint8 bytes[MAC_KEY_BYTES])
{
    hmac_sha256_set_key(&key->begun, MAC_KEY_BYTES, bytes);
}

void mac_make(const MacKey *key, const Piece *pieces, gsize n_pieces, guint8 ret_mac[SHA256_BYTES])
{
    struct hmac_sha256_ctx context = key->begun;

    for (gsize i = 0; i < n_pieces; i++) {
        hmac_sha256_update(&context, pieces[i].size, pieces[i].data);
    }
    hmac_sha256_digest(&context, SHA256_BYTES, ret_mac);
    explicit_bzero(&context, sizeof(context));
}

void hmac_sha256(
    const guint8 key[32],
    const Piece *pieces,
    gsize n_pieces,
    guint8 ret_mac[SHA256_BYTES])
{
    MacKey once;

    mac_key_init(&once, key);
    mac_make(&once, pieces, n_pieces, ret_mac);
    explicit_bzero(&once, sizeof(once));
}

gboolean secret_equal(gconstpointer a, gconstpointer b, gsize size)
{
    return nettle_memeql_sec(a, b, size);
}
