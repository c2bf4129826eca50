/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "crypto/tls-identity.h"

#include "base/error.h"
#include "crypto/check.h"
#include "crypto/private-key.h"

#include <errno.h>
#include <fcntl.h>
#include <gnutls/x509.h>
#include <sys/stat.h>
#include <unistd.h>

struct TlsIdentity {
    gint references;
    gnutls_certificate_credentials_t credentials;
    Secret *der;
    gnutls_pk_algorithm_t kind;
    guint bits;
    gint64 end;
};

/* What a file holds, wiped when it goes. */
typedef struct Contents {
    guint8 *data;
    gsize size;
} Contents;

static void contents_clear(Contents *contents)
{
    if (contents->data) {
        secret_wipe(contents->data, TLS_FILE_BYTES_MAX);
    }
    g_clear_pointer(&contents->data, g_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Contents, contents_clear)

static gboolean refuse(GError **error, const char *file, const char *words)
{
    g_set_error(error, ANTARA_ERROR, ANTARA_ERROR_CONFIG, "%s: %s", file, words);
    return FALSE;
}

/* Links are followed: programs that renew certificates use them. */
static gboolean file_is_good(int fd, const char *file, gboolean secret, GError **error)
{
    struct stat status;

    if (fstat(fd, &status) < 0 || !S_ISREG(status.st_mode)) {
        return refuse(error, file, "this is no regular file");
    }
    if (secret && status.st_uid != 0 && status.st_uid != geteuid()) {
        return refuse(error, file, "the key must belong to root or to the daemon's user");
    }
    if (secret && (status.st_mode & 0037) != 0) {
        return refuse(
            error, file,
            "others may not read the key, nor its group write it: chmod it to 0600, 0400 or 0640");
    }
    if (status.st_size > TLS_FILE_BYTES_MAX) {
        return refuse(error, file, "this is too large for a certificate or a key");
    }
    return TRUE;
}

static gboolean file_read_open(int fd, Contents *contents)
{
    ssize_t got = 1;

    contents->data = g_malloc0(TLS_FILE_BYTES_MAX);
    while (got > 0 && contents->size < TLS_FILE_BYTES_MAX) {
        got = read(fd, contents->data + contents->size, TLS_FILE_BYTES_MAX - contents->size);
        contents->size += got > 0 ? (gsize)got : 0;
    }
    return got == 0;
}

static gboolean file_read(const char *file, gboolean secret, Contents *contents, GError **error)
{
    int fd = open(file, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

    if (fd < 0) {
        return refuse(error, file, g_strerror(errno));
    }
    gboolean done =
        file_is_good(fd, file, secret, error) &&
        (file_read_open(fd, contents) || refuse(error, file, "this can't be read whole"));
    (void)close(fd);
    return done;
}

/* By strength and by cost: a signature may hold up all others for a few milliseconds. */
static gboolean kind_is_good(const TlsIdentity *identity)
{
    if (identity->kind == GNUTLS_PK_RSA) {
        return identity->bits >= TLS_RSA_BITS_MIN && identity->bits <= TLS_RSA_BITS_MAX;
    }
    return identity->kind == GNUTLS_PK_EDDSA_ED25519 ||
           (identity->kind == GNUTLS_PK_ECDSA && (identity->bits == 256 || identity->bits == 384));
}

static gboolean
key_take(TlsIdentity *identity, gnutls_x509_privkey_t key, const char *file, GError **error)
{
    gnutls_datum_t der = {NULL, 0};

    identity->kind =
        (gnutls_pk_algorithm_t)gnutls_x509_privkey_get_pk_algorithm2(key, &identity->bits);
    if (!kind_is_good(identity)) {
        return refuse(
            error, file,
            "the key must be RSA of 2048 to 4096 bits, ECDSA of P-256 or P-384, or Ed25519");
    }
    if (!crypto_check(
            gnutls_x509_privkey_export2_pkcs8(
                key, GNUTLS_X509_FMT_DER, NULL, GNUTLS_PKCS_PLAIN, &der),
            "taking over the key", error)) {
        return FALSE;
    }
    identity->der = secret_new_copy(der.data, der.size);
    secret_wipe(der.data, der.size);
    gnutls_free(der.data);
    return TRUE;
}

static gboolean key_load(TlsIdentity *identity, const char *file, GError **error)
{
    g_auto(Contents) contents = {0};
    gnutls_x509_privkey_t key = NULL;

    if (!file_read(file, TRUE, &contents, error) ||
        !crypto_check(gnutls_x509_privkey_init(&key), "making room for a key", error)) {
        return FALSE;
    }
    const gnutls_datum_t pem = {contents.data, (unsigned)contents.size};
    int code = gnutls_x509_privkey_import(key, &pem, GNUTLS_X509_FMT_PEM);
    gboolean done = code < 0
                        ? refuse(error, file, "this is no private key in PEM, or it is encrypted")
                        : key_take(identity, key, file, error);
    gnutls_x509_privkey_deinit(key);
    secret_wipe_stack();
    return done;
}

static int sign_data(
    G_GNUC_UNUSED gnutls_privkey_t key,
    gnutls_sign_algorithm_t algorithm,
    void *data,
    G_GNUC_UNUSED unsigned flags,
    const gnutls_datum_t *text,
    gnutls_datum_t *ret_signature)
{
    const TlsIdentity *identity = data;

    return private_key_sign(
        identity->der, gnutls_privkey_sign_data2, algorithm, text, ret_signature);
}

/* The same of a hash: GnuTLS makes that itself, but for Ed25519. */
static int sign_hash(
    G_GNUC_UNUSED gnutls_privkey_t key,
    gnutls_sign_algorithm_t algorithm,
    void *data,
    G_GNUC_UNUSED unsigned flags,
    const gnutls_datum_t *hash,
    gnutls_datum_t *ret_signature)
{
    const TlsIdentity *identity = data;

    return private_key_sign(
        identity->der, gnutls_privkey_sign_hash2, algorithm, hash, ret_signature);
}

/* What the key can do, as GnuTLS asks it (gnutls_privkey_info_func). */
static int tell(G_GNUC_UNUSED gnutls_privkey_t key, unsigned asked, void *data)
{
    const TlsIdentity *identity = data;

    if (asked & GNUTLS_PRIVKEY_INFO_PK_ALGO) {
        return (int)identity->kind;
    }
    if (asked & GNUTLS_PRIVKEY_INFO_PK_ALGO_BITS) {
        return (int)identity->bits;
    }
    if (asked & GNUTLS_PRIVKEY_INFO_HAVE_SIGN_ALGO) {
        gnutls_sign_algorithm_t algorithm = GNUTLS_FLAGS_TO_SIGN_ALGO(asked);
        return gnutls_sign_supports_pk_algorithm(algorithm, identity->kind) != 0;
    }
    return -1;
}

static gboolean
chain_read(const char *file, gnutls_pcert_st *ret_chain, unsigned *ret_count, GError **error)
{
    g_auto(Contents) contents = {0};

    *ret_count = TLS_CHAIN_MAX;
    if (!file_read(file, FALSE, &contents, error)) {
        return FALSE;
    }
    const gnutls_datum_t pem = {contents.data, (unsigned)contents.size};
    int code = gnutls_pcert_list_import_x509_raw(
        ret_chain, ret_count, &pem, GNUTLS_X509_FMT_PEM,
        GNUTLS_X509_CRT_LIST_IMPORT_FAIL_IF_EXCEED | GNUTLS_X509_CRT_LIST_SORT);
    return code >= 0 || refuse(error, file, "this is no chain of certificates in PEM");
}

static gboolean note_end(TlsIdentity *identity, const gnutls_pcert_st *first, GError **error)
{
    gnutls_x509_crt_t certificate = NULL;

    if (!crypto_check(gnutls_x509_crt_init(&certificate), "making room for a certificate", error)) {
        return FALSE;
    }
    gboolean done = crypto_check(
        gnutls_x509_crt_import(certificate, &first->cert, GNUTLS_X509_FMT_DER),
        "reading the certificate", error);
    identity->end = done ? (gint64)gnutls_x509_crt_get_expiration_time(certificate) : 0;
    gnutls_x509_crt_deinit(certificate);
    return done;
}

/* Takes over the chain and the key when all is well, and only then. */
static gboolean credentials_set(
    TlsIdentity *identity,
    gnutls_pcert_st *chain,
    unsigned count,
    gnutls_privkey_t key,
    GError **error)
{
    return crypto_check(
               gnutls_privkey_import_ext4(key, identity, sign_data, sign_hash, NULL, NULL, tell, 0),
               "handing over the key", error) &&
           note_end(identity, &chain[0], error) &&
           crypto_check(
               gnutls_certificate_set_key(identity->credentials, NULL, 0, chain, (int)count, key),
               "joining certificate and key (is the key that of the certificate?)", error);
}

static gboolean credentials_load(TlsIdentity *identity, const char *file, GError **error)
{
    gnutls_pcert_st chain[TLS_CHAIN_MAX];
    gnutls_privkey_t key = NULL;
    unsigned count = 0;

    if (!crypto_check(
            gnutls_certificate_allocate_credentials(&identity->credentials),
            "making room for certificates", error) ||
        !chain_read(file, chain, &count, error)) {
        return FALSE;
    }
    gboolean done = crypto_check(gnutls_privkey_init(&key), "making room for a key", error) &&
                    credentials_set(identity, chain, count, key, error);
    if (!done) {
        g_prefix_error(error, "%s: ", file);
        for (unsigned i = 0; i < count; i++) {
            gnutls_pcert_deinit(&chain[i]);
        }
        if (key) {
            gnutls_privkey_deinit(key);
        }
    }
    return done;
}

TlsIdentity *tls_identity_load(const char *chain, const char *key, GError **error)
{
    g_autoptr(TlsIdentity) identity = g_new0(TlsIdentity, 1);

    identity->references = 1;
    return key_load(identity, key, error) && credentials_load(identity, chain, error)
               ? g_steal_pointer(&identity)
               : NULL;
}

TlsIdentity *tls_identity_ref(TlsIdentity *identity)
{
    g_atomic_int_inc(&identity->references);
    return identity;
}

void tls_identity_unref(TlsIdentity *identity)
{
    if (!identity || !g_atomic_int_dec_and_test(&identity->references)) {
        return;
    }
    if (identity->credentials) {
        gnutls_certificate_free_credentials(identity->credentials);
    }
    secret_unref(identity->der);
    g_free(identity);
}

gnutls_certificate_credentials_t tls_identity_credentials(const TlsIdentity *identity)
{
    return identity->credentials;
}

gint64 tls_identity_end(const TlsIdentity *identity)
{
    return identity->end;
}
