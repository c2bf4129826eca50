/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "tls-line.h"

#include <string.h>

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
        desk_issue(desk, keys[i].kind, keys[i].bits);
        g_autoptr(TlsServer) server = desk_server(desk);
        for (guint j = 0; j < G_N_ELEMENTS(versions); j++) {
            g_auto(Line) line = {0};
            g_test_message("key %u, version %u", i, j);
            line_open(&line, server, NOW, versions[j].priorities, NULL);
            line_talk(&line);
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

    desk_issue(desk, GNUTLS_PK_RSA, 2048);
    g_autoptr(TlsServer) server = desk_server(desk);
    for (guint i = 0; i < G_N_ELEMENTS(weak); i++) {
        g_auto(Line) line = {0};
        g_test_message("%s", weak[i]);
        line_open(&line, server, NOW, weak[i], NULL);
        line_shake_hands(&line);
        g_assert_cmpint(line.step, ==, TLS_FAILED);
        g_assert_cmpint(line.client_code, ==, GNUTLS_E_FATAL_ALERT_RECEIVED);
    }
}

static void a_protocol_that_is_not_spoken_is_refused(Desk *desk, G_GNUC_UNUSED gconstpointer data)
{
    g_autoptr(TlsServer) server = desk_server(desk);
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
        line_shake_hands(&line);
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
    line_talk(&line);
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
    line_talk(&line); /* in any case */
    g_assert_cmpint(
        gnutls_session_is_resumed(line.client), ==, tls_session_was_resumed(line.session));
    return tls_session_was_resumed(line.session);
}

static void a_ticket_is_good_until_the_key_is_made_anew(Desk *desk, gconstpointer priorities)
{
    g_autoptr(TlsServer) server = desk_server(desk);
    g_autoptr(TlsServer) other = desk_server(desk);
    gnutls_datum_t ticket = ticket_of(server, NOW, priorities);

    g_assert_true(resumes(server, NOW + TLS_TICKET_KEY_USEC - 1, priorities, &ticket));
    g_assert_false(resumes(other, NOW, priorities, &ticket));
    desk_issue(desk, GNUTLS_PK_RSA, 2048);
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
    g_autoptr(TlsServer) server = desk_server(desk);

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
    g_autoptr(TlsServer) server = desk_server(desk);
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
    g_autoptr(TlsServer) server = desk_server(desk);
    g_auto(Line) line = {0};
    guint alerts = 0;
    char place[10];

    line_open(&line, server, NOW, SECURE ":-VERS-TLS1.3", NULL);
    line_talk(&line);
    do {
        g_assert_cmpint(
            gnutls_alert_send(line.client, GNUTLS_AL_WARNING, GNUTLS_A_USER_CANCELED), ==, 0);
        line_arrive(&line);
        g_assert_cmpuint(++alerts, <, 10000);
    } while (tls_session_read(line.session, place, sizeof(place)) < 0);
    g_assert_cmpuint(alerts, >, 1000);
}

static void bytes_may_come_and_go_one_by_one(Desk *desk, gconstpointer priorities)
{
    g_autoptr(TlsServer) server = desk_server(desk);
    g_auto(Line) line = {0};
    g_autofree char *long_text = g_strnfill(40000, 'a');
    gsize sent = 0;
    gsize got = 0;
    char data[1000];

    line_open(&line, server, NOW, priorities, NULL);
    line.piece = 1;
    line.room = 0;
    line_talk(&line);
    line.room = 0;
    while (sent < 40000) {
        gssize once = tls_session_write(line.session, long_text + sent, 40000 - sent);
        g_assert_true(once > 0 || errno == EAGAIN);
        sent += MAX(once, 0);
        line.room = 777;
    }
    line.room = G_MAXSIZE;
    tls_session_end(line.session);
    for (ssize_t once; (once = line_client_takes(&line, data, sizeof(data))) > 0;) {
        g_assert_true(memcmp(data, long_text, once) == 0);
        got += (gsize)once;
    }
    g_assert_cmpuint(got, ==, 40000);
}

static void an_end_is_seen_and_told(Desk *desk, gconstpointer priorities)
{
    g_autoptr(TlsServer) server = desk_server(desk);
    g_auto(Line) line = {0};
    char data[10];

    line_open(&line, server, NOW, priorities, NULL);
    line_talk(&line);
    g_assert_cmpint(gnutls_bye(line.client, GNUTLS_SHUT_WR), ==, 0);
    line_arrive(&line);
    g_assert_cmpint(tls_session_read(line.session, data, sizeof(data)), ==, 0);
    g_assert_cmpint(tls_session_write(line.session, "still", 5), ==, 5); /* half closed */
    tls_session_end(line.session);
    line_client_reads(&line, "still");
    g_assert_cmpint(gnutls_record_recv(line.client, data, sizeof(data)), ==, 0);
}

static void a_changed_record_ends_the_session(Desk *desk, gconstpointer priorities)
{
    g_autoptr(TlsServer) server = desk_server(desk);
    g_auto(Line) line = {0};
    char data[10];

    line_open(&line, server, NOW, priorities, NULL);
    line_talk(&line);
    g_assert_cmpint(gnutls_record_send(line.client, "changed", 7), ==, 7);
    line.to_server->data[line.to_server->len - 1] ^= 1;
    line_arrive(&line);
    g_assert_cmpint(tls_session_read(line.session, data, sizeof(data)), ==, 0);
    g_assert_cmpint(gnutls_record_recv(line.client, data, 10), ==, GNUTLS_E_FATAL_ALERT_RECEIVED);
}

/* TLS 1.2 knows it; each costs as much as a new session. */
static void a_handshake_within_a_session_ends_it(Desk *desk, G_GNUC_UNUSED gconstpointer data)
{
    g_autoptr(TlsServer) server = desk_server(desk);
    g_auto(Line) line = {0};
    char place[10];

    line_open(&line, server, NOW, SECURE ":-VERS-TLS1.3", NULL);
    line_talk(&line);
    g_assert_cmpint(gnutls_handshake(line.client), ==, GNUTLS_E_AGAIN);
    line_arrive(&line);
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
    g_autoptr(TlsServer) server = desk_server(desk);
    g_auto(Line) before = {0};
    g_auto(Line) half = {0};
    g_auto(Line) after = {0};

    line_open(&before, server, NOW, SECURE, NULL);
    line_open(&half, server, NOW, SECURE, NULL);
    line_talk(&before);
    desk_issue(desk, GNUTLS_PK_RSA, 2048);
    g_assert_true(tls_server_reload(server, NULL));
    line_open(&after, server, NOW, SECURE, NULL);
    line_talk(&after);
    line_talk(&half);
    gnutls_datum_t old = shown_to(&before);
    gnutls_datum_t kept = shown_to(&half);
    gnutls_datum_t fresh = shown_to(&after);
    g_assert_cmpmem(old.data, old.size, kept.data, kept.size);
    g_assert_false(old.size == fresh.size && memcmp(old.data, fresh.data, old.size) == 0);
    line_client_says(&before, "still here");
    line_server_reads(&before, "still here");
}

static gpointer talk_on(gpointer server)
{
    for (guint i = 0; i < 20; i++) {
        g_auto(Line) line = {0};
        line_open(&line, server, NOW + i * TLS_TICKET_KEY_USEC, SECURE, NULL);
        line_talk(&line);
    }
    return NULL;
}

static void threads_talk_while_certificates_change(Desk *desk, G_GNUC_UNUSED gconstpointer data)
{
    g_autoptr(TlsServer) server = desk_server(desk);
    GThread *threads[3];

    for (guint i = 0; i < G_N_ELEMENTS(threads); i++) {
        threads[i] = g_thread_new("talks", talk_on, server);
    }
    for (guint i = 0; i < 20; i++) {
        desk_issue(desk, GNUTLS_PK_EDDSA_ED25519, 0);
        g_assert_true(tls_server_reload(server, NULL));
    }
    for (guint i = 0; i < G_N_ELEMENTS(threads); i++) {
        (void)g_thread_join(threads[i]);
    }
}

#define ADD(path, data, func)                                                                      \
    g_test_add("/crypto/tls/" path, Desk, data, desk_set_up, func, desk_tear_down)
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
    ADD("threads", NULL, threads_talk_while_certificates_change);
    return g_test_run();
}
