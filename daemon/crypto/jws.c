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

/* GnuTLS keeps a key in common memory, which core dumps hold: so it has one for as long as it
 * signs, and the key rests in a Secret. Loading costs 8 µs, signing 1,500. */
struct JwsKey {
    gint references;
    Secret *der;
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

static gboolean key_export(JwsKey *key, gnutls_privkey_t loaded, GError **error)
{
    gnutls_datum_t modulus = {NULL, 0};
    gnutls_datum_t exponent = {NULL, 0};

    int code = gnutls_privkey_export_rsa_raw(
        loaded, &modulus, &exponent, NULL, NULL, NULL, NULL, NULL, NULL);
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

/* Wiped by GnuTLS when it goes: gnutls_privkey_deinit(). */
static gboolean load(const void *der, gsize size, gnutls_privkey_t *ret_loaded, GError **error)
{
    const gnutls_datum_t datum = {(unsigned char *)der, (unsigned)size};
    gnutls_privkey_t loaded = NULL;

    if (!check(gnutls_privkey_init(&loaded), "making room for the signing key", error)) {
        return FALSE;
    }
    if (!check(
            gnutls_privkey_import_x509_raw(loaded, &datum, GNUTLS_X509_FMT_DER, NULL, 0),
            "reading the signing key", error)) {
        gnutls_privkey_deinit(loaded);
        return FALSE;
    }
    *ret_loaded = loaded;
    return TRUE;
}

JwsKey *jws_key_load(const void *der, gsize size, GError **error)
{
    gnutls_privkey_t loaded = NULL;

    if (!load(der, size, &loaded, error)) {
        return NULL;
    }
    g_autoptr(JwsKey) key = g_new0(JwsKey, 1);
    key->references = 1;
    key->der = secret_new_copy(der, size);
    gboolean exported = key_export(key, loaded, error);
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
    secret_unref(key->der);
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
    secret_wipe_stack();
    return der;
}

static char *sign(const JwsKey *key, const char *text, GError **error)
{
    const gnutls_datum_t data = {(unsigned char *)text, (unsigned)strlen(text)};
    gnutls_datum_t signature = {NULL, 0};
    gnutls_privkey_t loaded = NULL;

    if (!load(secret_peek(key->der), secret_size(key->der), &loaded, error)) {
        return NULL;
    }
    int code = gnutls_privkey_sign_data2(loaded, GNUTLS_SIGN_RSA_SHA256, 0, &data, &signature);
    gnutls_privkey_deinit(loaded);
    secret_wipe_stack();
    if (!check(code, "signing", error)) {
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
