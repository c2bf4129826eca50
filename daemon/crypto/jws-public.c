/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "base/error.h"
#include "base/text.h"
#include "crypto/check.h"
#include "crypto/digest.h"
#include "crypto/jws-inside.h"
#include "crypto/number.h"

#include <string.h>

static const JwsAlgRow rows[JWS_ALGS] = {
    [JWS_RS256] =
        {"RS256", "RSA", NULL, GNUTLS_PK_RSA, GNUTLS_ECC_CURVE_INVALID, 2048,
         GNUTLS_SIGN_RSA_SHA256},
    [JWS_ES256] =
        {"ES256", "EC", "P-256", GNUTLS_PK_ECDSA, GNUTLS_ECC_CURVE_SECP256R1,
         GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1), GNUTLS_SIGN_ECDSA_SHA256},
    [JWS_EDDSA] =
        {"EdDSA", "OKP", "Ed25519", GNUTLS_PK_EDDSA_ED25519, GNUTLS_ECC_CURVE_ED25519,
         GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_ED25519), GNUTLS_SIGN_EDDSA_ED25519},
};

const JwsAlgRow *jws_alg_row(JwsAlg alg)
{
    g_assert((guint)alg < JWS_ALGS);
    return &rows[alg];
}

const char *jws_alg_name(JwsAlg alg)
{
    return jws_alg_row(alg)->name;
}

gboolean jws_alg_from_name(const char *name, JwsAlg *ret_alg)
{
    for (guint i = 0; i < JWS_ALGS; i++) {
        if (g_strcmp0(rows[i].name, name) == 0) {
            *ret_alg = (JwsAlg)i;
            return TRUE;
        }
    }
    return FALSE;
}

void jws_public_free(JwsPublic *key)
{
    if (!key) {
        return;
    }
    g_free(key->modulus);
    g_free(key->exponent);
    g_free(key->x);
    g_free(key->y);
    g_free(key->id);
    g_clear_pointer(&key->spki, g_bytes_unref);
    g_free(key);
}

/* RFC 7518 2: the fewest octets. GnuTLS was asked to leave out the zero before a high bit. */
static char *take_integer(gnutls_datum_t *integer)
{
    char *text = base64url_encode(integer->data, integer->size);

    gnutls_free(integer->data);
    return text;
}

static char *take_coordinate(gnutls_datum_t *coordinate)
{
    guint8 octets[JWS_EC_BYTES] = {0};

    (void)number_put(octets, JWS_EC_BYTES, coordinate->data, coordinate->size);
    gnutls_free(coordinate->data);
    return base64url_encode(octets, JWS_EC_BYTES);
}

static gboolean read_rsa(JwsPublic *key, gnutls_pubkey_t loaded, GError **error)
{
    gnutls_datum_t modulus = {NULL, 0};
    gnutls_datum_t exponent = {NULL, 0};

    if (!crypto_check(
            gnutls_pubkey_export_rsa_raw2(loaded, &modulus, &exponent, GNUTLS_EXPORT_FLAG_NO_LZ),
            "reading the public half of the signing key", error)) {
        return FALSE;
    }
    key->modulus = take_integer(&modulus);
    key->exponent = take_integer(&exponent);
    return TRUE;
}

static gboolean read_curve(JwsPublic *key, gnutls_pubkey_t loaded, GError **error)
{
    gnutls_ecc_curve_t curve = GNUTLS_ECC_CURVE_INVALID;
    gnutls_datum_t x = {NULL, 0};
    gnutls_datum_t y = {NULL, 0};

    if (!crypto_check(
            gnutls_pubkey_export_ecc_raw2(loaded, &curve, &x, &y, GNUTLS_EXPORT_FLAG_NO_LZ),
            "reading the public half of the signing key", error)) {
        return FALSE;
    }
    key->x = take_coordinate(&x);
    key->y = key->alg == JWS_ES256 ? take_coordinate(&y) : NULL;
    return TRUE;
}

/* RFC 7638 3: the required members, in the order of their names, without white space. */
static char *thumbprint(const JwsPublic *key)
{
    guint8 digest[SHA256_BYTES];
    g_autofree char *json = NULL;

    switch (key->alg) {
    case JWS_RS256:
        json = g_strdup_printf(
            "{\"e\":\"%s\",\"kty\":\"RSA\",\"n\":\"%s\"}", key->exponent, key->modulus);
        break;
    case JWS_ES256:
        json = g_strdup_printf(
            "{\"crv\":\"P-256\",\"kty\":\"EC\",\"x\":\"%s\",\"y\":\"%s\"}", key->x, key->y);
        break;
    case JWS_EDDSA: /* RFC 8037 2 */
        json = g_strdup_printf("{\"crv\":\"Ed25519\",\"kty\":\"OKP\",\"x\":\"%s\"}", key->x);
        break;
    }
    sha256(json, strlen(json), digest);
    return base64url_encode(digest, sizeof(digest));
}

JwsPublic *jws_public_from(JwsAlg alg, gnutls_pubkey_t loaded, GError **error)
{
    const JwsAlgRow *row = jws_alg_row(alg);
    g_autoptr(JwsPublic) key = g_new0(JwsPublic, 1);
    gnutls_datum_t der = {NULL, 0};

    key->alg = alg;
    key->type = row->type;
    key->curve = row->curve_name;
    if (gnutls_pubkey_get_pk_algorithm(loaded, NULL) != (int)row->pk) {
        g_set_error(
            error, ANTARA_ERROR, ANTARA_ERROR_DAMAGED, "a signing key is not one for %s",
            row->name);
        return NULL;
    }
    if (!crypto_check(
            gnutls_pubkey_export2(loaded, GNUTLS_X509_FMT_DER, &der),
            "writing the public half of the signing key", error)) {
        return NULL;
    }
    key->spki = g_bytes_new(der.data, der.size);
    gnutls_free(der.data);
    if (alg == JWS_RS256 ? !read_rsa(key, loaded, error) : !read_curve(key, loaded, error)) {
        return NULL;
    }
    key->id = thumbprint(key);
    return g_steal_pointer(&key);
}

static gboolean import(const void *spki, gsize size, gnutls_pubkey_t *ret_loaded, GError **error)
{
    const gnutls_datum_t datum = {(unsigned char *)spki, (unsigned)size};
    gnutls_pubkey_t loaded = NULL;

    if (!crypto_check(gnutls_pubkey_init(&loaded), "making room for a public key", error)) {
        return FALSE;
    }
    if (!crypto_check(
            gnutls_pubkey_import(loaded, &datum, GNUTLS_X509_FMT_DER), "reading a public key",
            error)) {
        gnutls_pubkey_deinit(loaded);
        return FALSE;
    }
    *ret_loaded = loaded;
    return TRUE;
}

JwsPublic *jws_public_load(JwsAlg alg, const void *spki, gsize size, GError **error)
{
    gnutls_pubkey_t loaded = NULL;

    if (!import(spki, size, &loaded, error)) {
        return NULL;
    }
    JwsPublic *key = jws_public_from(alg, loaded, error);
    gnutls_pubkey_deinit(loaded);
    return key;
}

/* Where header, payload and signature of a compact serialization stand (RFC 7515 7.1). */
typedef struct Parts {
    const char *header, *payload, *signature;
    gsize header_chars, payload_chars, signature_chars;
} Parts;

static gboolean split(const char *token, Parts *ret_parts)
{
    const char *first = strchr(token, '.');
    const char *second = first ? strchr(first + 1, '.') : NULL;

    if (!second || strchr(second + 1, '.') || strlen(token) > JWS_TOKEN_BYTES_MAX) {
        return FALSE;
    }
    *ret_parts = (Parts){
        .header = token,
        .header_chars = (gsize)(first - token),
        .payload = first + 1,
        .payload_chars = (gsize)(second - first - 1),
        .signature = second + 1,
        .signature_chars = strlen(second + 1),
    };
    return TRUE;
}

static GBytes *decode(const char *text, gsize chars)
{
    g_autofree guint8 *bytes = g_malloc(chars + 1);
    gsize size = 0;

    return chars > 0 && base64url_decode(text, chars, bytes, chars, &size)
               ? g_bytes_new_take(g_steal_pointer(&bytes), size)
               : NULL;
}

GBytes *jws_decode_header(const char *token)
{
    Parts parts;

    return split(token, &parts) ? decode(parts.header, parts.header_chars) : NULL;
}

/* RFC 7518 3.4: r and s behind each other; GnuTLS wants them as DER. */
static GBytes *signature_der(const JwsPublic *key, GBytes *signature)
{
    gsize size = 0;
    guint8 *data = (guint8 *)g_bytes_get_data(signature, &size);
    gnutls_datum_t der = {NULL, 0};

    if (key->alg != JWS_ES256) {
        return g_bytes_ref(signature);
    }
    const gnutls_datum_t r = {data, JWS_EC_BYTES};
    const gnutls_datum_t s = {data + JWS_EC_BYTES, JWS_EC_BYTES};
    if (size != 2 * (gsize)JWS_EC_BYTES || gnutls_encode_rs_value(&der, &r, &s) < 0) {
        return NULL;
    }
    GBytes *bytes = g_bytes_new(der.data, der.size);
    gnutls_free(der.data);
    return bytes;
}

static gboolean is_signed(const JwsPublic *key, const gnutls_datum_t *data, GBytes *signature)
{
    gsize spki_size = 0;
    const void *spki = g_bytes_get_data(key->spki, &spki_size);
    gsize size = 0;
    unsigned char *bytes = (unsigned char *)g_bytes_get_data(signature, &size);
    const gnutls_datum_t datum = {bytes, (unsigned)size};
    gnutls_pubkey_t loaded = NULL;

    if (!import(spki, spki_size, &loaded, NULL)) {
        return FALSE;
    }
    int code = gnutls_pubkey_verify_data2(loaded, jws_alg_row(key->alg)->sign, 0, data, &datum);
    gnutls_pubkey_deinit(loaded);
    return code >= 0;
}

GBytes *jws_verify(const JwsPublic *key, const char *token)
{
    Parts parts;

    if (!split(token, &parts)) {
        return NULL;
    }
    g_autoptr(GBytes) signature = decode(parts.signature, parts.signature_chars);
    g_autoptr(GBytes) der = signature ? signature_der(key, signature) : NULL;
    const gnutls_datum_t data = {
        (unsigned char *)token, (unsigned)(parts.header_chars + 1 + parts.payload_chars)};

    return der && is_signed(key, &data, der) ? decode(parts.payload, parts.payload_chars) : NULL;
}
