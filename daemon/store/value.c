/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "store/value.h"

#include "base/clock.h"
#include "base/error.h"
#include "crypto/digest.h"
#include "crypto/seal.h"

#include <string.h>

#define VERSION    1U
#define HEAD_BYTES 11U /* version (1), key id (4), hour of expiry (4), size of the address (2) */

gboolean
value_keys_init(ValueKeys *keys, const Keyring *keyring, const char *tenant, GError **error)
{
    keys->index = keyring_mac(keyring, tenant, KEY_INDEX, NULL);
    keys->data = keyring_mac(keyring, tenant, KEY_DATA, &keys->data_id);
    if (!keys->index || !keys->data) {
        g_set_error(
            error, ANTARA_ERROR, ANTARA_ERROR_FAILED, "the tenant %s has no keys in this store",
            tenant);
        return FALSE;
    }
    keys->keyring = keyring;
    keys->tenant = tenant;
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

    mac_make(keys->index, &piece, 1, mac);
    memcpy(ret_key, mac, TABLE_KEY_BYTES);
}

/* Keys for this record alone, so that random nonces never wear a key out. */
static void
record_key(const MacKey *data_key, const Address *address, guint8 ret_key[SEAL_KEY_BYTES])
{
    const Piece pieces[] = {{"value", sizeof("value")}, {address->bytes, address->size}};

    mac_make(data_key, pieces, G_N_ELEMENTS(pieces), ret_key);
}

static void
place_key(const MacKey *data_key, const guint8 key[TABLE_KEY_BYTES], guint8 ret_key[SEAL_KEY_BYTES])
{
    const Piece pieces[] = {{"place", sizeof("place")}, {key, TABLE_KEY_BYTES}};

    mac_make(data_key, pieces, G_N_ELEMENTS(pieces), ret_key);
}

static GByteArray *bind_to(const guint8 *head, const Address *address)
{
    GByteArray *bound = g_byte_array_sized_new((guint)(HEAD_BYTES + address->size));

    g_byte_array_append(bound, head, HEAD_BYTES);
    g_byte_array_append(bound, address->bytes, (guint)address->size);
    return bound;
}

static void write_head(guint8 *head, guint32 key_id, gint64 expires_usec, gsize address_size)
{
    guint32 id = GUINT32_TO_LE(key_id);
    guint32 hour = GUINT32_TO_LE((guint32)((expires_usec + USEC_PER_HOUR - 1) / USEC_PER_HOUR));
    guint16 size = GUINT16_TO_LE((guint16)address_size);

    head[0] = VERSION;
    memcpy(head + 1, &id, sizeof(id));
    memcpy(head + 5, &hour, sizeof(hour));
    memcpy(head + 9, &size, sizeof(size));
}

gsize value_size(const Address *address, gsize plain_bytes)
{
    return HEAD_BYTES + address->size + sizeof(gint64) + plain_bytes + 2 * (gsize)SEAL_OVERHEAD;
}

static void seal_address(
    const ValueKeys *keys,
    const Address *address,
    const guint8 place[TABLE_KEY_BYTES],
    guint8 *sealed)
{
    guint8 key[SEAL_KEY_BYTES];

    place_key(keys->data, place, key);
    seal_close(key, sealed, HEAD_BYTES, address->bytes, address->size, sealed + HEAD_BYTES);
    secret_wipe(key, sizeof(key));
}

GBytes *value_seal(
    const ValueKeys *keys,
    const Address *address,
    const guint8 place[TABLE_KEY_BYTES],
    GBytes *plain,
    gint64 expires_usec)
{
    gsize size = 0;
    const void *data = g_bytes_get_data(plain, &size);
    gint64 exact = GINT64_TO_LE(expires_usec);
    gsize inner_size = sizeof(exact) + size;
    g_autofree guint8 *inner = g_malloc(inner_size);
    guint8 *sealed = g_malloc(value_size(address, size));
    guint8 key[SEAL_KEY_BYTES];

    memcpy(inner, &exact, sizeof(exact));
    if (size > 0) {
        memcpy(inner + sizeof(exact), data, size);
    }
    write_head(sealed, keys->data_id, expires_usec, address->size);
    seal_address(keys, address, place, sealed);
    g_autoptr(GByteArray) bound = bind_to(sealed, address);
    record_key(keys->data, address, key);
    guint8 *out = sealed + HEAD_BYTES + address->size + SEAL_OVERHEAD;
    seal_close(key, bound->data, bound->len, inner, inner_size, out);
    secret_wipe(key, sizeof(key));
    secret_wipe(inner, inner_size);
    return g_bytes_new_take(sealed, value_size(address, size));
}

/* What stands in clear, once it is known to be ours. */
typedef struct Head {
    const MacKey *data_key;
    gsize address_size;
} Head;

static gboolean head_read(const ValueKeys *keys, const guint8 *data, gsize size, Head *ret_head)
{
    guint32 id = 0;
    guint16 address_size = 0;

    if (size < HEAD_BYTES || data[0] != VERSION) {
        return FALSE;
    }
    memcpy(&id, data + 1, sizeof(id));
    memcpy(&address_size, data + 9, sizeof(address_size));
    ret_head->address_size = GUINT16_FROM_LE(address_size);
    ret_head->data_key =
        keyring_mac_by_id(keys->keyring, keys->tenant, KEY_DATA, GUINT32_FROM_LE(id));
    const Address sized = {.size = ret_head->address_size};
    return ret_head->data_key && size >= value_size(&sized, 0);
}

guint32 value_data_key_id(GBytes *sealed)
{
    gsize size = 0;
    const guint8 *data = g_bytes_get_data(sealed, &size);
    guint32 id = 0;

    if (size < HEAD_BYTES || data[0] != VERSION) {
        return 0;
    }
    memcpy(&id, data + 1, sizeof(id));
    return GUINT32_FROM_LE(id);
}

gboolean value_has_expired(GBytes *sealed, gint64 now_usec)
{
    gsize size = 0;
    const guint8 *data = g_bytes_get_data(sealed, &size);
    guint32 hour = 0;

    if (size < HEAD_BYTES || data[0] != VERSION) {
        return FALSE;
    }
    memcpy(&hour, data + 5, sizeof(hour));
    hour = GUINT32_FROM_LE(hour);
    return hour != 0 && hour * USEC_PER_HOUR <= now_usec;
}

gboolean value_address(
    const ValueKeys *keys,
    const guint8 key[TABLE_KEY_BYTES],
    GBytes *sealed,
    Address *ret_address)
{
    gsize size = 0;
    const guint8 *data = g_bytes_get_data(sealed, &size);
    guint8 place[SEAL_KEY_BYTES];
    Head head;

    if (!head_read(keys, data, size, &head)) {
        return FALSE;
    }
    g_auto(Address) address = {g_malloc(head.address_size + 1), head.address_size};
    place_key(head.data_key, key, place);
    gboolean good = seal_open(
        place, data, HEAD_BYTES, data + HEAD_BYTES, address.size + SEAL_OVERHEAD, address.bytes);
    secret_wipe(place, sizeof(place));
    if (good) {
        *ret_address = (Address){g_steal_pointer(&address.bytes), address.size};
    }
    return good;
}

/* Why a value at the place of @address didn't open. */
static GBytes *refuse(const ValueKeys *keys, const Address *address, GBytes *sealed, GError **error)
{
    guint8 key[TABLE_KEY_BYTES];
    g_auto(Address) found = {0};

    value_key(keys, address, key);
    gboolean elsewhere =
        value_address(keys, key, sealed, &found) &&
        (found.size != address->size || memcmp(found.bytes, address->bytes, found.size) != 0);
    g_set_error(
        error, ANTARA_ERROR, ANTARA_ERROR_DAMAGED, "a record of the tenant %s %s", keys->tenant,
        elsewhere ? "stands where another belongs: their physical keys are the same"
                  : "is damaged");
    return NULL;
}

static GBytes *open_inner(
    const MacKey *data_key,
    const Address *address,
    const guint8 *data,
    gsize size,
    gint64 *ret_expires_usec)
{
    gsize skip = HEAD_BYTES + address->size + SEAL_OVERHEAD;
    gsize inner_size = size - skip - SEAL_OVERHEAD;
    g_autofree guint8 *inner = g_malloc(inner_size);
    g_autoptr(GByteArray) bound = bind_to(data, address);
    guint8 key[SEAL_KEY_BYTES];
    gint64 exact = 0;

    record_key(data_key, address, key);
    gboolean good = seal_open(key, bound->data, bound->len, data + skip, size - skip, inner);
    secret_wipe(key, sizeof(key));
    if (!good) {
        return NULL;
    }
    memcpy(&exact, inner, sizeof(exact));
    *ret_expires_usec = GINT64_FROM_LE(exact);
    GBytes *plain = g_bytes_new(inner + sizeof(exact), inner_size - sizeof(exact));
    secret_wipe(inner, inner_size);
    return plain;
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
    Head head = {0};

    GBytes *plain = head_read(keys, data, size, &head) && head.address_size == address->size
                        ? open_inner(head.data_key, address, data, size, ret_expires_usec)
                        : NULL;
    return plain ? plain : refuse(keys, address, sealed, error);
}
