/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * tls-session.h - one TLS connection, seen from the server, between bytes that came and bytes that
 * go
 *
 * It waits for nothing: what came is fed to it, what goes it pushes. tls_session_new() stands in
 * tls-server.h.
 */

#include <glib.h>
#include <sys/uio.h>

typedef struct TlsSession TlsSession;

/* Like sendmsg(): bytes taken, or -1 with errno. */
typedef gssize (*TlsPush)(gpointer data, const struct iovec *pieces, int count);

typedef enum TlsStep {
    TLS_FAILED = 0, /* the client was told why, if it listens; nothing more can be done */
    TLS_WAITS,      /* for more from the client */
    TLS_BLOCKED,    /* what goes is not taken: again once it is */
    TLS_DONE,
} TlsStep;

void tls_session_free(TlsSession *session); /* wipes its keys; NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(TlsSession, tls_session_free)

/* @data: what came from the client; as much as the caller is willing to keep. */
void tls_session_feed(TlsSession *session, const guint8 *data, gsize size);
/* How much of it was not looked at yet. */
gsize tls_session_waiting(const TlsSession *session);

/* As far as what was fed reaches: at most one signature. Not called again after TLS_DONE. */
TlsStep tls_session_handshake(TlsSession *session);

/* After TLS_DONE. What the client said: bytes; 0 at its end, or when it broke the protocol; -1 when
 * more must be fed. */
gssize tls_session_read(TlsSession *session, void *data, gsize size);

/* After TLS_DONE. Like send(): bytes taken; -1 with errno EAGAIN: again with the same bytes, and
 * maybe more behind them. */
gssize tls_session_write(TlsSession *session, const void *data, gsize size);

/* Tells the client that nothing more comes (RFC 8446 6.1), if it takes that now. */
void tls_session_end(TlsSession *session);

/* Whether the client was known by a ticket. */
gboolean tls_session_was_resumed(const TlsSession *session);
