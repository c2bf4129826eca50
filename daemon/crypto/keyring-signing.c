/* SPDX-License-Identifier: GPL-3.0-or-later */

/* keyring-signing.c - the keys of a tenant that sign, and what stays of those that did */

#include "base/clock.h"
#include "base/error.h"
#include "crypto/jws.h"
#include "crypto/keyring-bytes.h"

#include <string.h>

#define RETIRED_HEAD_BYTES 12U /* algorithm and time, little-endian */

KeyUse keyring_signing_use(JwsAlg alg)
{
    static const KeyUse uses[JWS_ALGS] = {
        [JWS_RS256] = KEY_SIGNING,
        [JWS_ES256] = KEY_SIGNING_ES256,
        [JWS_EDDSA] = KEY_SIGNING_EDDSA};

    g_assert((guint)alg < JWS_ALGS);
    return uses[alg];
}

static gboolean draw(Keyring *keyring, KeyringTenant *tenant, JwsAlg alg, GError **error)
{
    g_autoptr(GBytes) der = jws_key_make(alg, error);
    gsize size = 0;

    if (!der) {
        return FALSE;
    }
    void *data = (void *)g_bytes_get_data(der, &size);
    keyring_put_key(tenant, keyring_signing_use(alg), keyring->next_key_id++, data, size);
    secret_wipe(data, size); /* our own, fresh, and last used here */
    return TRUE;
}

gboolean
keyring_draw_signing(Keyring *keyring, const char *tenant, gboolean *ret_changed, GError **error)
{
    KeyringTenant *found = keyring_find_tenant(keyring, tenant);

    for (guint alg = 0; alg < JWS_ALGS; alg++) {
        if (keyring_current(keyring, tenant, keyring_signing_use((JwsAlg)alg), NULL)) {
            continue;
        }
        if (!draw(keyring, found, (JwsAlg)alg, error)) {
            return FALSE;
        }
        *ret_changed = TRUE;
    }
    return TRUE;
}

static KeyringRetired *retired_read(const KeyringKey *key)
{
    const guint8 *data = secret_peek(key->secret);
    gsize size = secret_size(key->secret);
    guint32 alg = 0;
    gint64 usec = 0;

    if (size <= RETIRED_HEAD_BYTES) {
        return NULL;
    }
    memcpy(&alg, data, sizeof(alg));
    memcpy(&usec, data + sizeof(alg), sizeof(usec));
    alg = GUINT32_FROM_LE(alg);
    if (alg >= JWS_ALGS) {
        return NULL;
    }
    KeyringRetired *retired = g_new(KeyringRetired, 1);
    *retired = (KeyringRetired){
        .alg = (JwsAlg)alg,
        .retired_usec = GINT64_FROM_LE(usec),
        .spki = g_bytes_new(data + RETIRED_HEAD_BYTES, size - RETIRED_HEAD_BYTES),
    };
    return retired;
}

static void retired_free(gpointer data)
{
    KeyringRetired *retired = data;

    g_bytes_unref(retired->spki);
    g_free(retired);
}

GPtrArray *keyring_retired(const Keyring *keyring, const char *tenant)
{
    const KeyringTenant *found = keyring_find_tenant(keyring, tenant);
    GPtrArray *all = g_ptr_array_new_with_free_func(retired_free);

    for (guint i = 0; found && i < found->keys->len; i++) {
        const KeyringKey *key = found->keys->pdata[i];
        KeyringRetired *retired = key->use == KEY_RETIRED ? retired_read(key) : NULL;
        if (retired) {
            g_ptr_array_add(all, retired);
        }
    }
    return all;
}

/* Those that are too old, or too many; all with a time of G_MAXINT64. */
static void forget(KeyringTenant *tenant, gint64 before_usec)
{
    guint kept = 0;

    for (guint i = tenant->keys->len; i > 0; i--) {
        const KeyringKey *key = tenant->keys->pdata[i - 1];
        KeyringRetired *retired = key->use == KEY_RETIRED ? retired_read(key) : NULL;
        if (key->use != KEY_RETIRED) {
            continue;
        }
        if (!retired || retired->retired_usec < before_usec || ++kept > KEYRING_RETIRED_MAX) {
            (void)g_ptr_array_remove_index(tenant->keys, i - 1);
        }
        if (retired) {
            retired_free(retired);
        }
    }
}

static void
retire(Keyring *keyring, KeyringTenant *tenant, const JwsPublic *public, gint64 now_usec)
{
    const guint32 alg = GUINT32_TO_LE((guint32) public->alg);
    const gint64 usec = GINT64_TO_LE(now_usec);
    gsize size = 0;
    const void *spki = g_bytes_get_data(public->spki, &size);
    g_autofree guint8 *bytes = g_malloc(RETIRED_HEAD_BYTES + size);

    memcpy(bytes, &alg, sizeof(alg));
    memcpy(bytes + sizeof(alg), &usec, sizeof(usec));
    memcpy(bytes + RETIRED_HEAD_BYTES, spki, size);
    keyring_put_key(tenant, KEY_RETIRED, keyring->next_key_id++, bytes, RETIRED_HEAD_BYTES + size);
}

static void remove_use(KeyringTenant *tenant, KeyUse use)
{
    for (guint i = tenant->keys->len; i > 0; i--) {
        if (((const KeyringKey *)tenant->keys->pdata[i - 1])->use == use) {
            (void)g_ptr_array_remove_index(tenant->keys, i - 1);
        }
    }
}

static gboolean renew(
    Keyring *keyring,
    KeyringTenant *tenant,
    JwsAlg alg,
    gint64 retired_usec, /* 0: nothing of it stays */
    GError **error)
{
    const KeyUse use = keyring_signing_use(alg);
    const Secret *der = keyring_current(keyring, tenant->name, use, NULL);
    g_autoptr(JwsKey) old = jws_key_load(alg, secret_peek(der), secret_size(der), error);

    if (!old) {
        return FALSE;
    }
    remove_use(tenant, use);
    if (retired_usec) {
        retire(keyring, tenant, jws_key_public(old), retired_usec);
    }
    return draw(keyring, tenant, alg, error);
}

gboolean keyring_rotate_signing(
    Keyring *keyring,
    const char *tenant,
    gint64 now_usec,
    gboolean keep_old,
    GError **error)
{
    KeyringTenant *found = keyring_find_tenant(keyring, tenant);

    if (!found) {
        g_set_error(error, ANTARA_ERROR, ANTARA_ERROR_FAILED, "the tenant %s has no keys", tenant);
        return FALSE;
    }
    for (guint alg = 0; alg < JWS_ALGS; alg++) {
        if (!renew(keyring, found, (JwsAlg)alg, keep_old ? now_usec : 0, error)) {
            return FALSE;
        }
    }
    forget(found, keep_old ? now_usec - KEYRING_RETIRED_LIFE_USEC : G_MAXINT64);
    return TRUE;
}
