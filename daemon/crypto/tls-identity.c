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
    PrivateKey *key;
    gint64 end;
};

/* What a file holds, NUL-terminated, wiped when it goes. */
typedef struct Contents {
    char *text;
    gsize size;
} Contents;

static void contents_clear(Contents *contents)
{
    if (contents->text) {
        secret_wipe(contents->text, TLS_FILE_BYTES_MAX);
    }
    g_clear_pointer(&contents->text, g_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Contents, contents_clear)

/* The certificates of a file, until the credentials take them over. */
typedef struct Chain {
    gnutls_pcert_st certificates[TLS_CHAIN_MAX];
    unsigned count;
} Chain;

static void chain_clear(Chain *chain)
{
    for (unsigned i = 0; i < chain->count; i++) {
        gnutls_pcert_deinit(&chain->certificates[i]);
    }
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Chain, chain_clear)

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
    if (status.st_size >= TLS_FILE_BYTES_MAX) {
        return refuse(error, file, "this is too large for a certificate or a key");
    }
    return TRUE;
}

static gboolean file_read_open(int fd, Contents *contents)
{
    ssize_t got = 1;

    contents->text = g_malloc0(TLS_FILE_BYTES_MAX);
    while (got > 0 && contents->size < TLS_FILE_BYTES_MAX - 1) {
        got = read(fd, contents->text + contents->size, TLS_FILE_BYTES_MAX - 1 - contents->size);
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

static gboolean chain_read(const char *file, Chain *chain, GError **error)
{
    g_auto(Contents) contents = {0};
    unsigned count = TLS_CHAIN_MAX;

    if (!file_read(file, FALSE, &contents, error)) {
        return FALSE;
    }
    const gnutls_datum_t pem = {(unsigned char *)contents.text, (unsigned)contents.size};
    int code = gnutls_pcert_list_import_x509_raw(
        chain->certificates, &count, &pem, GNUTLS_X509_FMT_PEM,
        GNUTLS_X509_CRT_LIST_IMPORT_FAIL_IF_EXCEED | GNUTLS_X509_CRT_LIST_SORT);
    chain->count = code < 0 ? 0 : count;
    return code >= 0 || refuse(error, file, "this is no chain of certificates in PEM");
}

static gboolean
key_read(const char *file, const Chain *chain, TlsIdentity *identity, GError **error)
{
    g_auto(Contents) contents = {0};

    if (!file_read(file, TRUE, &contents, error)) {
        return FALSE;
    }
    identity->key = private_key_read(contents.text, chain->certificates[0].pubkey, error);
    if (!identity->key) {
        g_prefix_error(error, "%s: ", file);
    }
    return identity->key != NULL;
}

static gboolean note_end(TlsIdentity *identity, const Chain *chain, GError **error)
{
    gnutls_x509_crt_t certificate = NULL;

    if (!crypto_check(gnutls_x509_crt_init(&certificate), "making room for a certificate", error)) {
        return FALSE;
    }
    gboolean done = crypto_check(
        gnutls_x509_crt_import(certificate, &chain->certificates[0].cert, GNUTLS_X509_FMT_DER),
        "reading the certificate", error);
    identity->end = done ? (gint64)gnutls_x509_crt_get_expiration_time(certificate) : 0;
    gnutls_x509_crt_deinit(certificate);
    return done;
}

/* Signs something and looks whether it fits. Takes over chain and handle when it does. */
static gboolean join(TlsIdentity *identity, Chain *chain, GError **error)
{
    gnutls_privkey_t handle = NULL;

    if (!crypto_check(
            gnutls_certificate_allocate_credentials(&identity->credentials),
            "making room for certificates", error) ||
        !crypto_check(private_key_lend(identity->key, &handle), "handing over the key", error)) {
        return FALSE;
    }
    if (!crypto_check(
            gnutls_certificate_set_key(
                identity->credentials, NULL, 0, chain->certificates, (int)chain->count, handle),
            "joining it with the key (is that another certificate's?)", error)) {
        gnutls_privkey_deinit(handle);
        return FALSE;
    }
    chain->count = 0;
    return TRUE;
}

TlsIdentity *tls_identity_load(const char *chain_file, const char *key_file, GError **error)
{
    g_autoptr(TlsIdentity) identity = g_new0(TlsIdentity, 1);
    g_auto(Chain) chain = {.count = 0};

    identity->references = 1;
    if (!chain_read(chain_file, &chain, error) || !key_read(key_file, &chain, identity, error)) {
        return NULL;
    }
    if (!note_end(identity, &chain, error) || !join(identity, &chain, error)) {
        g_prefix_error(error, "%s: ", chain_file);
        return NULL;
    }
    return g_steal_pointer(&identity);
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
    private_key_free(identity->key);
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
