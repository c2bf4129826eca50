/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "crypto/tls-server.h"

#include "base/error.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <gnutls/x509.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SECURE "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2"
#define NOW    (G_GINT64_CONSTANT(1000) * G_USEC_PER_SEC)

/* A folder with the files of one server. */
typedef struct Desk {
    char *dir, *chain, *key;
} Desk;

static void write_pem(const char *file, int mode, const gnutls_datum_t *pem)
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
static void issue(const Desk *desk, gnutls_pk_algorithm_t kind, guint bits)
{
    gnutls_x509_privkey_t key = NULL;
    gnutls_datum_t pem = {NULL, 0};

    g_assert_cmpint(gnutls_x509_privkey_init(&key), ==, 0);
    g_assert_cmpint(gnutls_x509_privkey_generate(key, kind, bits, 0), ==, 0);
    g_assert_cmpint(
        gnutls_x509_privkey_export2_pkcs8(key, GNUTLS_X509_FMT_PEM, NULL, GNUTLS_PKCS_PLAIN, &pem),
        ==, 0);
    write_pem(desk->key, 0600, &pem);
    gnutls_free(pem.data);
    gnutls_x509_crt_t certificate = certificate_make(key);
    g_assert_cmpint(gnutls_x509_crt_export2(certificate, GNUTLS_X509_FMT_PEM, &pem), ==, 0);
    write_pem(desk->chain, 0644, &pem);
    gnutls_free(pem.data);
    gnutls_x509_crt_deinit(certificate);
    gnutls_x509_privkey_deinit(key);
}

static void set_up(Desk *desk, G_GNUC_UNUSED gconstpointer data)
{
    desk->dir = g_dir_make_tmp("antara-tls-XXXXXX", NULL);
    desk->chain = g_build_filename(desk->dir, "chain.pem", NULL);
    desk->key = g_build_filename(desk->dir, "key.pem", NULL);
    issue(desk, GNUTLS_PK_ECDSA, GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1));
}

static void tear_down(Desk *desk, G_GNUC_UNUSED gconstpointer data)
{
    (void)g_unlink(desk->chain);
    (void)g_unlink(desk->key);
    g_assert_cmpint(g_rmdir(desk->dir), ==, 0);
    g_free(desk->chain);
    g_free(desk->key);
    g_free(desk->dir);
}

static TlsServer *server_of(const Desk *desk)
{
    g_autoptr(GError) error = NULL;
    TlsServer *server = tls_server_new(desk->chain, desk->key, &error);

    g_assert_no_error(error);
    return server;
}

/* A session and its client, and what is on its way between them. */
typedef struct Line {
    TlsSession *session;
    gnutls_session_t client;
    gnutls_certificate_credentials_t trust;
    GByteArray *to_client;
    gsize room;  /* how much the way to the client takes */
    gsize piece; /* how much the session is fed at once */
    GByteArray *to_server;
    TlsStep step;
    int client_code;
} Line;

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

static void
line_open(Line *line, TlsServer *server, gint64 now_usec, const char *priorities, const char *alpn)
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

static void line_close(Line *line)
{
    tls_session_free(line->session);
    gnutls_deinit(line->client);
    gnutls_certificate_free_credentials(line->trust);
    g_byte_array_unref(line->to_client);
    g_byte_array_unref(line->to_server);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Line, line_close)

/* What is on its way to the server arrives. */
static void arrive(Line *line)
{
    gsize size = MIN(line->piece, line->to_server->len);

    tls_session_feed(line->session, line->to_server->data, size);
    g_byte_array_remove_range(line->to_server, 0, (guint)size);
}

/* Until both are done, or one has failed. */
static void shake_hands(Line *line)
{
    for (guint i = 0; i < 10000; i++) {
        if (line->client_code == GNUTLS_E_AGAIN || line->client_code > 0) {
            line->client_code = gnutls_handshake(line->client);
        }
        if (line->step == TLS_DONE || line->step == TLS_FAILED) {
            return;
        }
        arrive(line);
        line->step = tls_session_handshake(line->session);
        if (line->step == TLS_BLOCKED) {
            line->room += 100;
        }
    }
    g_assert_not_reached();
}

static void client_says(Line *line, const char *text)
{
    g_assert_cmpint(gnutls_record_send(line->client, text, strlen(text)), ==, strlen(text));
    while (line->to_server->len > 0) {
        arrive(line);
    }
}

static void server_reads(Line *line, const char *text)
{
    char data[100] = {0};

    g_assert_cmpint(tls_session_read(line->session, data, sizeof(data) - 1), ==, strlen(text));
    g_assert_cmpstr(data, ==, text);
    g_assert_cmpint(tls_session_read(line->session, data, sizeof(data)), ==, -1);
}

/* Past the tickets, behind each of which GnuTLS's client asks to be called again. */
static ssize_t client_takes(Line *line, char *data, gsize size)
{
    ssize_t got = 0;

    do {
        got = gnutls_record_recv(line->client, data, size);
    } while (got == GNUTLS_E_AGAIN && line->to_client->len > 0);
    return got;
}

static void client_reads(Line *line, const char *text)
{
    char data[100] = {0};

    g_assert_cmpint(client_takes(line, data, sizeof(data) - 1), ==, strlen(text));
    g_assert_cmpstr(data, ==, text);
}

static void they_talk(Line *line)
{
    shake_hands(line);
    g_assert_cmpint(line->step, ==, TLS_DONE);
    g_assert_cmpint(line->client_code, ==, 0);
    line->room = G_MAXSIZE;
    client_says(line, "who is there?");
    server_reads(line, "who is there?");
    g_assert_cmpint(tls_session_write(line->session, "antara", 6), ==, 6);
    client_reads(line, "antara");
}

static void both_versions_and_all_kinds_of_keys_talk(Desk *desk, G_GNUC_UNUSED gconstpointer data)
{
    static const struct {
        gnutls_pk_algorithm_t kind;
        guint bits;
    } keys[] = {
        {GNUTLS_PK_RSA, 2048},
        {GNUTLS_PK_ECDSA, GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1)},
        {GNUTLS_PK_ECDSA, GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP384R1)},
        {GNUTLS_PK_EDDSA_ED25519, 0},
    };
    static const struct {
        const char *priorities;
        gnutls_protocol_t version;
    } versions[] = {
        {"NORMAL:-VERS-ALL:+VERS-TLS1.3", GNUTLS_TLS1_3},
        {"NORMAL:-VERS-ALL:+VERS-TLS1.2", GNUTLS_TLS1_2},
        {"NORMAL:-VERS-ALL:+VERS-TLS1.2:+VERS-TLS1.1:+VERS-TLS1.0", GNUTLS_TLS1_2},
    };

    for (guint i = 0; i < G_N_ELEMENTS(keys); i++) {
        issue(desk, keys[i].kind, keys[i].bits);
        g_autoptr(TlsServer) server = server_of(desk);
        for (guint j = 0; j < G_N_ELEMENTS(versions); j++) {
            g_auto(Line) line = {0};
            g_test_message("key %u, version %u", i, j);
            line_open(&line, server, NOW, versions[j].priorities, NULL);
            they_talk(&line);
            g_assert_cmpint(gnutls_protocol_get_version(line.client), ==, versions[j].version);
        }
    }
}

static void what_is_weak_is_refused(Desk *desk, G_GNUC_UNUSED gconstpointer data)
{
    static const char *const weak[] = {
        "NORMAL:-VERS-ALL:+VERS-TLS1.1",         "NORMAL:-VERS-ALL:+VERS-TLS1.0:+VERS-TLS1.1",
        SECURE ":-KX-ALL:+RSA:-VERS-TLS1.3", /* no forward secrecy */
        SECURE ":-KX-ALL:+DHE-RSA:-VERS-TLS1.3", SECURE ":-CIPHER-ALL:+AES-128-CBC:-VERS-TLS1.3",
        SECURE ":-GROUP-ALL:+GROUP-FFDHE2048",
    };

    issue(desk, GNUTLS_PK_RSA, 2048);
    g_autoptr(TlsServer) server = server_of(desk);
    for (guint i = 0; i < G_N_ELEMENTS(weak); i++) {
        g_auto(Line) line = {0};
        g_test_message("%s", weak[i]);
        line_open(&line, server, NOW, weak[i], NULL);
        shake_hands(&line);
        g_assert_cmpint(line.step, ==, TLS_FAILED);
        g_assert_cmpint(line.client_code, ==, GNUTLS_E_FATAL_ALERT_RECEIVED);
    }
}

static void a_protocol_that_is_not_spoken_is_refused(Desk *desk, G_GNUC_UNUSED gconstpointer data)
{
    g_autoptr(TlsServer) server = server_of(desk);
    static const struct {
        const char *offered;
        TlsStep step;
        const char *chosen;
    } rows[] = {
        {"h2", TLS_FAILED, NULL},
        {"h2 http/1.1", TLS_DONE, "http/1.1"},
        {"http/1.1", TLS_DONE, "http/1.1"},
        {NULL, TLS_DONE, NULL},
    };

    for (guint i = 0; i < 2 * G_N_ELEMENTS(rows); i++) {
        g_auto(Line) line = {0};
        gnutls_datum_t chosen = {NULL, 0};
        const char *offered = rows[i / 2].offered;
        line_open(&line, server, NOW, i % 2 ? SECURE ":-VERS-TLS1.3" : SECURE, offered);
        shake_hands(&line);
        g_test_message("row %u", i);
        g_assert_cmpint(line.step, ==, rows[i / 2].step);
        if (line.step == TLS_FAILED) {
            g_assert_cmpint(line.client_code, ==, GNUTLS_E_FATAL_ALERT_RECEIVED);
            g_assert_cmpint(gnutls_alert_get(line.client), ==, GNUTLS_A_NO_APPLICATION_PROTOCOL);
        } else if (rows[i / 2].chosen) {
            g_assert_cmpint(gnutls_alpn_get_selected_protocol(line.client, &chosen), ==, 0);
            g_assert_cmpmem(chosen.data, chosen.size, rows[i / 2].chosen, 8);
        }
    }
}

/* The ticket that the client of a session got. */
static gnutls_datum_t ticket_of(TlsServer *server, gint64 now_usec, const char *priorities)
{
    g_auto(Line) line = {0};
    gnutls_datum_t ticket = {NULL, 0};

    line_open(&line, server, now_usec, priorities, NULL);
    they_talk(&line);
    g_assert_false(tls_session_was_resumed(line.session));
    g_assert_cmpint(gnutls_session_get_data2(line.client, &ticket), ==, 0);
    return ticket;
}

static gboolean
resumes(TlsServer *server, gint64 now_usec, const char *priorities, const gnutls_datum_t *ticket)
{
    g_auto(Line) line = {0};

    line_open(&line, server, now_usec, priorities, NULL);
    g_assert_cmpint(gnutls_session_set_data(line.client, ticket->data, ticket->size), ==, 0);
    they_talk(&line); /* in any case */
    g_assert_cmpint(
        gnutls_session_is_resumed(line.client), ==, tls_session_was_resumed(line.session));
    return tls_session_was_resumed(line.session);
}

static void a_ticket_is_good_until_the_key_is_made_anew(Desk *desk, gconstpointer priorities)
{
    g_autoptr(TlsServer) server = server_of(desk);
    g_autoptr(TlsServer) other = server_of(desk);
    gnutls_datum_t ticket = ticket_of(server, NOW, priorities);

    g_assert_true(resumes(server, NOW + TLS_TICKET_KEY_USEC - 1, priorities, &ticket));
    g_assert_false(resumes(other, NOW, priorities, &ticket));
    issue(desk, GNUTLS_PK_RSA, 2048);
    g_assert_true(tls_server_reload(server, NULL));
    g_assert_true(resumes(server, NOW, priorities, &ticket));
    g_assert_false(resumes(server, NOW + TLS_TICKET_KEY_USEC, priorities, &ticket));
    gnutls_free(ticket.data);
}

static void garbage_is_answered_with_an_alert(Desk *desk, G_GNUC_UNUSED gconstpointer data)
{
#define ROW(text)                                                                                  \
    {                                                                                              \
        (guint8 *)(text), sizeof(text) - 1                                                         \
    }
    static const gnutls_datum_t garbage[] = {
        ROW("GET / HTTP/1.1\r\nHost: id.example\r\n\r\n"),
        ROW("\x16\x03\x01\x00\x05"
            "\x02\x00\x00\x01\x00"), /* a message that only servers send */
        ROW("\x16\x03\x01\x00\x05"
            "\x01\x00\x00\x01\x00"), /* a hello that is cut */
        ROW("\x16\x03\x01\xff\xff"
            "too long for a record"),
        ROW("\x17\x03\x03\x00\x05"
            "hello"), /* data before the handshake */
        ROW("\x19\x03\x03\x00\x05"
            "hello"), /* of no kind that there is */
        ROW("\x80\x2e\x01\x00\x02"
            "SSL 2, which nobody speaks any more, one hopes"),
    };
#undef ROW
    g_autoptr(TlsServer) server = server_of(desk);

    for (guint i = 0; i < G_N_ELEMENTS(garbage); i++) {
        g_auto(Line) line = {0};
        g_test_message("row %u", i);
        line_open(&line, server, NOW, SECURE, NULL);
        tls_session_feed(line.session, garbage[i].data, garbage[i].size);
        g_assert_cmpint(tls_session_handshake(line.session), ==, TLS_FAILED);
        g_assert_cmpuint(line.to_client->len, >, 0);
        g_assert_cmpint(line.to_client->data[0], ==, 21); /* an alert */
    }
}

static void a_hello_has_an_end(Desk *desk, G_GNUC_UNUSED gconstpointer data)
{
    g_autoptr(TlsServer) server = server_of(desk);
    g_auto(Line) line = {0};
    guint8 record[5 + 1024] = {22, 3, 1, 4, 0, 1 /* ClientHello */, 0xff /* of 16 MiB */};
    guint records = 0;

    line_open(&line, server, NOW, SECURE, NULL);
    do {
        tls_session_feed(line.session, record, sizeof(record));
        g_assert_cmpuint(++records, <=, 65);
    } while (tls_session_handshake(line.session) == TLS_WAITS);
}

/* Such as say nothing: each costs a bit, and none brings the client further. */
static void alerts_without_end_end_it(Desk *desk, G_GNUC_UNUSED gconstpointer data)
{
    g_autoptr(TlsServer) server = server_of(desk);
    g_auto(Line) line = {0};
    guint alerts = 0;
    char place[10];

    line_open(&line, server, NOW, SECURE ":-VERS-TLS1.3", NULL);
    they_talk(&line);
    do {
        g_assert_cmpint(
            gnutls_alert_send(line.client, GNUTLS_AL_WARNING, GNUTLS_A_USER_CANCELED), ==, 0);
        arrive(&line);
        g_assert_cmpuint(++alerts, <, 10000);
    } while (tls_session_read(line.session, place, sizeof(place)) < 0);
    g_assert_cmpuint(alerts, >, 1000);
}

static void bytes_may_come_and_go_one_by_one(Desk *desk, gconstpointer priorities)
{
    g_autoptr(TlsServer) server = server_of(desk);
    g_auto(Line) line = {0};
    g_autofree char *long_text = g_strnfill(40000, 'a');
    gsize sent = 0;
    gsize got = 0;
    char data[1000];

    line_open(&line, server, NOW, priorities, NULL);
    line.piece = 1;
    line.room = 0;
    they_talk(&line);
    line.room = 0;
    while (sent < 40000) {
        gssize once = tls_session_write(line.session, long_text + sent, 40000 - sent);
        g_assert_true(once > 0 || errno == EAGAIN);
        sent += MAX(once, 0);
        line.room = 777;
    }
    line.room = G_MAXSIZE;
    tls_session_end(line.session);
    for (ssize_t once; (once = client_takes(&line, data, sizeof(data))) > 0;) {
        g_assert_true(memcmp(data, long_text, once) == 0);
        got += (gsize)once;
    }
    g_assert_cmpuint(got, ==, 40000);
}

static void an_end_is_seen_and_told(Desk *desk, gconstpointer priorities)
{
    g_autoptr(TlsServer) server = server_of(desk);
    g_auto(Line) line = {0};
    char data[10];

    line_open(&line, server, NOW, priorities, NULL);
    they_talk(&line);
    g_assert_cmpint(gnutls_bye(line.client, GNUTLS_SHUT_WR), ==, 0);
    arrive(&line);
    g_assert_cmpint(tls_session_read(line.session, data, sizeof(data)), ==, 0);
    g_assert_cmpint(tls_session_write(line.session, "still", 5), ==, 5); /* half closed */
    tls_session_end(line.session);
    client_reads(&line, "still");
    g_assert_cmpint(gnutls_record_recv(line.client, data, sizeof(data)), ==, 0);
}

static void a_changed_record_ends_the_session(Desk *desk, gconstpointer priorities)
{
    g_autoptr(TlsServer) server = server_of(desk);
    g_auto(Line) line = {0};
    char data[10];

    line_open(&line, server, NOW, priorities, NULL);
    they_talk(&line);
    g_assert_cmpint(gnutls_record_send(line.client, "changed", 7), ==, 7);
    line.to_server->data[line.to_server->len - 1] ^= 1;
    arrive(&line);
    g_assert_cmpint(tls_session_read(line.session, data, sizeof(data)), ==, 0);
    g_assert_cmpint(gnutls_record_recv(line.client, data, 10), ==, GNUTLS_E_FATAL_ALERT_RECEIVED);
}

/* TLS 1.2 knows it; each costs as much as a new session. */
static void a_handshake_within_a_session_ends_it(Desk *desk, G_GNUC_UNUSED gconstpointer data)
{
    g_autoptr(TlsServer) server = server_of(desk);
    g_auto(Line) line = {0};
    char place[10];

    line_open(&line, server, NOW, SECURE ":-VERS-TLS1.3", NULL);
    they_talk(&line);
    g_assert_cmpint(gnutls_handshake(line.client), ==, GNUTLS_E_AGAIN);
    arrive(&line);
    g_assert_cmpint(tls_session_read(line.session, place, sizeof(place)), ==, 0);
    g_assert_cmpint(gnutls_handshake(line.client), ==, GNUTLS_E_WARNING_ALERT_RECEIVED);
    g_assert_cmpint(gnutls_alert_get(line.client), ==, GNUTLS_A_NO_RENEGOTIATION);
}

static gnutls_datum_t shown_to(Line *line)
{
    unsigned count = 0;
    const gnutls_datum_t *shown = gnutls_certificate_get_peers(line->client, &count);

    g_assert_cmpuint(count, ==, 1);
    return *shown;
}

static void a_new_certificate_is_for_new_sessions(Desk *desk, G_GNUC_UNUSED gconstpointer data)
{
    g_autoptr(TlsServer) server = server_of(desk);
    g_auto(Line) before = {0};
    g_auto(Line) half = {0};
    g_auto(Line) after = {0};

    line_open(&before, server, NOW, SECURE, NULL);
    line_open(&half, server, NOW, SECURE, NULL);
    they_talk(&before);
    issue(desk, GNUTLS_PK_RSA, 2048);
    g_assert_true(tls_server_reload(server, NULL));
    line_open(&after, server, NOW, SECURE, NULL);
    they_talk(&after);
    they_talk(&half);
    gnutls_datum_t old = shown_to(&before);
    gnutls_datum_t kept = shown_to(&half);
    gnutls_datum_t fresh = shown_to(&after);
    g_assert_cmpmem(old.data, old.size, kept.data, kept.size);
    g_assert_false(old.size == fresh.size && memcmp(old.data, fresh.data, old.size) == 0);
    client_says(&before, "still here");
    server_reads(&before, "still here");
}

static gpointer talk_on(gpointer server)
{
    for (guint i = 0; i < 20; i++) {
        g_auto(Line) line = {0};
        line_open(&line, server, NOW + i * TLS_TICKET_KEY_USEC, SECURE, NULL);
        they_talk(&line);
    }
    return NULL;
}

static void threads_talk_while_certificates_change(Desk *desk, G_GNUC_UNUSED gconstpointer data)
{
    g_autoptr(TlsServer) server = server_of(desk);
    GThread *threads[3];

    for (guint i = 0; i < G_N_ELEMENTS(threads); i++) {
        threads[i] = g_thread_new("talks", talk_on, server);
    }
    for (guint i = 0; i < 20; i++) {
        issue(desk, GNUTLS_PK_EDDSA_ED25519, 0);
        g_assert_true(tls_server_reload(server, NULL));
    }
    for (guint i = 0; i < G_N_ELEMENTS(threads); i++) {
        (void)g_thread_join(threads[i]);
    }
}

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
    g_autoptr(TlsServer) server = server_of(desk);
    g_autoptr(GError) error = NULL;
    g_auto(Line) line = {0};

    write_pem(desk->chain, 0644, &garbage);
    g_assert_false(tls_server_reload(server, &error));
    g_assert_nonnull(strstr(error->message, desk->chain));
    line_open(&line, server, NOW, SECURE, NULL);
    they_talk(&line);
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
        tls_server_free(server_of(desk));
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
        write_pem(desk->key, 0600, &pem);
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
    issue(desk, GNUTLS_PK_ECDSA, GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1));
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
        issue(desk, kinds[i], i ? 2048 : GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1));
        g_assert_true(g_file_get_contents(desk->key, &text, NULL, NULL));
        pem = (gnutls_datum_t){(guint8 *)text, (unsigned)strlen(text)};
        g_assert_cmpint(gnutls_x509_privkey_init(&key), ==, 0);
        g_assert_cmpint(gnutls_x509_privkey_import(key, &pem, GNUTLS_X509_FMT_PEM), ==, 0);
        g_assert_cmpint(gnutls_x509_privkey_export2(key, GNUTLS_X509_FMT_PEM, &pem), ==, 0);
        g_autofree char *both = g_strconcat(parameters, (const char *)pem.data, NULL);
        g_assert_nonnull(strstr(both, i ? "BEGIN RSA PRIVATE KEY" : "BEGIN EC PRIVATE KEY"));
        g_assert_true(g_file_set_contents(desk->key, both, -1, NULL));
        g_assert_cmpint(g_chmod(desk->key, 0600), ==, 0);
        g_autoptr(TlsServer) server = server_of(desk);
        g_auto(Line) line = {0};
        line_open(&line, server, NOW, SECURE, NULL);
        they_talk(&line);
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
        issue(desk, others[i].kind, others[i].bits);
        g_assert_true(g_file_set_contents(desk->chain, chain, -1, NULL));
        refused(desk, "of the certificate's kind");
    }
}

static void weak_and_slow_keys_are_refused(Desk *desk, G_GNUC_UNUSED gconstpointer data)
{
    issue(desk, GNUTLS_PK_RSA, 1024);
    refused(desk, "must be RSA of 2048");
    issue(desk, GNUTLS_PK_ECDSA, GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP521R1));
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
    write_pem(desk->key, 0600, &pem);
    gnutls_free(pem.data);
    gnutls_x509_privkey_deinit(key);
    refused(desk, "encrypted");
}

static void links_are_followed(Desk *desk, G_GNUC_UNUSED gconstpointer data)
{
    g_autofree char *real = g_strconcat(desk->key, ".1", NULL);

    g_assert_cmpint(g_rename(desk->key, real), ==, 0);
    g_assert_cmpint(symlink(real, desk->key), ==, 0);
    tls_server_free(server_of(desk));
    g_assert_cmpint(g_unlink(real), ==, 0);
}

#define ADD(path, data, func) g_test_add("/crypto/tls/" path, Desk, data, set_up, func, tear_down)
#define ADD_BOTH(path, func)                                                                       \
    ADD(path "/1.3", SECURE, func);                                                                \
    ADD(path "/1.2", SECURE ":-VERS-TLS1.3", func)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("talk", NULL, both_versions_and_all_kinds_of_keys_talk);
    ADD("weak", NULL, what_is_weak_is_refused);
    ADD("alpn", NULL, a_protocol_that_is_not_spoken_is_refused);
    ADD_BOTH("ticket", a_ticket_is_good_until_the_key_is_made_anew);
    ADD("garbage", NULL, garbage_is_answered_with_an_alert);
    ADD("hello-end", NULL, a_hello_has_an_end);
    ADD("alerts", NULL, alerts_without_end_end_it);
    ADD_BOTH("one-by-one", bytes_may_come_and_go_one_by_one);
    ADD_BOTH("end", an_end_is_seen_and_told);
    ADD_BOTH("changed", a_changed_record_ends_the_session);
    ADD("renegotiation", NULL, a_handshake_within_a_session_ends_it);
    ADD("reload", NULL, a_new_certificate_is_for_new_sessions);
    ADD("bad-reload", NULL, a_bad_certificate_keeps_the_old);
    ADD("threads", NULL, threads_talk_while_certificates_change);
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
