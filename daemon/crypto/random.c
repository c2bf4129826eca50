/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "crypto/random.h"

#include <gnutls/crypto.h>

#define BASE64URL_DASH 62U /* RFC 4648 5 */

void random_fill(void *ret_data, gsize size)
{
    if (gnutls_rnd(GNUTLS_RND_KEY, ret_data, size) < 0) {
        g_error("the generator of random numbers has failed");
    }
}

void random_nonce(void *ret_data, gsize size)
{
    if (gnutls_rnd(GNUTLS_RND_NONCE, ret_data, size) < 0) {
        g_error("the generator of random numbers has failed");
    }
}

void random_id(Id *ret_id)
{
    do {
        random_fill(ret_id->bytes, ID_BYTES);
    } while (ret_id->bytes[0] >> 2 == BASE64URL_DASH);
}

guint32 random_below(guint32 below)
{
    guint32 drawn = 0;

    g_assert(below > 0);
    /* Draws in the last, incomplete round of @below would come out too often. */
    guint32 limit = G_MAXUINT32 - G_MAXUINT32 % below;
    do {
        random_fill(&drawn, sizeof(drawn));
    } while (drawn >= limit);
    return drawn % below;
}
