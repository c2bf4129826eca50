/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "http/wire-inside.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <gnutls/gnutls.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define VISITS         3U
#define LONG_TURN_USEC (G_USEC_PER_SEC / 2)
#define HEAD           "GET / HTTP/1.1\r\nHost: id.example\r\n\r\n"

/* Of nobody, and for nothing but this. */
static const char certificate[] =
    "-----BEGIN CERTIFICATE-----\n"
    "MIIBgTCCASegAwIBAgIUedb8OdR2ptBhvGQz06+xXNcuUHQwCgYIKoZIzj0EAwIw\n"
    "FTETMBEGA1UEAwwKaWQuZXhhbXBsZTAgFw0yNjExMjkxODU1MjZaGA8yMTI2MTEw\n"
    "NTE4NTUyNlowFTETMBEGA1UEAwwKaWQuZXhhbXBsZTBZMBMGByqGSM49AgEGCCqG\n"
    "SM49AwEHA0IABAkPrKXsZkgK/kOUpkXGyf5R63MWLPKlJATy8owd3qLDyW2P6osj\n"
    "hu//aUK+xwczjAdBsX8t9RTm8/Pdn9PUTgWjUzBRMB0GA1UdDgQWBBQFNvhNTGl6\n"
    "epqim1iKzcorqvT/FzAfBgNVHSMEGDAWgBQFNvhNTGl6epqim1iKzcorqvT/FzAP\n"
    "BgNVHRMBAf8EBTADAQH/MAoGCCqGSM49BAMCA0gAMEUCIAhXECwCHofcDmGtg05m\n"
    "E53qw7SorCdv2ZPm5O3Lff66AiEA2Iv7wJr+eeHuR7rB16nSnl2XOoJbqIiFyfxM\n"
    "E3DwQAk=\n"
    "-----END CERTIFICATE-----\n";
static const char key[] = "-----BEGIN PRIVATE KEY-----\n"
                          "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgM1QtL939PKTNwUkT\n"
                          "Dg8B0Dgb2yWMU8w9gZMHpM5pEbOhRANCAAQJD6yl7GZICv5DlKZFxsn+UetzFizy\n"
                          "pSQE8vKMHd6iw8ltj+qLI4bv/2lCvscHM4wHQbF/LfUU5vPz3Z/T1E4F\n"
                          "-----END PRIVATE KEY-----\n";

/* A client of GnuTLS at its end of a wire. */
typedef struct Visit {
    Wire *wire;
    int client;
    gnutls_session_t session;
    gnutls_certificate_credentials_t trust;
} Visit;

typedef struct Hall {
    GMainContext *context;
    WireLoop *loop;
    TlsServer *server;
    Visit visits[VISITS];
} Hall;

static void has_begun(G_GNUC_UNUSED Wire *wire, G_GNUC_UNUSED gpointer data)
{
}

static void is_gone(G_GNUC_UNUSED const Arrival *arrival, G_GNUC_UNUSED gpointer data)
{
}

static TlsServer *server_make(void)
{
    g_autofree char *dir = g_dir_make_tmp("antara-wire-XXXXXX", NULL);
    g_autofree char *chain_file = g_build_filename(dir, "chain.pem", NULL);
    g_autofree char *key_file = g_build_filename(dir, "key.pem", NULL);
    g_autoptr(GError) error = NULL;

    g_assert_true(g_file_set_contents(chain_file, certificate, -1, &error));
    g_assert_true(
        g_file_set_contents_full(key_file, key, -1, G_FILE_SET_CONTENTS_NONE, 0600, &error));
    TlsServer *server = tls_server_new(chain_file, key_file, &error);
    g_assert_no_error(error);
    (void)g_unlink(chain_file);
    (void)g_unlink(key_file);
    (void)g_rmdir(dir);
    return server;
}

static void visit_open(Visit *visit, Hall *hall, int send_buffer)
{
    int ends[2];

    g_assert_cmpint(
        socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends), ==, 0);
    if (send_buffer) {
        g_assert_cmpint(
            setsockopt(ends[0], SOL_SOCKET, SO_SNDBUF, &send_buffer, sizeof(send_buffer)), ==, 0);
    }
    visit->wire = wire_new(hall->loop, arrival_new(ends[0], NULL, NULL, NULL));
    wire_start_tls(visit->wire, hall->server);
    visit->client = ends[1];
    g_assert_cmpint(
        gnutls_init(&visit->session, GNUTLS_CLIENT | GNUTLS_NONBLOCK | GNUTLS_NO_SIGNAL), ==, 0);
    g_assert_cmpint(gnutls_certificate_allocate_credentials(&visit->trust), ==, 0);
    g_assert_cmpint(
        gnutls_credentials_set(visit->session, GNUTLS_CRD_CERTIFICATE, visit->trust), ==, 0);
    g_assert_cmpint(gnutls_set_default_priority(visit->session), ==, 0);
    gnutls_transport_set_int(visit->session, visit->client);
}

static void hall_open(Hall *hall, int send_buffer)
{
    hall->context = g_main_context_new();
    hall->loop = wire_loop_new(hall->context, has_begun, is_gone, NULL);
    hall->server = server_make();
    for (guint i = 0; i < VISITS; i++) {
        visit_open(&hall->visits[i], hall, send_buffer);
    }
}

static void hall_close(Hall *hall)
{
    wire_loop_free(hall->loop);
    for (guint i = 0; i < VISITS; i++) {
        wire_unref(hall->visits[i].wire);
        gnutls_deinit(hall->visits[i].session);
        gnutls_certificate_free_credentials(hall->visits[i].trust);
        (void)close(hall->visits[i].client);
    }
    tls_server_free(hall->server);
    g_main_context_unref(hall->context);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Hall, hall_close)

static void turn(Hall *hall)
{
    (void)g_main_context_iteration(hall->context, FALSE);
}

/* What the test did itself since the last one is no part of it. */
static void short_turn(Hall *hall)
{
    hall->loop->checked_usec = g_get_monotonic_time();
    turn(hall);
}

static void shake_hands(Hall *hall, Visit *visit)
{
    int code = GNUTLS_E_AGAIN;

    for (guint i = 0; i < 1000 && (code != 0 || visit->wire->shaking); i++) {
        code = code ? gnutls_handshake(visit->session) : 0;
        turn(hall);
    }
    g_assert_cmpint(code, ==, 0);
    g_assert_false(visit->wire->shaking);
}

static gboolean was_answered(const Visit *visit)
{
    char byte = 0;

    return recv(visit->client, &byte, 1, MSG_PEEK) == 1;
}

static guint how_many_were_answered(const Hall *hall)
{
    guint answered = 0;

    for (guint i = 0; i < VISITS; i++) {
        answered += was_answered(&hall->visits[i]);
    }
    return answered;
}

static void a_turn_takes_one_step_of_one_handshake(void)
{
    g_auto(Hall) hall = {0};

    hall_open(&hall, 0);
    for (guint i = 0; i < VISITS; i++) {
        g_assert_cmpint(gnutls_handshake(hall.visits[i].session), ==, GNUTLS_E_AGAIN);
    }
    for (guint i = 1; i <= VISITS; i++) {
        short_turn(&hall);
        g_assert_cmpuint(how_many_were_answered(&hall), ==, i);
    }
}

static void who_is_gone_costs_the_others_no_turn(void)
{
    g_auto(Hall) hall = {0};

    hall_open(&hall, 0);
    for (guint i = 0; i < VISITS; i++) {
        g_assert_cmpint(gnutls_handshake(hall.visits[i].session), ==, GNUTLS_E_AGAIN);
    }
    short_turn(&hall);
    wire_drop(hall.visits[1].wire);
    short_turn(&hall);
    g_assert_true(was_answered(&hall.visits[2]));
}

static gboolean work_long(G_GNUC_UNUSED gpointer data)
{
    g_usleep(LONG_TURN_USEC);
    return G_SOURCE_REMOVE;
}

/* Else newcomers would wait for a turn each, the longer the more there is to do for others. */
static void after_a_long_turn_several_handshakes_go_on(void)
{
    g_auto(Hall) hall = {0};
    g_autoptr(GSource) work = g_idle_source_new();

    hall_open(&hall, 0);
    g_source_set_callback(work, work_long, NULL, NULL);
    g_source_attach(work, hall.context);
    while (!g_source_is_destroyed(work)) {
        turn(&hall);
    }
    for (guint i = 0; i < VISITS; i++) {
        g_assert_cmpint(gnutls_handshake(hall.visits[i].session), ==, GNUTLS_E_AGAIN);
    }
    turn(&hall);
    g_assert_cmpuint(how_many_were_answered(&hall), ==, VISITS);
}

static void the_gate_sees_what_was_sealed(void)
{
    g_auto(Hall) hall = {0};
    Visit *visit = &hall.visits[0];
    char text[sizeof(HEAD)] = {0};

    hall_open(&hall, 0);
    shake_hands(&hall, visit);
    g_assert_cmpint(gnutls_record_send(visit->session, HEAD, 10), ==, 10);
    turn(&hall);
    g_assert_cmpint(visit->wire->gate.state, ==, GATE_HEAD);
    g_assert_cmpuint(wire_readable(visit->wire), ==, FALSE);
    g_assert_cmpint(
        gnutls_record_send(visit->session, HEAD + 10, sizeof(HEAD) - 11), ==, sizeof(HEAD) - 11);
    turn(&hall);
    g_assert_cmpuint(wire_read(visit->wire, text, sizeof(text)), ==, sizeof(HEAD) - 1);
    g_assert_cmpstr(text, ==, HEAD);
}

/* Past the tickets. */
static gssize takes(Visit *visit, guint8 *data, gsize size)
{
    gssize got = 0;

    for (guint i = 0; i < 4 && (got = gnutls_record_recv(visit->session, data, size)) < 0; i++) {
    }
    return got;
}

static void a_client_that_reads_late_gets_all_of_it_and_the_end(void)
{
    static const guint8 answer[200 * 1024] = {[0] = 'a', [200 * 1024 - 1] = 'z'};
    g_autofree guint8 *data = g_malloc0(sizeof(answer));
    g_auto(Hall) hall = {0};
    Visit *visit = &hall.visits[0];
    gsize taken = 0;

    hall_open(&hall, 4096);
    shake_hands(&hall, visit);
    wire_write(visit->wire, answer, sizeof(answer));
    turn(&hall);
    g_assert_true(visit->wire->blocked);
    wire_write(visit->wire, "more", 4); /* behind what GnuTLS holds half sent */
    wire_close(visit->wire);
    for (guint i = 0; i < 10000 && taken < sizeof(answer); i++) {
        gssize got = takes(visit, data + taken, sizeof(answer) - taken);
        g_assert_true(got > 0 || got == GNUTLS_E_AGAIN);
        taken += (gsize)MAX(got, 0);
        turn(&hall);
    }
    g_assert_cmpmem(data, taken, answer, sizeof(answer));
    g_assert_cmpint(takes(visit, data, 100), ==, 4);
    turn(&hall);
    g_assert_cmpint(takes(visit, data, 100), ==, 0);
    g_assert_null(visit->wire->loop);
    g_assert_null(visit->wire->tls);
}

static void a_handshake_has_one_deadline_and_its_end_is_silent(void)
{
    g_auto(Hall) hall = {0};
    Wire *wire = hall.visits[0].wire;
    guint8 hello[4096];

    hall_open(&hall, 0);
    wire = hall.visits[0].wire;
    gint64 deadline = wire->deadline_usec;
    g_assert_cmpint(send(hall.visits[0].client, "\x16\x03\x01", 3, 0), ==, 3);
    turn(&hall);
    g_assert_cmpint(wire->deadline_usec, ==, deadline);
    g_assert_cmpint(deadline, <=, g_get_monotonic_time() + WIRE_HEAD_USEC);
    wire->deadline_usec = 0;
    hall.loop->sweep_usec = 0;
    turn(&hall);
    g_assert_null(wire->loop);
    g_assert_cmpint(recv(hall.visits[0].client, hello, sizeof(hello), 0), ==, 0);
}

static void a_client_that_goes_before_the_end_of_its_handshake_gets_nothing_plain(void)
{
    g_auto(Hall) hall = {0};
    char text[100];

    hall_open(&hall, 0);
    g_assert_cmpint(send(hall.visits[0].client, "\x16\x03\x01", 3, 0), ==, 3);
    g_assert_cmpint(shutdown(hall.visits[0].client, SHUT_WR), ==, 0);
    turn(&hall);
    while (wire_readable(hall.visits[0].wire) && wire_read(hall.visits[0].wire, text, 100) > 0) {
    }
    wire_write(hall.visits[0].wire, "HTTP/1.1 200 OK\r\n\r\n", 19); /* as libsoup would */
    wire_close(hall.visits[0].wire);
    turn(&hall);
    g_assert_cmpint(recv(hall.visits[0].client, text, sizeof(text), 0), ==, 0);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/http/wire-tls/one-step", a_turn_takes_one_step_of_one_handshake);
    g_test_add_func("/http/wire-tls/gone", who_is_gone_costs_the_others_no_turn);
    g_test_add_func("/http/wire-tls/long-turn", after_a_long_turn_several_handshakes_go_on);
    g_test_add_func("/http/wire-tls/gate", the_gate_sees_what_was_sealed);
    g_test_add_func(
        "/http/wire-tls/slow-reader", a_client_that_reads_late_gets_all_of_it_and_the_end);
    g_test_add_func("/http/wire-tls/deadline", a_handshake_has_one_deadline_and_its_end_is_silent);
    g_test_add_func(
        "/http/wire-tls/half-closed",
        a_client_that_goes_before_the_end_of_its_handshake_gets_nothing_plain);
    return g_test_run();
}
