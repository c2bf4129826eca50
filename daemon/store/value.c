/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "store/value.h"

#include "base/clock.h"
#include "base/error.h"
#include "crypto/digest.h"
#include "crypto/seal.h"

#include <string.h>

#define VERSION    1U
#define HEAD_BYTES 9U /* version, key id, hour of expiry */

gboolean
value_keys_init(ValueKeys *keys, const Keyring *keyring, const char *tenant, GError **error)
{
    const Secret *index = keyring_current(keyring, tenant, KEY_INDEX, NULL);
    const Secret *data = keyring_current(keyring, tenant, KEY_DATA, &keys->data_id);

    if (!index || !data) {
        g_set_error(
            error, ANTARA_ERROR, ANTARA_ERROR_FAILED, "the tenant %s has no keys in this store",
            tenant);
        return FALSE;
    }
    keys->keyring = keyring;
    keys->tenant = tenant;
    keys->index = secret_peek(index);
    keys->data = secret_peek(data);
    return TRUE;
}

void address_init(Address *address, const char *tenant, guint32 kind, const void *id, gsize id_size)
{
    gsize chars = strlen(tenant);
    guint32 number = GUINT32_TO_LE(kind);

    address->size = 1 + chars + sizeof(number) + id_size;
    address->bytes = g_malloc(address->size);
    address->bytes[0] = (guint8)chars;
    memcpy(address->bytes + 1, tenant, chars);
    memcpy(address->bytes + 1 + chars, &number, sizeof(number));
    memcpy(address->bytes + 1 + chars + sizeof(number), id, id_size);
}

void address_clear(Address *address)
{
    g_clear_pointer(&address->bytes, g_free);
}

void value_key(const ValueKeys *keys, const Address *address, guint8 ret_key[TABLE_KEY_BYTES])
{
    const Piece piece = {address->bytes, address->size};
    guint8 mac[SHA256_BYTES];

    hmac_sha256(keys->index, &piece, 1, mac);
    memcpy(ret_key, mac, TABLE_KEY_BYTES);
}

/* A key for this record alone, so that random nonces never wear a key out. */
static void
record_key(const guint8 *data_key, const Address *address, guint8 ret_key[SEAL_KEY_BYTES])
{
    const Piece piece = {address->bytes, address->size};

    hmac_sha256(data_key, &piece, 1, ret_key);
}

static GByteArray *bind_to(const guint8 *head, const Address *address)
{
    GByteArray *bound = g_byte_array_sized_new((guint)(HEAD_BYTES + address->size));

    g_byte_array_append(bound, head, HEAD_BYTES);
    g_byte_array_append(bound, address->bytes, (guint)address->size);
    return bound;
}

static void write_head(guint8 *head, guint32 key_id, gint64 expires_usec)
{
    guint32 id = GUINT32_TO_LE(key_id);
    guint32 hour = GUINT32_TO_LE((guint32)((expires_usec + USEC_PER_HOUR - 1) / USEC_PER_HOUR));

    head[0] = VERSION;
    memcpy(head + 1, &id, sizeof(id));
    memcpy(head + 5, &hour, sizeof(hour));
}

GBytes *
value_seal(const ValueKeys *keys, const Address *address, GBytes *plain, gint64 expires_usec)
{
    gsize size = 0;
    const void *data = g_bytes_get_data(plain, &size);
    gint64 exact = GINT64_TO_LE(expires_usec);
    gsize inner_size = sizeof(exact) + size;
    g_autofree guint8 *inner = g_malloc(inner_size);
    guint8 *sealed = g_malloc(HEAD_BYTES + inner_size + SEAL_OVERHEAD);
    guint8 key[SEAL_KEY_BYTES];

    memcpy(inner, &exact, sizeof(exact));
    memcpy(inner + sizeof(exact), data, size);
    write_head(sealed, keys->data_id, expires_usec);
    g_autoptr(GByteArray) bound = bind_to(sealed, address);
    record_key(keys->data, address, key);
    seal_close(key, bound->data, bound->len, inner, inner_size, sealed + HEAD_BYTES);
    secret_wipe(key, sizeof(key));
    secret_wipe(inner, inner_size);
    return g_bytes_new_take(sealed, HEAD_BYTES + inner_size + SEAL_OVERHEAD);
}

static GBytes *damaged(GError **error, const Address *address)
{
    g_set_error(
        error, ANTARA_ERROR, ANTARA_ERROR_DAMAGED,
        "a record of the tenant %.*s is damaged, or stands in another's place", address->bytes[0],
        (const char *)address->bytes + 1);
    return NULL;
}

/* The data key that sealed these bytes, or NULL. */
static const Secret *key_of(const ValueKeys *keys, const guint8 *data, gsize size)
{
    guint32 id = 0;

    if (size < HEAD_BYTES + sizeof(gint64) + SEAL_OVERHEAD || data[0] != VERSION) {
        return NULL;
    }
    memcpy(&id, data + 1, sizeof(id));
    return keyring_by_id(keys->keyring, keys->tenant, KEY_DATA, GUINT32_FROM_LE(id));
}

GBytes *value_open(
    const ValueKeys *keys,
    const Address *address,
    GBytes *sealed,
    gint64 *ret_expires_usec,
    GError **error)
{
    gsize size = 0;
    const guint8 *data = g_bytes_get_data(sealed, &size);
    const Secret *data_key = key_of(keys, data, size);
    guint8 key[SEAL_KEY_BYTES];
    gint64 exact = 0;

    if (!data_key) {
        return damaged(error, address);
    }
    gsize inner_size = size - HEAD_BYTES - SEAL_OVERHEAD;
    g_autofree guint8 *inner = g_malloc(inner_size);
    g_autoptr(GByteArray) bound = bind_to(data, address);
    record_key(secret_peek(data_key), address, key);
    gboolean good =
        seal_open(key, bound->data, bound->len, data + HEAD_BYTES, size - HEAD_BYTES, inner);
    secret_wipe(key, sizeof(key));
    if (!good) {
        return damaged(error, address);
    }
    memcpy(&exact, inner, sizeof(exact));
    *ret_expires_usec = GINT64_FROM_LE(exact);
    GBytes *plain = g_bytes_new(inner + sizeof(exact), inner_size - sizeof(exact));
    secret_wipe(inner, inner_size);
    return plain;
}
