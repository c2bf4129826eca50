/* SPDX-License-Identifier: GPL-3.0-or-later */

/* jws-make.c - a new signing key, as the keyring holds it */

#include "base/secret.h"
#include "crypto/check.h"
#include "crypto/jws-inside.h"
#include "crypto/jws.h"
#include "crypto/number.h"
#include "crypto/private-key.h"

#include <gnutls/gnutls.h>
#include <gnutls/x509.h>

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
    guint n = private_key_coordinates(jws_alg_row(alg)->pk);
    gsize size = (gsize)(n + 1) * JWS_EC_BYTES;
    guint8 *bytes = g_malloc0(size);
    int code = gnutls_x509_privkey_export_ecc_raw(
        key, NULL, &parts[0], n > 1 ? &parts[1] : NULL, &parts[n]);

    if (!crypto_check(code, "writing the signing key", error)) {
        g_free(bytes);
        return NULL;
    }
    for (guint i = 0; i <= n; i++) {
        (void)number_put(
            bytes + (gsize)i * JWS_EC_BYTES, JWS_EC_BYTES, parts[i].data, parts[i].size);
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
