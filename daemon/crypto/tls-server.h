/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * tls-server.h - what all TLS sessions of a server have in common: who it is, which protocols it
 * speaks, and the key of its tickets
 *
 * TLS 1.3 and 1.2 (RFC 8446, 5246), with forward secrecy and authenticated encryption only (RFC
 * 9325). Thread safe.
 */

#include "crypto/tls-session.h"

#define TLS_TICKET_SECONDS  3600 /* a client may resume for so long */
#define TLS_TICKET_KEY_USEC (12 * G_GINT64_CONSTANT(3600) * G_USEC_PER_SEC) /* then a new one */

typedef struct TlsServer TlsServer;

/**
 * tls_server_new() - reads both PEM files (see tls-identity.h for what is good)
 * @chain, @key: absolute paths
 *
 * Returns: NULL with an error that names the file.
 */
TlsServer *tls_server_new(const char *chain, const char *key, GError **error);
void tls_server_free(TlsServer *server); /* its sessions may live on */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(TlsServer, tls_server_free)

/* Reads both files anew, for sessions that begin later. FALSE with an error: the old ones stay. */
gboolean tls_server_reload(TlsServer *server, GError **error);
/* When the certificate ends, in seconds since 1970. */
gint64 tls_server_end(TlsServer *server);

/**
 * tls_session_new() - one session, at its beginning
 * @now_usec: of a clock that never steps back: when the key of tickets has its time, it is made
 * anew
 * @push: takes what goes to the client, like sendmsg(); it may be called by each function of the
 * session
 *
 * Returns: never NULL.
 */
TlsSession *tls_session_new(TlsServer *server, gint64 now_usec, TlsPush push, gpointer data);
