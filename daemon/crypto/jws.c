/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "crypto/jws.h"

#include "base/secret.h"
#include "base/text.h"
#include "crypto/check.h"
#include "crypto/digest.h"
#include "crypto/jws-inside.h"
#include "crypto/number.h"
#include "crypto/private-key.h"

#include <string.h>

struct JwsKey {
    gint references;
    JwsAlg alg;
    PrivateKey *private;
    JwsPublic *public;
};

static gboolean export_public(JwsKey *key, gnutls_privkey_t loaded, GError **error)
{
    gnutls_pubkey_t public = NULL;

    if (!crypto_check(gnutls_pubkey_init(&public), "making room for a public key", error)) {
        return FALSE;
    }
    if (crypto_check(
            gnutls_pubkey_import_privkey(public, loaded, 0, 0),
            "reading the public half of the signing key", error)) {
        key->public = jws_public_from(key->alg, public, error);
    }
    gnutls_pubkey_deinit(public);
    return key->public != NULL;
}

JwsKey *jws_key_load(JwsAlg alg, const void *bytes, gsize size, GError **error)
{
    const JwsAlgRow *row = jws_alg_row(alg);
    g_autoptr(JwsKey) key = g_new0(JwsKey, 1);
    gnutls_privkey_t loaded = NULL;

    key->references = 1;
    key->alg = alg;
    key->private = private_key_new(row->pk, row->curve, bytes, size);
    int code = key->private ? private_key_load(key->private, &loaded) : GNUTLS_E_PARSING_ERROR;
    if (!crypto_check(code, "reading the signing key", error)) {
        return NULL;
    }
    gboolean exported = export_public(key, loaded, error);
    gnutls_privkey_deinit(loaded);
    secret_wipe_stack();
    return exported ? g_steal_pointer(&key) : NULL;
}

JwsKey *jws_key_ref(JwsKey *key)
{
    g_atomic_int_inc(&key->references);
    return key;
}

void jws_key_unref(JwsKey *key)
{
    if (!key || !g_atomic_int_dec_and_test(&key->references)) {
        return;
    }
    private_key_free(key->private);
    jws_public_free(key->public);
    g_free(key);
}

const JwsPublic *jws_key_public(const JwsKey *key)
{
    return key->public;
}

/* RFC 7518 3.4: r and s, 32 octets each. */
static char *encode_ecdsa(const gnutls_datum_t *der, GError **error)
{
    guint8 octets[2 * JWS_EC_BYTES] = {0};
    gnutls_datum_t r = {NULL, 0};
    gnutls_datum_t s = {NULL, 0};

    if (!crypto_check(gnutls_decode_rs_value(der, &r, &s), "reading a signature", error)) {
        return NULL;
    }
    (void)number_put(octets, JWS_EC_BYTES, r.data, r.size);
    (void)number_put(octets + JWS_EC_BYTES, JWS_EC_BYTES, s.data, s.size);
    gnutls_free(r.data);
    gnutls_free(s.data);
    return base64url_encode(octets, sizeof(octets));
}

static char *sign(const JwsKey *key, const char *text, GError **error)
{
    const gnutls_datum_t data = {(unsigned char *)text, (unsigned)strlen(text)};
    gnutls_datum_t signature = {NULL, 0};

    if (!crypto_check(
            private_key_sign(key->private, jws_alg_row(key->alg)->sign, &data, &signature),
            "signing", error)) {
        return NULL;
    }
    char *encoded = key->alg == JWS_ES256 ? encode_ecdsa(&signature, error)
                                          : base64url_encode(signature.data, signature.size);
    gnutls_free(signature.data);
    return encoded;
}

char *jws_sign(const JwsKey *key, const char *type, const char *payload, GError **error)
{
    g_autofree char *header = g_strdup_printf(
        "{\"alg\":\"%s\",\"kid\":\"%s\"%s%s%s}", jws_alg_name(key->alg), key->public->id,
        type ? ",\"typ\":\"" : "", type ? type : "", type ? "\"" : "");
    g_autofree char *head = base64url_encode(header, strlen(header));
    g_autofree char *body = base64url_encode(payload, strlen(payload));
    g_autofree char *text = g_strconcat(head, ".", body, NULL);
    g_autofree char *signature = sign(key, text, error);

    return signature ? g_strconcat(text, ".", signature, NULL) : NULL;
}

char *jws_half_hash(JwsAlg alg, const char *text)
{
    guint8 digest[SHA512_BYTES];

    if (alg == JWS_EDDSA) { /* Ed25519 hashes with SHA-512 */
        sha512(text, strlen(text), digest);
        return base64url_encode(digest, SHA512_BYTES / 2);
    }
    sha256(text, strlen(text), digest);
    return base64url_encode(digest, SHA256_BYTES / 2);
}
