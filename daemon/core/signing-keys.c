/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "core/signing-keys.h"

typedef struct Retired {
    JwsPublic *key;
    gint64 retired_usec;
} Retired;

struct SigningKeys {
    JwsKey *current[JWS_ALGS];
    GArray *retired; /* of Retired, the oldest first */
};

static void retired_clear(gpointer data)
{
    jws_public_free(((Retired *)data)->key);
}

void signing_keys_free(SigningKeys *keys)
{
    if (!keys) {
        return;
    }
    for (guint alg = 0; alg < JWS_ALGS; alg++) {
        jws_key_unref(keys->current[alg]);
    }
    g_array_unref(keys->retired);
    g_free(keys);
}

static gboolean load_current(SigningKeys *keys, const Txn *txn, JwsAlg alg, GError **error)
{
    const Secret *der =
        keyring_current(txn_keyring(txn), txn_tenant(txn), keyring_signing_use(alg), NULL);

    g_assert(der); /* store_open() sees to it */
    keys->current[alg] = jws_key_load(alg, secret_peek(der), secret_size(der), error);
    return keys->current[alg] != NULL;
}

static gboolean load_retired(SigningKeys *keys, const KeyringRetired *from, GError **error)
{
    gsize size = 0;
    const void *spki = g_bytes_get_data(from->spki, &size);
    const Retired retired = {jws_public_load(from->alg, spki, size, error), from->retired_usec};

    if (!retired.key) {
        return FALSE;
    }
    g_array_append_val(keys->retired, retired);
    return TRUE;
}

SigningKeys *signing_keys_load(const Txn *txn, GError **error)
{
    g_autoptr(SigningKeys) keys = g_new0(SigningKeys, 1);
    g_autoptr(GPtrArray) retired = keyring_retired(txn_keyring(txn), txn_tenant(txn));

    keys->retired = g_array_new(FALSE, FALSE, sizeof(Retired));
    g_array_set_clear_func(keys->retired, retired_clear);
    for (guint alg = 0; alg < JWS_ALGS; alg++) {
        if (!load_current(keys, txn, (JwsAlg)alg, error)) {
            return NULL;
        }
    }
    for (guint i = 0; i < retired->len; i++) {
        if (!load_retired(keys, retired->pdata[i], error)) {
            return NULL;
        }
    }
    return g_steal_pointer(&keys);
}

const JwsKey *signing_keys_current(const SigningKeys *keys, JwsAlg alg)
{
    g_assert((guint)alg < JWS_ALGS);
    return keys->current[alg];
}

const JwsPublic *signing_keys_find(const SigningKeys *keys, const char *id)
{
    for (guint alg = 0; alg < JWS_ALGS; alg++) {
        const JwsPublic *key = jws_key_public(keys->current[alg]);
        if (g_str_equal(key->id, id)) {
            return key;
        }
    }
    for (guint i = 0; i < keys->retired->len; i++) {
        const JwsPublic *key = g_array_index(keys->retired, Retired, i).key;
        if (g_str_equal(key->id, id)) {
            return key;
        }
    }
    return NULL;
}

GPtrArray *signing_keys_published(const SigningKeys *keys, gint64 now_usec)
{
    GPtrArray *published = g_ptr_array_new();

    for (guint alg = 0; alg < JWS_ALGS; alg++) {
        g_ptr_array_add(published, (gpointer)jws_key_public(keys->current[alg]));
    }
    for (guint i = 0; i < keys->retired->len; i++) {
        const Retired *retired = &g_array_index(keys->retired, Retired, i);
        if (now_usec < retired->retired_usec + SIGNING_OVERLAP_USEC) {
            g_ptr_array_add(published, retired->key);
        }
    }
    return published;
}
