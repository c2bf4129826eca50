/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "crypto/keyring-bytes.h"

#include "base/error.h"
#include "crypto/seal.h"

#include <string.h>

/*
 * In clear, and bound to what is sealed: magic with the format's version, KEK id, store id.
 * Sealed: next key id; then for each tenant its name and number of keys, for each key use, id,
 * size, bytes.
 */
#define MAGIC       "antkeys1"
#define MAGIC_BYTES 8U
#define HEAD_BYTES  (MAGIC_BYTES + KEK_ID_CHARS + 16U)

static void put_u32(GByteArray *out, guint32 value)
{
    value = GUINT32_TO_LE(value);
    g_byte_array_append(out, (const guint8 *)&value, sizeof(value));
}

static void put_tenant(GByteArray *out, const KeyringTenant *tenant)
{
    put_u32(out, (guint32)strlen(tenant->name));
    g_byte_array_append(out, (const guint8 *)tenant->name, (guint)strlen(tenant->name));
    put_u32(out, tenant->keys->len);
    for (guint i = 0; i < tenant->keys->len; i++) {
        const KeyringKey *key = tenant->keys->pdata[i];
        put_u32(out, key->use);
        put_u32(out, key->id);
        put_u32(out, (guint32)secret_size(key->secret));
        g_byte_array_append(out, secret_peek(key->secret), (guint)secret_size(key->secret));
    }
}

static gsize plain_size(const Keyring *keyring)
{
    gsize size = 8;

    for (guint i = 0; i < keyring->tenants->len; i++) {
        const KeyringTenant *tenant = keyring->tenants->pdata[i];
        size += 8 + strlen(tenant->name);
        for (guint k = 0; k < tenant->keys->len; k++) {
            size += 12 + secret_size(((const KeyringKey *)tenant->keys->pdata[k])->secret);
        }
    }
    return size;
}

GBytes *keyring_wrap(const Keyring *keyring, const Kek *kek)
{
    /* Sized at once, so that it never moves and leaves a copy of keys behind. */
    gsize size = plain_size(keyring);
    g_autoptr(GByteArray) plain = g_byte_array_sized_new((guint)size);
    guint8 *wrapped = g_malloc(HEAD_BYTES + size + SEAL_OVERHEAD);

    memcpy(wrapped, MAGIC, MAGIC_BYTES);
    memcpy(wrapped + MAGIC_BYTES, kek_id(kek), KEK_ID_CHARS);
    memcpy(wrapped + MAGIC_BYTES + KEK_ID_CHARS, keyring->store_id, sizeof(keyring->store_id));
    put_u32(plain, keyring->next_key_id);
    put_u32(plain, keyring->tenants->len);
    for (guint i = 0; i < keyring->tenants->len; i++) {
        put_tenant(plain, keyring->tenants->pdata[i]);
    }
    g_assert(plain->len == size);
    kek_wrap(kek, wrapped, HEAD_BYTES, plain->data, size, wrapped + HEAD_BYTES);
    secret_wipe(plain->data, plain->len);
    return g_bytes_new_take(wrapped, HEAD_BYTES + size + SEAL_OVERHEAD);
}

typedef struct Reader {
    const guint8 *data;
    gsize left;
} Reader;

static const guint8 *take(Reader *reader, gsize size)
{
    const guint8 *data = reader->data;

    if (size > reader->left) {
        return NULL;
    }
    reader->data += size;
    reader->left -= size;
    return data;
}

static gboolean take_u32(Reader *reader, guint32 *ret_value)
{
    const guint8 *data = take(reader, sizeof(guint32));

    if (!data) {
        return FALSE;
    }
    memcpy(ret_value, data, sizeof(guint32));
    *ret_value = GUINT32_FROM_LE(*ret_value);
    return TRUE;
}

static gboolean take_key(Reader *reader, KeyringTenant *tenant)
{
    guint32 use = 0;
    guint32 id = 0;
    guint32 size = 0;

    if (!take_u32(reader, &use) || !take_u32(reader, &id) || !take_u32(reader, &size)) {
        return FALSE;
    }
    const guint8 *data = take(reader, size);
    if (!data || size == 0 || size > 4096 || use == 0 || use >= _KEY_USE_MAX) {
        return FALSE;
    }
    keyring_put_key(tenant, (KeyUse)use, id, data, size);
    return TRUE;
}

static gboolean take_tenant(Reader *reader, Keyring *keyring)
{
    guint32 chars = 0;
    guint32 n_keys = 0;

    const guint8 *text = take_u32(reader, &chars) ? take(reader, chars) : NULL;
    if (!text || chars > KEYRING_TENANT_CHARS_MAX || !take_u32(reader, &n_keys)) {
        return FALSE;
    }
    g_autofree char *name = g_strndup((const char *)text, chars);
    KeyringTenant *tenant = keyring_put_tenant(keyring, name);
    for (guint32 i = 0; i < n_keys; i++) {
        if (!take_key(reader, tenant)) {
            return FALSE;
        }
    }
    return TRUE;
}

static gboolean read_plain(Keyring *keyring, Reader *reader)
{
    guint32 n_tenants = 0;

    if (!take_u32(reader, &keyring->next_key_id) || !take_u32(reader, &n_tenants)) {
        return FALSE;
    }
    for (guint32 i = 0; i < n_tenants; i++) {
        if (!take_tenant(reader, keyring)) {
            return FALSE;
        }
    }
    return reader->left == 0;
}

static gboolean refuse(GError **error, const char *format, const char *kek)
{
    g_autofree char *id = g_strndup(kek, KEK_ID_CHARS);
    g_autofree char *shown = g_strescape(id, NULL);

    g_set_error(error, ANTARA_ERROR, ANTARA_ERROR_DAMAGED, "the keyring %s %s", format, shown);
    return FALSE;
}

static gboolean open_plain(
    const guint8 *data,
    gsize size,
    const Kek *kek,
    guint8 *plain,
    gsize plain_bytes,
    GError **error)
{
    const char *needed = (const char *)data + MAGIC_BYTES;

    if (memcmp(needed, kek_id(kek), KEK_ID_CHARS) != 0) {
        return refuse(error, "needs another KEK: the one with the id", needed);
    }
    g_assert(size - HEAD_BYTES - SEAL_OVERHEAD == plain_bytes);
    return kek_unwrap(kek, data, HEAD_BYTES, data + HEAD_BYTES, size - HEAD_BYTES, plain) ||
           refuse(error, "is damaged; it was wrapped by the KEK", needed);
}

Keyring *keyring_unwrap(GBytes *wrapped, const Kek *kek, GError **error)
{
    gsize size = 0;
    const guint8 *data = g_bytes_get_data(wrapped, &size);

    if (size < HEAD_BYTES + SEAL_OVERHEAD || memcmp(data, MAGIC, MAGIC_BYTES) != 0) {
        g_set_error(error, ANTARA_ERROR, ANTARA_ERROR_DAMAGED, "this is no keyring of ours");
        return NULL;
    }
    gsize plain_bytes = size - HEAD_BYTES - SEAL_OVERHEAD;
    guint8 *plain = g_malloc(plain_bytes + 1);
    Reader reader = {plain, plain_bytes};
    g_autoptr(Keyring) keyring = keyring_empty();
    memcpy(keyring->store_id, data + MAGIC_BYTES + KEK_ID_CHARS, sizeof(keyring->store_id));
    gboolean opened = open_plain(data, size, kek, plain, plain_bytes, error);
    gboolean good = opened && read_plain(keyring, &reader);
    secret_wipe(plain, plain_bytes);
    g_free(plain);
    if (opened && !good) {
        g_set_error(
            error, ANTARA_ERROR, ANTARA_ERROR_DAMAGED,
            "the keyring has a format that this version does not know");
    }
    return good ? g_steal_pointer(&keyring) : NULL;
}
