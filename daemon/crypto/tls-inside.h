/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* tls-inside.h - what a TLS server gives its sessions; for tls-server.c and tls-session.c alone */

#include "crypto/tls-identity.h"
#include "crypto/tls-server.h"

/* Ciphers, tickets and identity of now. Returns: the identity, (transfer full): it must outlive the
 * session. */
TlsIdentity *tls_server_equip(TlsServer *server, gnutls_session_t session, gint64 now_usec);
