/* SPDX-License-Identifier: GPL-3.0-or-later */

/* test-tls-files.c - certificate and key as they lie on the disk */

#include "tls-line.h"

#include <glib/gstdio.h>
#include <gnutls/x509.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void refused(const Desk *desk, const char *words)
{
    g_autoptr(GError) error = NULL;

    g_assert_null(tls_server_new(desk->chain, desk->key, &error));
    g_test_message("%s", error->message);
    g_assert_nonnull(strstr(error->message, words));
    g_assert_true(
        g_str_has_prefix(error->message, desk->key) ||
        g_str_has_prefix(error->message, desk->chain));
}

static void a_bad_certificate_keeps_the_old(Desk *desk, G_GNUC_UNUSED gconstpointer data)
{
    static const gnutls_datum_t garbage = {(guint8 *)"-----BEGIN CERTIFICATE-----\n", 28};
    g_autoptr(TlsServer) server = desk_server(desk);
    g_autoptr(GError) error = NULL;
    g_auto(Line) line = {0};

    pem_write(desk->chain, 0644, &garbage);
    g_assert_false(tls_server_reload(server, &error));
    g_assert_nonnull(strstr(error->message, desk->chain));
    line_open(&line, server, NOW, SECURE, NULL);
    line_talk(&line);
}

static void a_key_that_others_may_read_is_refused(Desk *desk, G_GNUC_UNUSED gconstpointer data)
{
    static const int bad[] = {0644, 0604, 0660, 0610, 0601, 0666};
    static const int good[] = {0600, 0400, 0640, 0440};

    for (guint i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_assert_cmpint(g_chmod(desk->key, bad[i]), ==, 0);
        refused(desk, "others may not read");
    }
    for (guint i = 0; i < G_N_ELEMENTS(good); i++) {
        g_assert_cmpint(g_chmod(desk->key, good[i]), ==, 0);
        tls_server_free(desk_server(desk));
    }
    g_assert_cmpint(g_chmod(desk->key, 0600), ==, 0);
    if (geteuid() == 0) {
        g_assert_cmpint(chown(desk->key, 65534, 0), ==, 0);
        refused(desk, "belong to root");
    }
}

static void files_that_are_none_are_refused(Desk *desk, G_GNUC_UNUSED gconstpointer data)
{
    static const char *const garbage[] = {
        "",
        "nothing",
        "-----BEGIN PRIVATE KEY-----",
        "-----BEGIN PRIVATE KEY-----\n-----END ",
        "-----BEGIN PRIVATE KEY-----\nMAIBAA==\n-----END PRIVATE KEY-----\n",
        "-----BEGIN EC PRIVATE KEY-----\nMAMCAQE=\n-----END EC PRIVATE KEY-----\n",
    };

    for (guint i = 0; i < G_N_ELEMENTS(garbage); i++) {
        const gnutls_datum_t pem = {(guint8 *)garbage[i], (unsigned)strlen(garbage[i])};
        pem_write(desk->key, 0600, &pem);
        refused(desk, "no private key");
    }
    g_assert_cmpint(truncate(desk->key, 1 << 20), ==, 0);
    refused(desk, "too large");
    g_assert_cmpint(g_unlink(desk->key), ==, 0);
    refused(desk, "No such file");
    g_assert_cmpint(mkfifo(desk->key, 0600), ==, 0);
    refused(desk, "no regular file");
    g_assert_true(g_file_set_contents(desk->chain, "nothing", -1, NULL));
    refused(desk, "no chain of certificates");
}

static void a_key_of_another_certificate_is_refused(Desk *desk, G_GNUC_UNUSED gconstpointer data)
{
    g_autofree char *chain = NULL;

    g_assert_true(g_file_get_contents(desk->chain, &chain, NULL, NULL));
    desk_issue(desk, GNUTLS_PK_ECDSA, GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1));
    g_assert_true(g_file_set_contents(desk->chain, chain, -1, NULL));
    refused(desk, "is that another certificate's?");
}

/* As "openssl ecparam -genkey" and "openssl genrsa -traditional" write them. */
static void older_forms_of_keys_are_read(Desk *desk, G_GNUC_UNUSED gconstpointer data)
{
    static const char parameters[] =
        "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n";
    static const gnutls_pk_algorithm_t kinds[] = {GNUTLS_PK_ECDSA, GNUTLS_PK_RSA};

    for (guint i = 0; i < G_N_ELEMENTS(kinds); i++) {
        gnutls_x509_privkey_t key = NULL;
        gnutls_datum_t pem = {NULL, 0};
        g_autofree char *text = NULL;
        desk_issue(desk, kinds[i], i ? 2048 : GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1));
        g_assert_true(g_file_get_contents(desk->key, &text, NULL, NULL));
        pem = (gnutls_datum_t){(guint8 *)text, (unsigned)strlen(text)};
        g_assert_cmpint(gnutls_x509_privkey_init(&key), ==, 0);
        g_assert_cmpint(gnutls_x509_privkey_import(key, &pem, GNUTLS_X509_FMT_PEM), ==, 0);
        g_assert_cmpint(gnutls_x509_privkey_export2(key, GNUTLS_X509_FMT_PEM, &pem), ==, 0);
        g_autofree char *both = g_strconcat(parameters, (const char *)pem.data, NULL);
        g_assert_nonnull(strstr(both, i ? "BEGIN RSA PRIVATE KEY" : "BEGIN EC PRIVATE KEY"));
        g_assert_true(g_file_set_contents(desk->key, both, -1, NULL));
        g_assert_cmpint(g_chmod(desk->key, 0600), ==, 0);
        g_autoptr(TlsServer) server = desk_server(desk);
        g_auto(Line) line = {0};
        line_open(&line, server, NOW, SECURE, NULL);
        line_talk(&line);
        gnutls_free(pem.data);
        gnutls_x509_privkey_deinit(key);
    }
}

static void a_key_of_another_kind_is_refused(Desk *desk, G_GNUC_UNUSED gconstpointer data)
{
    static const struct {
        gnutls_pk_algorithm_t kind;
        guint bits;
    } others[] = {{GNUTLS_PK_RSA, 2048}, {GNUTLS_PK_EDDSA_ED25519, 0}};

    for (guint i = 0; i < G_N_ELEMENTS(others); i++) {
        g_autofree char *chain = NULL;
        g_assert_true(g_file_get_contents(desk->chain, &chain, NULL, NULL));
        desk_issue(desk, others[i].kind, others[i].bits);
        g_assert_true(g_file_set_contents(desk->chain, chain, -1, NULL));
        refused(desk, "of the certificate's kind");
    }
}

static void weak_and_slow_keys_are_refused(Desk *desk, G_GNUC_UNUSED gconstpointer data)
{
    desk_issue(desk, GNUTLS_PK_RSA, 1024);
    refused(desk, "must be RSA of 2048");
    desk_issue(desk, GNUTLS_PK_ECDSA, GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP521R1));
    refused(desk, "must be RSA of 2048");
}

static void an_encrypted_key_is_refused(Desk *desk, G_GNUC_UNUSED gconstpointer data)
{
    gnutls_x509_privkey_t key = NULL;
    gnutls_datum_t pem = {NULL, 0};

    g_assert_cmpint(gnutls_x509_privkey_init(&key), ==, 0);
    g_assert_cmpint(gnutls_x509_privkey_generate(key, GNUTLS_PK_EDDSA_ED25519, 0, 0), ==, 0);
    g_assert_cmpint(
        gnutls_x509_privkey_export2_pkcs8(
            key, GNUTLS_X509_FMT_PEM, "password", GNUTLS_PKCS_PBES2_AES_256, &pem),
        ==, 0);
    pem_write(desk->key, 0600, &pem);
    gnutls_free(pem.data);
    gnutls_x509_privkey_deinit(key);
    refused(desk, "encrypted");
}

static void links_are_followed(Desk *desk, G_GNUC_UNUSED gconstpointer data)
{
    g_autofree char *real = g_strconcat(desk->key, ".1", NULL);

    g_assert_cmpint(g_rename(desk->key, real), ==, 0);
    g_assert_cmpint(symlink(real, desk->key), ==, 0);
    tls_server_free(desk_server(desk));
    g_assert_cmpint(g_unlink(real), ==, 0);
}

#define ADD(path, data, func)                                                                      \
    g_test_add("/crypto/tls/" path, Desk, data, desk_set_up, func, desk_tear_down)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("bad-reload", NULL, a_bad_certificate_keeps_the_old);
    ADD("key-mode", NULL, a_key_that_others_may_read_is_refused);
    ADD("no-files", NULL, files_that_are_none_are_refused);
    ADD("mismatch", NULL, a_key_of_another_certificate_is_refused);
    ADD("older", NULL, older_forms_of_keys_are_read);
    ADD("other-kind", NULL, a_key_of_another_kind_is_refused);
    ADD("weak-key", NULL, weak_and_slow_keys_are_refused);
    ADD("encrypted", NULL, an_encrypted_key_is_refused);
    ADD("links", NULL, links_are_followed);
    return g_test_run();
}
