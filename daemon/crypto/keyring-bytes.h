/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* keyring-bytes.h - how a keyring looks inside; for keyring.c and keyring-bytes.c alone */

#include "crypto/keyring.h"

typedef struct KeyringKey {
    KeyUse use;
    guint32 id;
    Secret *secret;
    Secret *mac; /* a MacKey; NULL: the key is not symmetric */
} KeyringKey;

typedef struct KeyringTenant {
    char *name;
    GPtrArray *keys; /* of KeyringKey, the newest last */
} KeyringTenant;

struct Keyring {
    guint8 store_id[16];
    guint32 next_key_id;
    GPtrArray *tenants; /* of KeyringTenant */
};

Keyring *keyring_empty(void);
KeyringTenant *keyring_find_tenant(const Keyring *keyring, const char *name);
KeyringTenant *keyring_put_tenant(Keyring *keyring, const char *name);
void keyring_put_key(KeyringTenant *tenant, KeyUse use, guint32 id, const void *data, gsize size);
