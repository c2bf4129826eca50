/* SPDX-License-Identifier: GPL-3.0-or-later */

/* jws-private.c - the secret half of a key: made, and lent to GnuTLS
 *
 * Keys on curves are kept as their bare numbers: what reads PKCS #8 leaves a copy behind in memory
 * that it frees. */

#include "base/error.h"
#include "base/secret.h"
#include "crypto/check.h"
#include "crypto/jws-inside.h"
#include "crypto/jws.h"

#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <string.h>

/* A point and the secret number, JWS_EC_BYTES each. Ed25519 has one coordinate (RFC 8032 5.1.5). */
static guint n_coordinates(JwsAlg alg)
{
    return alg == JWS_ES256 ? 2 : 1;
}

static gnutls_ecc_curve_t curve_of(JwsAlg alg)
{
    return alg == JWS_ES256 ? GNUTLS_ECC_CURVE_SECP256R1 : GNUTLS_ECC_CURVE_ED25519;
}

static gnutls_datum_t number_at(const guint8 *bytes, guint place)
{
    return (gnutls_datum_t){(unsigned char *)bytes + (gsize)place * JWS_EC_BYTES, JWS_EC_BYTES};
}

static int import_curve(JwsAlg alg, const guint8 *bytes, gsize size, gnutls_privkey_t loaded)
{
    guint n = n_coordinates(alg);
    const gnutls_datum_t x = number_at(bytes, 0);
    const gnutls_datum_t y = number_at(bytes, 1);
    const gnutls_datum_t secret = number_at(bytes, n);

    if (size != (gsize)(n + 1) * JWS_EC_BYTES) {
        return GNUTLS_E_PARSING_ERROR;
    }
    return gnutls_privkey_import_ecc_raw(loaded, curve_of(alg), &x, n > 1 ? &y : NULL, &secret);
}

static int import(JwsAlg alg, const void *bytes, gsize size, gnutls_privkey_t loaded)
{
    const gnutls_datum_t datum = {(unsigned char *)bytes, (unsigned)size};

    return alg == JWS_RS256
               ? gnutls_privkey_import_x509_raw(loaded, &datum, GNUTLS_X509_FMT_DER, NULL, 0)
               : import_curve(alg, bytes, size, loaded);
}

gboolean jws_private_load(
    JwsAlg alg,
    const void *bytes,
    gsize size,
    gnutls_privkey_t *ret_loaded,
    GError **error)
{
    gnutls_privkey_t loaded = NULL;

    if (!crypto_check(gnutls_privkey_init(&loaded), "making room for the signing key", error)) {
        return FALSE;
    }
    if (!crypto_check(import(alg, bytes, size, loaded), "reading the signing key", error)) {
        gnutls_privkey_deinit(loaded);
        return FALSE;
    }
    *ret_loaded = loaded;
    return TRUE;
}

static void datum_clear(gnutls_datum_t *datum)
{
    if (datum->data) {
        secret_wipe(datum->data, datum->size);
    }
    gnutls_free(datum->data);
}

static GBytes *export_rsa(gnutls_x509_privkey_t key, GError **error)
{
    gnutls_datum_t der = {NULL, 0};

    if (!crypto_check(
            gnutls_x509_privkey_export2(key, GNUTLS_X509_FMT_DER, &der), "writing the signing key",
            error)) {
        return NULL;
    }
    GBytes *bytes = g_bytes_new(der.data, der.size);
    datum_clear(&der);
    return bytes;
}

static GBytes *export_curve(JwsAlg alg, gnutls_x509_privkey_t key, GError **error)
{
    gnutls_datum_t parts[3] = {{NULL, 0}};
    guint n = n_coordinates(alg);
    gsize size = (gsize)(n + 1) * JWS_EC_BYTES;
    guint8 *bytes = g_malloc0(size);
    int code = gnutls_x509_privkey_export_ecc_raw(
        key, NULL, &parts[0], n > 1 ? &parts[1] : NULL, &parts[n]);

    if (!crypto_check(code, "writing the signing key", error)) {
        g_free(bytes);
        return NULL;
    }
    for (guint i = 0; i <= n; i++) {
        jws_put_number(bytes + (gsize)i * JWS_EC_BYTES, &parts[i]);
        datum_clear(&parts[i]);
    }
    return g_bytes_new_take(bytes, size);
}

GBytes *jws_key_make(JwsAlg alg, GError **error)
{
    const JwsAlgRow *row = jws_alg_row(alg);
    gnutls_x509_privkey_t key = NULL;
    GBytes *bytes = NULL;

    if (!crypto_check(gnutls_x509_privkey_init(&key), "making room for a signing key", error)) {
        return NULL;
    }
    if (crypto_check(
            gnutls_x509_privkey_generate(key, row->pk, row->bits, 0), "making a signing key",
            error)) {
        bytes = alg == JWS_RS256 ? export_rsa(key, error) : export_curve(alg, key, error);
    }
    gnutls_x509_privkey_deinit(key);
    secret_wipe_stack();
    return bytes;
}
