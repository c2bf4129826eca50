/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "crypto/private-key.h"

#include "crypto/check.h"

gboolean private_key_load(const void *der, gsize size, gnutls_privkey_t *ret_loaded, GError **error)
{
    const gnutls_datum_t datum = {(unsigned char *)der, (unsigned)size};
    gnutls_privkey_t loaded = NULL;

    if (!crypto_check(gnutls_privkey_init(&loaded), "making room for a private key", error)) {
        return FALSE;
    }
    if (!crypto_check(
            gnutls_privkey_import_x509_raw(loaded, &datum, GNUTLS_X509_FMT_DER, NULL, 0),
            "reading a private key", error)) {
        gnutls_privkey_deinit(loaded);
        return FALSE;
    }
    *ret_loaded = loaded;
    return TRUE;
}

int private_key_sign(
    const Secret *der,
    PrivateKeySign sign,
    gnutls_sign_algorithm_t algorithm,
    const gnutls_datum_t *data,
    gnutls_datum_t *ret_signature)
{
    gnutls_privkey_t loaded = NULL;

    if (!private_key_load(secret_peek(der), secret_size(der), &loaded, NULL)) {
        return GNUTLS_E_INTERNAL_ERROR;
    }
    int code = sign(loaded, algorithm, 0, data, ret_signature);
    gnutls_privkey_deinit(loaded);
    secret_wipe_stack();
    return code;
}
