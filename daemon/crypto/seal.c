/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "crypto/seal.h"

#include "crypto/digest.h"
#include "crypto/random.h"

#include <nettle/gcm.h>
#include <string.h>

#define NONCE_BYTES ((gsize)GCM_IV_SIZE)
#define TAG_BYTES   ((gsize)GCM_DIGEST_SIZE)

G_STATIC_ASSERT(GCM_IV_SIZE + GCM_DIGEST_SIZE == SEAL_OVERHEAD);

static void gcm_begin(
    struct gcm_aes256_ctx *context,
    const guint8 *key,
    const guint8 *nonce,
    const void *bound,
    gsize bound_size)
{
    gcm_aes256_set_key(context, key);
    gcm_aes256_set_iv(context, NONCE_BYTES, nonce);
    if (bound_size > 0) {
        gcm_aes256_update(context, bound_size, bound);
    }
}

void seal_close(
    const guint8 key[SEAL_KEY_BYTES],
    const void *bound,
    gsize bound_size,
    const void *plain,
    gsize size,
    guint8 *ret_sealed)
{
    struct gcm_aes256_ctx context;

    random_nonce(ret_sealed, NONCE_BYTES);
    gcm_begin(&context, key, ret_sealed, bound, bound_size);
    gcm_aes256_encrypt(&context, size, ret_sealed + NONCE_BYTES, plain);
    gcm_aes256_digest(&context, TAG_BYTES, ret_sealed + NONCE_BYTES + size);
    explicit_bzero(&context, sizeof(context));
}

gboolean seal_open(
    const guint8 key[SEAL_KEY_BYTES],
    const void *bound,
    gsize bound_size,
    const guint8 *sealed,
    gsize sealed_size,
    guint8 *ret_plain)
{
    struct gcm_aes256_ctx context;
    guint8 tag[GCM_DIGEST_SIZE];

    if (sealed_size < SEAL_OVERHEAD) {
        return FALSE;
    }
    gsize size = sealed_size - SEAL_OVERHEAD;
    gcm_begin(&context, key, sealed, bound, bound_size);
    gcm_aes256_decrypt(&context, size, ret_plain, sealed + NONCE_BYTES);
    gcm_aes256_digest(&context, TAG_BYTES, tag);
    explicit_bzero(&context, sizeof(context));
    if (!secret_equal(tag, sealed + NONCE_BYTES + size, TAG_BYTES)) {
        explicit_bzero(ret_plain, size);
        return FALSE;
    }
    return TRUE;
}
