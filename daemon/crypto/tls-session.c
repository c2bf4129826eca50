/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "base/secret.h"
#include "crypto/tls-inside.h"

#include <errno.h>
#include <string.h>

/* Sealed bytes without one of the client's words among them. GnuTLS would gather a message of the
 * handshake up to 16 MiB before it looks at its length. */
#define SILENT_BYTES_MAX (64U * 1024)

struct TlsSession {
    gnutls_session_t gnutls;
    TlsIdentity *identity;
    GByteArray *in; /* sealed */
    guint taken;    /* of in */
    gsize silent;   /* fed since the handshake's end, or since something was read */
    TlsPush push;
    gpointer data;
};

static ssize_t pull(gnutls_transport_ptr_t data, void *place, size_t size)
{
    TlsSession *session = data;
    guint passed = (guint)MIN(size, session->in->len - session->taken);

    if (passed == 0) {
        errno = EAGAIN;
        return -1;
    }
    memcpy(place, session->in->data + session->taken, passed);
    session->taken += passed;
    if (session->taken == session->in->len) {
        g_byte_array_set_size(session->in, 0);
        session->taken = 0;
    }
    return passed;
}

static ssize_t push(gnutls_transport_ptr_t data, const giovec_t *pieces, int count)
{
    const TlsSession *session = data;

    return session->push(session->data, pieces, count);
}

/* GnuTLS would write the keys of each session into the file that SSLKEYLOGFILE names. */
static int log_no_keys(
    G_GNUC_UNUSED gnutls_session_t session,
    G_GNUC_UNUSED const char *label,
    G_GNUC_UNUSED const gnutls_datum_t *secret)
{
    return 0;
}

TlsSession *tls_session_new(TlsServer *server, gint64 now_usec, TlsPush pusher, gpointer data)
{
    const gnutls_datum_t http = {(unsigned char *)"http/1.1", 8};
    TlsSession *session = g_new0(TlsSession, 1);

    session->in = g_byte_array_new();
    session->push = pusher;
    session->data = data;
    g_assert(
        gnutls_init(&session->gnutls, GNUTLS_SERVER | GNUTLS_NONBLOCK | GNUTLS_NO_SIGNAL) == 0);
    session->identity = tls_server_equip(server, session->gnutls, now_usec);
    gnutls_session_set_keylog_function(session->gnutls, log_no_keys);
    /* A client that offers other protocols alone is refused (RFC 7301 3.2). */
    g_assert(gnutls_alpn_set_protocols(session->gnutls, &http, 1, GNUTLS_ALPN_MANDATORY) == 0);
    gnutls_db_set_cache_expiration(session->gnutls, TLS_TICKET_SECONDS);
    gnutls_transport_set_ptr(session->gnutls, session);
    gnutls_transport_set_pull_function(session->gnutls, pull);
    gnutls_transport_set_vec_push_function(session->gnutls, push);
    return session;
}

void tls_session_free(TlsSession *session)
{
    if (session) {
        gnutls_deinit(session->gnutls);
        tls_identity_unref(session->identity);
        g_byte_array_unref(session->in);
        g_free(session);
    }
}

void tls_session_feed(TlsSession *session, const guint8 *data, gsize size)
{
    g_byte_array_append(session->in, data, (guint)size);
    session->silent += size;
}

gsize tls_session_waiting(const TlsSession *session)
{
    return session->in->len - session->taken;
}

/* What is no reason to stop: an alert that only warns, an interrupted call. */
static gboolean goes_on(gssize code)
{
    return code < 0 && code != GNUTLS_E_AGAIN && code != GNUTLS_E_REHANDSHAKE &&
           !gnutls_error_is_fatal((int)code);
}

TlsStep tls_session_handshake(TlsSession *session)
{
    int code = GNUTLS_E_HANDSHAKE_TOO_LARGE;

    while (session->silent <= SILENT_BYTES_MAX &&
           goes_on(code = gnutls_handshake(session->gnutls))) {
    }
    secret_wipe_stack();
    if (code == GNUTLS_E_SUCCESS) {
        session->silent = tls_session_waiting(session);
        return TLS_DONE;
    }
    if (code == GNUTLS_E_AGAIN) {
        return gnutls_record_get_direction(session->gnutls) ? TLS_BLOCKED : TLS_WAITS;
    }
    (void)gnutls_alert_send_appropriate(session->gnutls, code);
    return TLS_FAILED;
}

gssize tls_session_read(TlsSession *session, void *data, gsize size)
{
    gssize got = GNUTLS_E_HANDSHAKE_TOO_LARGE;

    while (session->silent <= SILENT_BYTES_MAX &&
           goes_on(got = gnutls_record_recv(session->gnutls, data, size))) {
    }
    if (got > 0) {
        session->silent = tls_session_waiting(session);
    }
    if (got >= 0 || got == GNUTLS_E_AGAIN) {
        return got >= 0 ? got : -1;
    }
    /* A handshake within a session of TLS 1.2 is not wanted: it would cost as much as a new one. */
    (void)(got == GNUTLS_E_REHANDSHAKE
               ? gnutls_alert_send(session->gnutls, GNUTLS_AL_WARNING, GNUTLS_A_NO_RENEGOTIATION)
               : gnutls_alert_send_appropriate(session->gnutls, (int)got));
    return 0;
}

gssize tls_session_write(TlsSession *session, const void *data, gsize size)
{
    gssize sent = gnutls_record_send(session->gnutls, data, size);

    if (sent < 0) {
        errno = sent == GNUTLS_E_AGAIN ? EAGAIN : sent == GNUTLS_E_INTERRUPTED ? EINTR : EPIPE;
        return -1;
    }
    return sent;
}

void tls_session_end(TlsSession *session)
{
    (void)gnutls_bye(session->gnutls, GNUTLS_SHUT_WR);
}

gboolean tls_session_was_resumed(const TlsSession *session)
{
    return gnutls_session_is_resumed(session->gnutls) != 0;
}
