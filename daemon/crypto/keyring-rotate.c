/* SPDX-License-Identifier: GPL-3.0-or-later */

/* keyring-rotate.c - new data keys and a new KEK in a keyring, and the old ones out of it */

#include "crypto/keyring-bytes.h"
#include "crypto/random.h"

#include <string.h>

static void put_copy(KeyringTenant *tenant, const KeyringKey *key)
{
    const Secret *secret = key->secret;

    keyring_put_key(tenant, key->use, key->id, secret_peek(secret), secret_size(secret));
}

Keyring *keyring_copy(const Keyring *keyring)
{
    Keyring *copy = keyring_empty();

    memcpy(copy->store_id, keyring->store_id, sizeof(copy->store_id));
    copy->next_key_id = keyring->next_key_id;
    for (guint i = 0; i < keyring->tenants->len; i++) {
        const KeyringTenant *tenant = keyring->tenants->pdata[i];
        KeyringTenant *made = keyring_put_tenant(copy, tenant->name);
        for (guint k = 0; k < tenant->keys->len; k++) {
            put_copy(made, tenant->keys->pdata[k]);
        }
    }
    return copy;
}

static void draw_data_key(Keyring *keyring, KeyringTenant *tenant)
{
    guint8 bytes[32];

    random_fill(bytes, sizeof(bytes));
    keyring_put_key(tenant, KEY_DATA, keyring->next_key_id++, bytes, sizeof(bytes));
    secret_wipe(bytes, sizeof(bytes));
}

static gboolean is_rotated(const KeyringKey *key)
{
    return key->use == KEY_DATA || key->use == KEY_KEK;
}

/* Whether a newer key of its use stands behind it. */
static gboolean is_old(const KeyringTenant *tenant, guint place)
{
    const KeyringKey *key = tenant->keys->pdata[place];

    for (guint i = place + 1; is_rotated(key) && i < tenant->keys->len; i++) {
        if (((const KeyringKey *)tenant->keys->pdata[i])->use == key->use) {
            return TRUE;
        }
    }
    return FALSE;
}

static void drop_old(KeyringTenant *tenant)
{
    for (guint i = tenant->keys->len; i > 0; i--) {
        if (is_old(tenant, i - 1)) {
            (void)g_ptr_array_remove_index(tenant->keys, i - 1);
        }
    }
}

static void put_kek(Keyring *keyring, const Kek *kek)
{
    KeyringTenant *system = keyring_find_tenant(keyring, KEYRING_SYSTEM);

    keyring_put_key(
        system, KEY_KEK, keyring->next_key_id++, secret_peek(kek_secret(kek)), KEK_BYTES);
}

void keyring_renew(Keyring *keyring, const Kek *present, const Kek *next)
{
    for (guint i = 0; i < keyring->tenants->len; i++) {
        draw_data_key(keyring, keyring->tenants->pdata[i]);
    }
    put_kek(keyring, present);
    put_kek(keyring, next);
}

gboolean keyring_has_old(const Keyring *keyring)
{
    for (guint i = 0; i < keyring->tenants->len; i++) {
        const KeyringTenant *tenant = keyring->tenants->pdata[i];
        for (guint k = 0; k < tenant->keys->len; k++) {
            if (is_old(tenant, k)) {
                return TRUE;
            }
        }
    }
    return FALSE;
}

void keyring_drop_old(Keyring *keyring)
{
    for (guint i = 0; i < keyring->tenants->len; i++) {
        drop_old(keyring->tenants->pdata[i]);
    }
}

static const KeyringKey *key_with_id(const KeyringTenant *tenant, guint32 id)
{
    for (guint i = 0; i < tenant->keys->len; i++) {
        const KeyringKey *key = tenant->keys->pdata[i];
        if (key->id == id) {
            return key;
        }
    }
    return NULL;
}

static void tenant_take(KeyringTenant *live, const KeyringTenant *next)
{
    for (guint i = live->keys->len; i > 0; i--) {
        if (!key_with_id(next, ((const KeyringKey *)live->keys->pdata[i - 1])->id)) {
            (void)g_ptr_array_remove_index(live->keys, i - 1);
        }
    }
    for (guint i = 0; i < next->keys->len; i++) {
        const KeyringKey *key = next->keys->pdata[i];
        if (!key_with_id(live, key->id)) {
            put_copy(live, key);
        }
    }
}

void keyring_take(Keyring *live, const Keyring *next)
{
    live->next_key_id = next->next_key_id;
    for (guint i = 0; i < next->tenants->len; i++) {
        const KeyringTenant *tenant = next->tenants->pdata[i];
        KeyringTenant *mine = keyring_find_tenant(live, tenant->name);
        tenant_take(mine ? mine : keyring_put_tenant(live, tenant->name), tenant);
    }
}

const char *keyring_tenant_of(const Keyring *keyring, guint32 key_id)
{
    for (guint i = 0; i < keyring->tenants->len; i++) {
        const KeyringTenant *tenant = keyring->tenants->pdata[i];
        if (key_with_id(tenant, key_id)) {
            return tenant->name;
        }
    }
    return NULL;
}
