/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "crypto/keks.h"

#include "crypto/keyring-bytes.h"

#include <string.h>

struct Keks {
    GPtrArray *all; /* of Kek, the current one last */
};

Keks *keks_new(const Keyring *keyring, Kek *configured)
{
    const KeyringTenant *system = keyring_find_tenant(keyring, KEYRING_SYSTEM);
    Keks *keks = g_new(Keks, 1);

    keks->all = g_ptr_array_new_with_free_func((GDestroyNotify)kek_unref);
    g_ptr_array_add(keks->all, kek_ref(configured));
    for (guint i = 0; i < system->keys->len; i++) {
        const KeyringKey *key = system->keys->pdata[i];
        if (key->use == KEY_KEK) {
            g_ptr_array_add(keks->all, kek_from_bytes(secret_peek(key->secret)));
        }
    }
    return keks;
}

void keks_free(Keks *keks)
{
    if (keks) {
        g_ptr_array_unref(keks->all);
        g_free(keks);
    }
}

const Kek *keks_current(const Keks *keks)
{
    return keks->all->pdata[keks->all->len - 1];
}

const Kek *keks_find(const Keks *keks, const char *id)
{
    for (guint i = keks->all->len; i > 0; i--) {
        const Kek *kek = keks->all->pdata[i - 1];
        if (memcmp(kek_id(kek), id, KEK_ID_CHARS) == 0) {
            return kek;
        }
    }
    return NULL;
}
