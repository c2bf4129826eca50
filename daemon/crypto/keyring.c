/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "crypto/keyring.h"

#include "crypto/keyring-bytes.h"
#include "crypto/random.h"

#include <string.h>

static void key_free(gpointer data)
{
    KeyringKey *key = data;

    secret_unref(key->secret);
    secret_unref(key->mac);
    g_free(key);
}

static void tenant_free_keys(gpointer data)
{
    KeyringTenant *tenant = data;

    g_ptr_array_unref(tenant->keys);
    g_free(tenant->name);
    g_free(tenant);
}

Keyring *keyring_empty(void)
{
    Keyring *keyring = g_new0(Keyring, 1);

    keyring->tenants = g_ptr_array_new_with_free_func(tenant_free_keys);
    keyring->next_key_id = 1;
    return keyring;
}

void keyring_free(Keyring *keyring)
{
    if (keyring) {
        g_ptr_array_unref(keyring->tenants);
        g_free(keyring);
    }
}

KeyringTenant *keyring_put_tenant(Keyring *keyring, const char *name)
{
    KeyringTenant *tenant = g_new0(KeyringTenant, 1);

    tenant->name = g_strdup(name);
    tenant->keys = g_ptr_array_new_with_free_func(key_free);
    g_ptr_array_add(keyring->tenants, tenant);
    return tenant;
}

void keyring_put_key(KeyringTenant *tenant, KeyUse use, guint32 id, const void *data, gsize size)
{
    KeyringKey *key = g_new0(KeyringKey, 1);

    *key = (KeyringKey){.use = use, .id = id, .secret = secret_new_copy(data, size)};
    if (use < KEY_SIGNING && size == MAC_KEY_BYTES) {
        key->mac = secret_new(sizeof(MacKey));
        mac_key_init((MacKey *)secret_data(key->mac), data);
    }
    g_ptr_array_add(tenant->keys, key);
}

static void draw_key(Keyring *keyring, KeyringTenant *tenant, KeyUse use)
{
    guint8 bytes[32];

    random_fill(bytes, sizeof(bytes));
    keyring_put_key(tenant, use, keyring->next_key_id++, bytes, sizeof(bytes));
    secret_wipe(bytes, sizeof(bytes));
}

static void draw_keys(Keyring *keyring, KeyringTenant *tenant)
{
    for (KeyUse use = KEY_INDEX; use < KEY_SIGNING; use++) {
        draw_key(keyring, tenant, use);
    }
}

Keyring *keyring_new(void)
{
    Keyring *keyring = keyring_empty();
    KeyringTenant *tenant = keyring_put_tenant(keyring, KEYRING_SYSTEM);

    random_fill(keyring->store_id, sizeof(keyring->store_id));
    draw_key(keyring, tenant, KEY_JOURNAL);
    draw_keys(keyring, tenant);
    return keyring;
}

const guint8 *keyring_store_id(const Keyring *keyring)
{
    return keyring->store_id;
}

KeyringTenant *keyring_find_tenant(const Keyring *keyring, const char *name)
{
    for (guint i = 0; i < keyring->tenants->len; i++) {
        KeyringTenant *tenant = keyring->tenants->pdata[i];
        if (g_str_equal(tenant->name, name)) {
            return tenant;
        }
    }
    return NULL;
}

gboolean keyring_has_tenant(const Keyring *keyring, const char *tenant)
{
    return keyring_find_tenant(keyring, tenant) != NULL;
}

void keyring_add_tenant(Keyring *keyring, const char *tenant)
{
    g_assert(!keyring_has_tenant(keyring, tenant) && strlen(tenant) <= KEYRING_TENANT_CHARS_MAX);
    draw_keys(keyring, keyring_put_tenant(keyring, tenant));
}

void keyring_remove_tenant(Keyring *keyring, const char *tenant)
{
    KeyringTenant *found = keyring_find_tenant(keyring, tenant);

    if (found) {
        g_ptr_array_remove(keyring->tenants, found);
    }
}

static const KeyringKey *
key_find(const Keyring *keyring, const char *tenant, KeyUse use, guint32 id)
{
    const KeyringTenant *found = keyring_find_tenant(keyring, tenant);

    for (guint i = found ? found->keys->len : 0; i > 0; i--) { /* the newest stands last */
        const KeyringKey *key = found->keys->pdata[i - 1];
        if (key->use == use && (id == 0 || key->id == id)) {
            return key;
        }
    }
    return NULL;
}

static const KeyringKey *
key_current(const Keyring *keyring, const char *tenant, KeyUse use, guint32 *ret_key_id)
{
    const KeyringKey *key = key_find(keyring, tenant, use, 0);

    if (key && ret_key_id) {
        *ret_key_id = key->id;
    }
    return key;
}

const Secret *
keyring_current(const Keyring *keyring, const char *tenant, KeyUse use, guint32 *ret_key_id)
{
    const KeyringKey *key = key_current(keyring, tenant, use, ret_key_id);

    return key ? key->secret : NULL;
}

static const MacKey *mac_of(const KeyringKey *key)
{
    return key && key->mac ? (const MacKey *)secret_peek(key->mac) : NULL;
}

const MacKey *
keyring_mac(const Keyring *keyring, const char *tenant, KeyUse use, guint32 *ret_key_id)
{
    return mac_of(key_current(keyring, tenant, use, ret_key_id));
}

const MacKey *
keyring_mac_by_id(const Keyring *keyring, const char *tenant, KeyUse use, guint32 key_id)
{
    return mac_of(key_id ? key_find(keyring, tenant, use, key_id) : NULL);
}
