/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* tls-line.h - a server's files, and a session of it that talks to a client of GnuTLS in memory */

#include "crypto/tls-server.h"

#include <gnutls/gnutls.h>

#define SECURE "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2"
#define NOW    (G_GINT64_CONSTANT(1000) * G_USEC_PER_SEC)

/* A folder with the files of one server. */
typedef struct Desk {
    char *dir, *chain, *key;
} Desk;

void desk_set_up(Desk *desk, gconstpointer data);
void desk_tear_down(Desk *desk, gconstpointer data);
/* Makes both files anew, of a fresh key. */
void desk_issue(const Desk *desk, gnutls_pk_algorithm_t kind, guint bits);
/* (transfer full) */
TlsServer *desk_server(const Desk *desk);
void pem_write(const char *file, int mode, const gnutls_datum_t *pem);

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

/* @alpn: (nullable): with blanks between. */
void line_open(
    Line *line,
    TlsServer *server,
    gint64 now_usec,
    const char *priorities,
    const char *alpn);
void line_close(Line *line);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Line, line_close)

/* What is on its way to the server arrives. */
void line_arrive(Line *line);
/* Until both are done, or one has failed. */
void line_shake_hands(Line *line);
void line_client_says(Line *line, const char *text);
void line_client_reads(Line *line, const char *text);
void line_server_reads(Line *line, const char *text);
/* As gnutls_record_recv(), but past the tickets. */
ssize_t line_client_takes(Line *line, char *data, gsize size);
/* The handshake, then a word each way. */
void line_talk(Line *line);
