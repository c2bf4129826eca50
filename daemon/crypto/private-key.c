/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "crypto/private-key.h"

#include "base/error.h"
#include "crypto/check.h"

#include <nettle/asn1.h>
#include <string.h>

#define PEM_BEGIN "-----BEGIN "
#define PEM_KEY   "PRIVATE KEY-----"
#define PEM_END   "-----END "

#define RSA_BYTES_MAX 4096U /* as PKCS #1; 4096 bits have some 2,350 */

struct PrivateKey {
    gnutls_pk_algorithm_t kind;
    guint bits;
    gnutls_ecc_curve_t curve;
    gnutls_datum_t x, y; /* of the public half, on a curve */
    Secret *secret;      /* PKCS #1; on a curve the bare number */
};

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

static gboolean note_public(PrivateKey *key, gnutls_pubkey_t public, GError **error)
{
    int kind = gnutls_pubkey_get_pk_algorithm(public, &key->bits);

    key->kind = (gnutls_pk_algorithm_t)kind;
    if (kind >= 0 && key->kind != GNUTLS_PK_RSA) {
        (void)gnutls_pubkey_export_ecc_raw2(
            public, &key->curve, &key->x, &key->y, GNUTLS_EXPORT_FLAG_NO_LZ);
    }
    return kind_is_good(key) ||
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

static gboolean take_number(PrivateKey *key, Part number)
{
    gsize size = (gsize)gnutls_ecc_curve_get_size(key->curve);

    while (number.size > size && *number.data == 0) { /* GnuTLS puts one before a high bit */
        number = (Part){number.data + 1, number.size - 1};
    }
    if (number.size > size) {
        return FALSE;
    }
    key->secret = secret_new(size);
    memcpy(secret_data(key->secret) + size - number.size, number.data, number.size);
    return TRUE;
}

/* Of DER in the form that a key of its kind has: what rests. */
static gboolean take_own(PrivateKey *key, Part der)
{
    Part part = {NULL, 0};

    if (key->kind == GNUTLS_PK_RSA) {
        gboolean good = member(der, 0, ASN1_INTEGER, &part) && der.size <= RSA_BYTES_MAX;
        key->secret = good ? secret_new_copy(der.data, der.size) : NULL;
        return good;
    }
    return (key->kind == GNUTLS_PK_ECDSA ? member(der, 1, ASN1_OCTETSTRING, &part)
                                         : is_octets(der, &part)) &&
           take_number(key, part);
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

PrivateKey *private_key_new(char *pem, gnutls_pubkey_t public, GError **error)
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

void private_key_free(PrivateKey *key)
{
    if (key) {
        gnutls_free(key->x.data);
        gnutls_free(key->y.data);
        secret_unref(key->secret);
        g_free(key);
    }
}

static int load(const PrivateKey *key, gnutls_privkey_t loaded)
{
    const gnutls_datum_t secret = {
        (unsigned char *)secret_peek(key->secret), (unsigned)secret_size(key->secret)};

    if (key->kind == GNUTLS_PK_RSA) {
        return gnutls_privkey_import_x509_raw(loaded, &secret, GNUTLS_X509_FMT_DER, NULL, 0);
    }
    return gnutls_privkey_import_ecc_raw(
        loaded, key->curve, &key->x, key->kind == GNUTLS_PK_ECDSA ? &key->y : NULL, &secret);
}

typedef int (*Sign)(
    gnutls_privkey_t key,
    gnutls_sign_algorithm_t algorithm,
    unsigned flags,
    const gnutls_datum_t *data,
    gnutls_datum_t *ret_signature);

/* Loads, signs, and leaves nothing behind: loading RSA costs 8 µs, signing 1,500. */
static int sign_with(
    const PrivateKey *key,
    Sign sign,
    gnutls_sign_algorithm_t algorithm,
    const gnutls_datum_t *data,
    gnutls_datum_t *ret_signature)
{
    gnutls_privkey_t loaded = NULL;
    int code = gnutls_privkey_init(&loaded);

    if (code < 0) {
        return code;
    }
    code = load(key, loaded);
    code = code < 0 ? code : sign(loaded, algorithm, 0, data, ret_signature);
    gnutls_privkey_deinit(loaded);
    secret_wipe_stack();
    return code;
}

static int sign_data(
    G_GNUC_UNUSED gnutls_privkey_t handle,
    gnutls_sign_algorithm_t algorithm,
    void *key,
    G_GNUC_UNUSED unsigned flags,
    const gnutls_datum_t *data,
    gnutls_datum_t *ret_signature)
{
    return sign_with(key, gnutls_privkey_sign_data2, algorithm, data, ret_signature);
}

/* GnuTLS makes the hash itself, but for Ed25519. */
static int sign_hash(
    G_GNUC_UNUSED gnutls_privkey_t handle,
    gnutls_sign_algorithm_t algorithm,
    void *key,
    G_GNUC_UNUSED unsigned flags,
    const gnutls_datum_t *hash,
    gnutls_datum_t *ret_signature)
{
    return sign_with(key, gnutls_privkey_sign_hash2, algorithm, hash, ret_signature);
}

/* gnutls_privkey_info_func */
static int tell(G_GNUC_UNUSED gnutls_privkey_t handle, unsigned asked, void *data)
{
    const PrivateKey *key = data;

    if (asked & GNUTLS_PRIVKEY_INFO_PK_ALGO) {
        return (int)key->kind;
    }
    if (asked & GNUTLS_PRIVKEY_INFO_PK_ALGO_BITS) {
        return (int)key->bits;
    }
    if (asked & GNUTLS_PRIVKEY_INFO_HAVE_SIGN_ALGO) {
        gnutls_sign_algorithm_t algorithm = GNUTLS_FLAGS_TO_SIGN_ALGO(asked);
        return gnutls_sign_supports_pk_algorithm(algorithm, key->kind) != 0;
    }
    return -1;
}

int private_key_lend(PrivateKey *key, gnutls_privkey_t *ret_handle)
{
    gnutls_privkey_t handle = NULL;
    int code = gnutls_privkey_init(&handle);

    if (code < 0) {
        return code;
    }
    code = gnutls_privkey_import_ext4(handle, key, sign_data, sign_hash, NULL, NULL, tell, 0);
    if (code < 0) {
        gnutls_privkey_deinit(handle);
        return code;
    }
    *ret_handle = handle;
    return 0;
}
