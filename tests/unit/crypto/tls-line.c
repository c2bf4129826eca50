/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "tls-line.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <gnutls/x509.h>
#include <string.h>

void pem_write(const char *file, int mode, const gnutls_datum_t *pem)
{
    (void)g_unlink(file);
    g_assert_true(g_file_set_contents(file, (const char *)pem->data, pem->size, NULL));
    g_assert_cmpint(g_chmod(file, mode), ==, 0);
}

static gnutls_x509_crt_t certificate_make(gnutls_x509_privkey_t key)
{
    gnutls_x509_crt_t certificate = NULL;
    const gint64 now = g_get_real_time() / G_USEC_PER_SEC;

    g_assert_cmpint(gnutls_x509_crt_init(&certificate), ==, 0);
    g_assert_cmpint(gnutls_x509_crt_set_version(certificate, 3), ==, 0);
    g_assert_cmpint(gnutls_x509_crt_set_serial(certificate, "1", 1), ==, 0);
    g_assert_cmpint(gnutls_x509_crt_set_dn(certificate, "CN=id.example", NULL), ==, 0);
    g_assert_cmpint(gnutls_x509_crt_set_activation_time(certificate, now - 60), ==, 0);
    g_assert_cmpint(gnutls_x509_crt_set_expiration_time(certificate, now + 3600), ==, 0);
    g_assert_cmpint(gnutls_x509_crt_set_key(certificate, key), ==, 0);
    g_assert_cmpint(gnutls_x509_crt_sign(certificate, certificate, key), ==, 0);
    return certificate;
}

/* Makes both files anew, of a fresh key. */
void desk_issue(const Desk *desk, gnutls_pk_algorithm_t kind, guint bits)
{
    gnutls_x509_privkey_t key = NULL;
    gnutls_datum_t pem = {NULL, 0};

    g_assert_cmpint(gnutls_x509_privkey_init(&key), ==, 0);
    g_assert_cmpint(gnutls_x509_privkey_generate(key, kind, bits, 0), ==, 0);
    g_assert_cmpint(
        gnutls_x509_privkey_export2_pkcs8(key, GNUTLS_X509_FMT_PEM, NULL, GNUTLS_PKCS_PLAIN, &pem),
        ==, 0);
    pem_write(desk->key, 0600, &pem);
    gnutls_free(pem.data);
    gnutls_x509_crt_t certificate = certificate_make(key);
    g_assert_cmpint(gnutls_x509_crt_export2(certificate, GNUTLS_X509_FMT_PEM, &pem), ==, 0);
    pem_write(desk->chain, 0644, &pem);
    gnutls_free(pem.data);
    gnutls_x509_crt_deinit(certificate);
    gnutls_x509_privkey_deinit(key);
}

void desk_set_up(Desk *desk, G_GNUC_UNUSED gconstpointer data)
{
    desk->dir = g_dir_make_tmp("antara-tls-XXXXXX", NULL);
    desk->chain = g_build_filename(desk->dir, "chain.pem", NULL);
    desk->key = g_build_filename(desk->dir, "key.pem", NULL);
    desk_issue(desk, GNUTLS_PK_ECDSA, GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1));
}

void desk_tear_down(Desk *desk, G_GNUC_UNUSED gconstpointer data)
{
    (void)g_unlink(desk->chain);
    (void)g_unlink(desk->key);
    g_assert_cmpint(g_rmdir(desk->dir), ==, 0);
    g_free(desk->chain);
    g_free(desk->key);
    g_free(desk->dir);
}

TlsServer *desk_server(const Desk *desk)
{
    g_autoptr(GError) error = NULL;
    TlsServer *server = tls_server_new(desk->chain, desk->key, &error);

    g_assert_no_error(error);
    return server;
}

static gssize to_client(gpointer data, const struct iovec *pieces, int count)
{
    Line *line = data;
    gsize taken = 0;

    for (int i = 0; i < count; i++) {
        gsize size = MIN(pieces[i].iov_len, line->room);
        g_byte_array_append(line->to_client, pieces[i].iov_base, (guint)size);
        line->room -= size;
        taken += size;
    }
    errno = EAGAIN;
    return taken > 0 || count == 0 ? (gssize)taken : -1;
}

static ssize_t client_pushes(gnutls_transport_ptr_t data, const void *bytes, size_t size)
{
    g_byte_array_append(((Line *)data)->to_server, bytes, (guint)size);
    return (ssize_t)size;
}

static ssize_t client_pulls(gnutls_transport_ptr_t data, void *place, size_t size)
{
    GByteArray *from = ((Line *)data)->to_client;
    guint passed = (guint)MIN(size, from->len);

    if (passed == 0) {
        errno = EAGAIN;
        return -1;
    }
    memcpy(place, from->data, passed);
    g_byte_array_remove_range(from, 0, passed);
    return passed;
}

void line_open(
    Line *line,
    TlsServer *server,
    gint64 now_usec,
    const char *priorities,
    const char *alpn)
{
    *line = (Line){.room = G_MAXSIZE, .piece = G_MAXUINT, .client_code = GNUTLS_E_AGAIN};
    line->to_client = g_byte_array_new();
    line->to_server = g_byte_array_new();
    line->step = TLS_WAITS;
    line->session = tls_session_new(server, now_usec, to_client, line);
    g_assert_cmpint(gnutls_init(&line->client, GNUTLS_CLIENT | GNUTLS_NONBLOCK), ==, 0);
    g_assert_cmpint(gnutls_certificate_allocate_credentials(&line->trust), ==, 0);
    g_assert_cmpint(
        gnutls_credentials_set(line->client, GNUTLS_CRD_CERTIFICATE, line->trust), ==, 0);
    g_assert_cmpint(gnutls_priority_set_direct(line->client, priorities, NULL), ==, 0);
    if (alpn) {
        g_auto(GStrv) names = g_strsplit(alpn, " ", -1);
        gnutls_datum_t protocols[4];
        for (guint i = 0; names[i]; i++) {
            protocols[i] = (gnutls_datum_t){(guint8 *)names[i], (unsigned)strlen(names[i])};
        }
        g_assert_cmpint(
            gnutls_alpn_set_protocols(line->client, protocols, g_strv_length(names), 0), ==, 0);
    }
    gnutls_transport_set_ptr(line->client, line);
    gnutls_transport_set_push_function(line->client, client_pushes);
    gnutls_transport_set_pull_function(line->client, client_pulls);
}

void line_close(Line *line)
{
    tls_session_free(line->session);
    gnutls_deinit(line->client);
    gnutls_certificate_free_credentials(line->trust);
    g_byte_array_unref(line->to_client);
    g_byte_array_unref(line->to_server);
}

/* What is on its way to the server arrives. */
void line_arrive(Line *line)
{
    gsize size = MIN(line->piece, line->to_server->len);

    tls_session_feed(line->session, line->to_server->data, size);
    g_byte_array_remove_range(line->to_server, 0, (guint)size);
}

/* Until both are done, or one has failed. */
void line_shake_hands(Line *line)
{
    for (guint i = 0; i < 10000; i++) {
        if (line->client_code == GNUTLS_E_AGAIN || line->client_code > 0) {
            line->client_code = gnutls_handshake(line->client);
        }
        if (line->step == TLS_DONE || line->step == TLS_FAILED) {
            return;
        }
        line_arrive(line);
        line->step = tls_session_handshake(line->session);
        if (line->step == TLS_BLOCKED) {
            line->room += 100;
        }
    }
    g_assert_not_reached();
}

void line_client_says(Line *line, const char *text)
{
    g_assert_cmpint(gnutls_record_send(line->client, text, strlen(text)), ==, strlen(text));
    while (line->to_server->len > 0) {
        line_arrive(line);
    }
}

void line_server_reads(Line *line, const char *text)
{
    char data[100] = {0};

    g_assert_cmpint(tls_session_read(line->session, data, sizeof(data) - 1), ==, strlen(text));
    g_assert_cmpstr(data, ==, text);
    g_assert_cmpint(tls_session_read(line->session, data, sizeof(data)), ==, -1);
}

/* Past the tickets, behind each of which GnuTLS's client asks to be called again. */
ssize_t line_client_takes(Line *line, char *data, gsize size)
{
    ssize_t got = 0;

    do {
        got = gnutls_record_recv(line->client, data, size);
    } while (got == GNUTLS_E_AGAIN && line->to_client->len > 0);
    return got;
}

void line_client_reads(Line *line, const char *text)
{
    char data[100] = {0};

    g_assert_cmpint(line_client_takes(line, data, sizeof(data) - 1), ==, strlen(text));
    g_assert_cmpstr(data, ==, text);
}

void line_talk(Line *line)
{
    line_shake_hands(line);
    g_assert_cmpint(line->step, ==, TLS_DONE);
    g_assert_cmpint(line->client_code, ==, 0);
    line->room = G_MAXSIZE;
    line_client_says(line, "who is there?");
    line_server_reads(line, "who is there?");
    g_assert_cmpint(tls_session_write(line->session, "antara", 6), ==, 6);
    line_client_reads(line, "antara");
}
