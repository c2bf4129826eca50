/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "crypto/tls-server.h"

#include "base/lock.h"
#include "base/secret.h"
#include "crypto/check.h"
#include "crypto/tls-inside.h"

struct TlsServer {
    char *chain;
    char *key;
    gnutls_priority_t priorities;
    Lock lock; /* of what follows */
    TlsIdentity *identity;
    Secret *tickets;
    gint64 tickets_made_usec;
};

/* Forward secrecy and AEAD alone. No finite-field groups: their cost is the server's. */
#define PRIORITIES                                                                                 \
    "NONE:+VERS-TLS1.3:+VERS-TLS1.2:+ECDHE-ECDSA:+ECDHE-RSA:+AES-128-GCM:+AES-256-GCM:"            \
    "+CHACHA20-POLY1305:+AEAD:+GROUP-X25519:+GROUP-SECP256R1:+GROUP-SECP384R1:"                    \
    "+SIGN-EDDSA-ED25519:+SIGN-ECDSA-SECP256R1-SHA256:+SIGN-ECDSA-SECP384R1-SHA384:"               \
    "+SIGN-ECDSA-SHA256:+SIGN-ECDSA-SHA384:+SIGN-RSA-PSS-RSAE-SHA256:+SIGN-RSA-PSS-RSAE-SHA384:"   \
    "+SIGN-RSA-SHA256:+SIGN-RSA-SHA384:+COMP-NULL:+CTYPE-SRV-X509"

TlsServer *tls_server_new(const char *chain, const char *key, GError **error)
{
    g_autoptr(TlsServer) server = g_new0(TlsServer, 1);

    g_assert(pthread_mutex_init(&server->lock, NULL) == 0);
    server->chain = g_strdup(chain);
    server->key = g_strdup(key);
    return crypto_check(
               gnutls_priority_init(&server->priorities, PRIORITIES, NULL),
               "choosing versions and ciphers of TLS", error) &&
                   tls_server_reload(server, error)
               ? g_steal_pointer(&server)
               : NULL;
}

void tls_server_free(TlsServer *server)
{
    if (!server) {
        return;
    }
    if (server->priorities) {
        gnutls_priority_deinit(server->priorities);
    }
    tls_identity_unref(server->identity);
    secret_unref(server->tickets);
    (void)pthread_mutex_destroy(&server->lock);
    g_free(server->chain);
    g_free(server->key);
    g_free(server);
}

gboolean tls_server_reload(TlsServer *server, GError **error)
{
    g_autoptr(TlsIdentity) fresh = tls_identity_load(server->chain, server->key, error);

    if (!fresh) {
        return FALSE;
    }
    LOCKED(&server->lock);
    TlsIdentity *old = server->identity;
    server->identity = g_steal_pointer(&fresh);
    tls_identity_unref(old);
    return TRUE;
}

gint64 tls_server_end(TlsServer *server)
{
    LOCKED(&server->lock);
    return tls_identity_end(server->identity);
}

/* GnuTLS derives short-lived keys of it by the time; who gets it has them all, so it has an end. */
static void make_tickets(TlsServer *server, gint64 now_usec)
{
    gnutls_datum_t made = {NULL, 0};

    g_assert(gnutls_session_ticket_key_generate(&made) == 0);
    secret_unref(server->tickets);
    server->tickets = secret_new_copy(made.data, made.size);
    server->tickets_made_usec = now_usec;
    secret_wipe(made.data, made.size);
    gnutls_free(made.data);
}

TlsIdentity *tls_server_equip(TlsServer *server, gnutls_session_t session, gint64 now_usec)
{
    LOCKED(&server->lock);
    if (!server->tickets || now_usec - server->tickets_made_usec >= TLS_TICKET_KEY_USEC) {
        make_tickets(server, now_usec);
    }
    const gnutls_datum_t tickets = {
        secret_data(server->tickets), (unsigned)secret_size(server->tickets)};
    g_assert(gnutls_session_ticket_enable_server(session, &tickets) == 0);
    g_assert(gnutls_priority_set(session, server->priorities) == 0);
    g_assert(
        gnutls_credentials_set(
            session, GNUTLS_CRD_CERTIFICATE, tls_identity_credentials(server->identity)) == 0);
    return tls_identity_ref(server->identity);
}
