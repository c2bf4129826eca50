/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "crypto/envelope.h"

#include "base/error.h"
#include "crypto/random.h"
#include "crypto/seal.h"

#include <string.h>

/* version, the KEK's id, the wrapped DEK, the sealed email with zeros behind */
#define VERSION       1U
#define HEAD_BYTES    (1 + KEK_ID_CHARS)
#define WRAPPED_BYTES (SEAL_KEY_BYTES + SEAL_OVERHEAD)

/* What both layers are bound to: version and KEK id, then the caller's bytes. */
static GBytes *bind_to(const guint8 *head, GBytes *bound)
{
    gsize size = 0;
    const void *data = g_bytes_get_data(bound, &size);
    g_autoptr(GByteArray) all = g_byte_array_sized_new((guint)(HEAD_BYTES + size));

    g_byte_array_append(all, head, HEAD_BYTES);
    g_byte_array_append(all, data, (guint)size);
    return g_byte_array_free_to_bytes(g_steal_pointer(&all));
}

GBytes *envelope_close(const Keks *keks, GBytes *bound, const char *email)
{
    const Kek *kek = keks_current(keks);
    gsize size = strlen(email);
    gsize total = HEAD_BYTES + WRAPPED_BYTES + ENVELOPE_EMAIL_BYTES + SEAL_OVERHEAD;
    guint8 *envelope = g_malloc(total);
    guint8 padded[ENVELOPE_EMAIL_BYTES] = {0};
    guint8 dek[SEAL_KEY_BYTES];
    gsize n_aad = 0;

    g_assert(size <= ENVELOPE_EMAIL_BYTES);
    memcpy(padded, email, size);
    envelope[0] = VERSION;
    memcpy(envelope + 1, kek_id(kek), KEK_ID_CHARS);
    g_autoptr(GBytes) all = bind_to(envelope, bound);
    const void *aad = g_bytes_get_data(all, &n_aad);
    random_fill(dek, sizeof(dek));
    kek_wrap(kek, aad, n_aad, dek, sizeof(dek), envelope + HEAD_BYTES);
    seal_close(dek, aad, n_aad, padded, sizeof(padded), envelope + HEAD_BYTES + WRAPPED_BYTES);
    secret_wipe(dek, sizeof(dek));
    secret_wipe(padded, sizeof(padded));
    return g_bytes_new_take(envelope, total);
}

/* The KEK that is needed; NULL with an error. */
static const Kek *head_read(const Keks *keks, const guint8 *data, gsize size, GError **error)
{
    if (size < HEAD_BYTES + WRAPPED_BYTES + SEAL_OVERHEAD || data[0] != VERSION) {
        g_set_error(error, ANTARA_ERROR, ANTARA_ERROR_DAMAGED, "a sealed email is damaged");
        return NULL;
    }
    const Kek *kek = keks_find(keks, (const char *)data + 1);
    if (!kek) {
        g_set_error(
            error, ANTARA_ERROR, ANTARA_ERROR_DAMAGED, "a sealed email needs the KEK %.*s",
            (int)KEK_ID_CHARS, (const char *)data + 1);
    }
    return kek;
}

char *envelope_open(const Keks *keks, GBytes *bound, GBytes *sealed, GError **error)
{
    gsize size = 0;
    gsize n_aad = 0;
    const guint8 *data = g_bytes_get_data(sealed, &size);
    guint8 dek[SEAL_KEY_BYTES];

    const Kek *kek = head_read(keks, data, size, error);
    if (!kek) {
        return NULL;
    }
    g_autoptr(GBytes) all = bind_to(data, bound);
    const void *aad = g_bytes_get_data(all, &n_aad);
    const guint8 *inner = data + HEAD_BYTES + WRAPPED_BYTES;
    gsize inner_size = size - HEAD_BYTES - WRAPPED_BYTES;
    g_autoptr(SecretText) email = g_malloc0(inner_size - SEAL_OVERHEAD + 1);
    gboolean good = kek_unwrap(kek, aad, n_aad, data + HEAD_BYTES, WRAPPED_BYTES, dek) &&
                    seal_open(dek, aad, n_aad, inner, inner_size, (guint8 *)email);
    secret_wipe(dek, sizeof(dek));
    if (!good) {
        g_set_error(error, ANTARA_ERROR, ANTARA_ERROR_DAMAGED, "a sealed email does not open");
        return NULL;
    }
    return g_steal_pointer(&email);
}
