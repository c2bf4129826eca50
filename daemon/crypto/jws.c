/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "crypto/jws.h"

#include "base/error.h"
#include "base/secret.h"
#include "base/text.h"
#include "crypto/digest.h"

#include <gnutls/abstract.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <string.h>

#define RSA_BITS 2048

struct JwsKey {
    gint references;
    gnutls_privkey_t key;
    char *id;
    char *modulus;
    char *exponent;
};

static gboolean check(int code, const char *what, GError **error)
{
    if (code < 0) {
        g_set_error(
            error, ANTARA_ERROR, ANTARA_ERROR_FAILED, "%s: %s", what, gnutls_strerror(code));
        return FALSE;
    }
    return TRUE;
}

/* RFC 7518 2: the fewest octets; GnuTLS puts a zero before a high bit. */
static char *integer_text(const gnutls_datum_t *integer)
{
    const guint8 *data = integer->data;
    gsize size = integer->size;

    while (size > 1 && *data == 0) {
        data++;
        size--;
    }
    return base64url_encode(data, size);
}

/* RFC 7638 3: the required members, in the order of their names, without white space. */
static char *thumbprint(const JwsKey *key)
{
    guint8 digest[SHA256_BYTES];
    g_autofree char *json =
        g_strdup_printf("{\"e\":\"%s\",\"kty\":\"RSA\",\"n\":\"%s\"}", key->exponent, key->modulus);

    sha256(json, strlen(json), digest);
    return base64url_encode(digest, sizeof(digest));
}

static gboolean key_export(JwsKey *key, GError **error)
{
    gnutls_datum_t modulus = {NULL, 0};
    gnutls_datum_t exponent = {NULL, 0};

    int code = gnutls_privkey_export_rsa_raw(
        key->key, &modulus, &exponent, NULL, NULL, NULL, NULL, NULL, NULL);
    if (!check(code, "reading the public half of the signing key", error)) {
        return FALSE;
    }
    key->modulus = integer_text(&modulus);
    key->exponent = integer_text(&exponent);
    key->id = thumbprint(key);
    gnutls_free(modulus.data);
    gnutls_free(exponent.data);
    return TRUE;
}

static gboolean key_import(JwsKey *key, const void *der, gsize size, GError **error)
{
    const gnutls_datum_t datum = {(unsigned char *)der, (unsigned)size};

    return check(gnutls_privkey_init(&key->key), "making room for the signing key", error) &&
           check(
               gnutls_privkey_import_x509_raw(key->key, &datum, GNUTLS_X509_FMT_DER, NULL, 0),
               "reading the signing key", error) &&
           key_export(key, error);
}

JwsKey *jws_key_load(const void *der, gsize size, GError **error)
{
    JwsKey *key = g_new0(JwsKey, 1);

    key->references = 1;
    if (!key_import(key, der, size, error)) {
        jws_key_unref(key);
        return NULL;
    }
    return key;
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
    if (key->key) {
        gnutls_privkey_deinit(key->key);
    }
    g_free(key->id);
    g_free(key->modulus);
    g_free(key->exponent);
    g_free(key);
}

const char *jws_key_id(const JwsKey *key)
{
    return key->id;
}

const char *jws_key_modulus(const JwsKey *key)
{
    return key->modulus;
}

const char *jws_key_exponent(const JwsKey *key)
{
    return key->exponent;
}

static GBytes *pkcs1_export(gnutls_x509_privkey_t key, GError **error)
{
    gnutls_datum_t der = {NULL, 0};

    if (!check(
            gnutls_x509_privkey_export2(key, GNUTLS_X509_FMT_DER, &der), "writing the signing key",
            error)) {
        return NULL;
    }
    GBytes *bytes = g_bytes_new(der.data, der.size);
    secret_wipe(der.data, der.size);
    gnutls_free(der.data);
    return bytes;
}

GBytes *jws_key_make(GError **error)
{
    gnutls_x509_privkey_t key = NULL;
    GBytes *der = NULL;

    if (!check(gnutls_x509_privkey_init(&key), "making room for a signing key", error)) {
        return NULL;
    }
    if (check(
            gnutls_x509_privkey_generate(key, GNUTLS_PK_RSA, RSA_BITS, 0), "making a signing key",
            error)) {
        der = pkcs1_export(key, error);
    }
    gnutls_x509_privkey_deinit(key);
    return der;
}

static char *sign(const JwsKey *key, const char *text, GError **error)
{
    const gnutls_datum_t data = {(unsigned char *)text, (unsigned)strlen(text)};
    gnutls_datum_t signature = {NULL, 0};

    if (!check(
            gnutls_privkey_sign_data2(key->key, GNUTLS_SIGN_RSA_SHA256, 0, &data, &signature),
            "signing", error)) {
        return NULL;
    }
    char *encoded = base64url_encode(signature.data, signature.size);
    gnutls_free(signature.data);
    return encoded;
}

char *jws_sign(const JwsKey *key, const char *type, const char *payload, GError **error)
{
    g_autofree char *header = g_strdup_printf(
        "{\"alg\":\"RS256\",\"kid\":\"%s\"%s%s%s}", key->id, type ? ",\"typ\":\"" : "",
        type ? type : "", type ? "\"" : "");
    g_autofree char *head = base64url_encode(header, strlen(header));
    g_autofree char *body = base64url_encode(payload, strlen(payload));
    g_autofree char *text = g_strconcat(head, ".", body, NULL);
    g_autofree char *signature = sign(key, text, error);

    return signature ? g_strconcat(text, ".", signature, NULL) : NULL;
}

char *jws_half_hash(const char *text)
{
    guint8 digest[SHA256_BYTES];

    sha256(text, strlen(text), digest);
    return base64url_encode(digest, SHA256_BYTES / 2);
}
