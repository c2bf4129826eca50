/* SPDX-License-Identifier: GPL-3.0-or-later */

/* private-key-pem.c - what a certificate's key file holds, taken apart */

#include "crypto/private-key.h"

#include "base/error.h"
#include "crypto/number.h"

#include <nettle/asn1.h>
#include <string.h>

#define PEM_BEGIN "-----BEGIN "
#define PEM_KEY   "PRIVATE KEY-----"
#define PEM_END   "-----END "

/* A piece of the caller's bytes. */
typedef struct Part {
    const guint8 *data;
    gsize size;
} Part;

static gboolean refuse(GError **error, const char *words)
{
    g_set_error_literal(error, ANTARA_ERROR, ANTARA_ERROR_CONFIG, words);
    return FALSE;
}

/* By strength and by cost: a signature may hold up all others for a few milliseconds. */
static gboolean kind_is_good(const PrivateKey *key)
{
    if (key->kind == GNUTLS_PK_RSA) {
        return key->bits >= PRIVATE_KEY_RSA_BITS_MIN && key->bits <= PRIVATE_KEY_RSA_BITS_MAX;
    }
    return key->kind == GNUTLS_PK_EDDSA_ED25519 ||
           (key->kind == GNUTLS_PK_ECDSA &&
            (key->curve == GNUTLS_ECC_CURVE_SECP256R1 || key->curve == GNUTLS_ECC_CURVE_SECP384R1));
}

/* Number @place of those that a key on a curve is. */
static gboolean put(PrivateKey *key, guint place, const void *data, gsize bytes)
{
    gsize size = (gsize)gnutls_ecc_curve_get_size(key->curve);

    return number_put(secret_data(key->secret) + place * size, size, data, bytes);
}

static gboolean put_point(PrivateKey *key, const gnutls_datum_t *x, const gnutls_datum_t *y)
{
    guint n = private_key_coordinates(key->kind);

    key->secret = secret_new((n + 1) * (gsize)gnutls_ecc_curve_get_size(key->curve));
    return put(key, 0, x->data, x->size) && (n == 1 || put(key, 1, y->data, y->size));
}

static gboolean note_public(PrivateKey *key, gnutls_pubkey_t public, GError **error)
{
    int kind = gnutls_pubkey_get_pk_algorithm(public, &key->bits);
    gnutls_datum_t x = {NULL, 0};
    gnutls_datum_t y = {NULL, 0};

    key->kind = (gnutls_pk_algorithm_t)kind;
    if (kind >= 0 && key->kind != GNUTLS_PK_RSA) {
        (void)gnutls_pubkey_export_ecc_raw2(public, &key->curve, &x, &y, GNUTLS_EXPORT_FLAG_NO_LZ);
    }
    gboolean good = kind_is_good(key) && (key->kind == GNUTLS_PK_RSA || put_point(key, &x, &y));
    gnutls_free(x.data);
    gnutls_free(y.data);
    return good ||
           refuse(
               error,
               "the key must be RSA of 2048 to 4096 bits, ECDSA of P-256 or P-384, or Ed25519");
}

/* The member number @place of the sequence that @whole is. */
static gboolean member(Part whole, guint place, guint32 type, Part *ret_part)
{
    struct asn1_der_iterator at;
    enum asn1_iterator_result found =
        asn1_der_iterator_first(&at, whole.size, whole.data) == ASN1_ITERATOR_CONSTRUCTED &&
                at.type == ASN1_SEQUENCE
            ? asn1_der_decode_constructed_last(&at)
            : ASN1_ITERATOR_ERROR;

    while (place-- > 0 && found != ASN1_ITERATOR_ERROR && found != ASN1_ITERATOR_END) {
        found = asn1_der_iterator_next(&at);
    }
    *ret_part = (Part){at.data, at.length};
    return found == ASN1_ITERATOR_PRIMITIVE && at.type == type;
}

static gboolean is_octets(Part whole, Part *ret_part)
{
    struct asn1_der_iterator at;

    if (asn1_der_iterator_first(&at, whole.size, whole.data) != ASN1_ITERATOR_PRIMITIVE ||
        at.type != ASN1_OCTETSTRING) {
        return FALSE;
    }
    *ret_part = (Part){at.data, at.length};
    return TRUE;
}

/* Of DER in the form that a key of its kind has: what rests. */
static gboolean take_own(PrivateKey *key, Part der)
{
    Part part = {NULL, 0};

    if (key->kind == GNUTLS_PK_RSA) {
        gboolean good =
            member(der, 0, ASN1_INTEGER, &part) && der.size <= PRIVATE_KEY_RSA_BYTES_MAX;
        key->secret = good ? secret_new_copy(der.data, der.size) : NULL;
        return good;
    }
    return (key->kind == GNUTLS_PK_ECDSA ? member(der, 1, ASN1_OCTETSTRING, &part)
                                         : is_octets(der, &part)) &&
           put(key, private_key_coordinates(key->kind), part.data, part.size);
}

/* PKCS #8 wraps the form that a key of its kind has. */
static gboolean take(PrivateKey *key, const char *label, Part der)
{
    Part inner = {NULL, 0};

    if (g_str_has_prefix(label, PEM_KEY)) {
        return member(der, 2, ASN1_OCTETSTRING, &inner) && take_own(key, inner);
    }
    return g_str_has_prefix(label, key->kind == GNUTLS_PK_RSA ? "RSA " PEM_KEY : "EC " PEM_KEY) &&
           take_own(key, der);
}

/* The block of a key, behind others such as EC PARAMETERS. */
static char *label_find(char *pem)
{
    char *label = strstr(pem, PEM_BEGIN);

    while (label) {
        label += strlen(PEM_BEGIN);
        char *end = strstr(label, PEM_KEY);
        if (end && end < label + strcspn(label, "\r\n")) {
            return label;
        }
        label = strstr(label, PEM_BEGIN);
    }
    return NULL;
}

static gboolean read_pem(PrivateKey *key, char *pem)
{
    char *label = label_find(pem);
    char *text = label ? strpbrk(label, "\r\n") : NULL;
    char *end = text ? strstr(text, PEM_END) : NULL;
    gsize size = 0;

    if (!end || end - text < 8 || memchr(text, ':', (gsize)(end - text))) {
        return FALSE; /* a colon: a field that says how it is encrypted */
    }
    *end = '\0';
    const guint8 *der = g_base64_decode_inplace(text, &size);
    return take(key, label, (Part){der, size});
}

PrivateKey *private_key_read(char *pem, gnutls_pubkey_t public, GError **error)
{
    g_autoptr(PrivateKey) key = g_new0(PrivateKey, 1);

    if (!note_public(key, public, error)) {
        return NULL;
    }
    if (!read_pem(key, pem)) {
        (void)refuse(
            error, "this is no private key in PEM of the certificate's kind, or it is encrypted");
        return NULL;
    }
    return g_steal_pointer(&key);
}
