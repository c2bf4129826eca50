/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * tls-identity.h - what a TLS server shows of itself: its certificate chain, and its private key,
 * which rests in a Secret
 *
 * For the files of crypto/ alone.
 */

#include <glib.h>
#include <gnutls/gnutls.h>

#define TLS_FILE_BYTES_MAX (128U * 1024)
#define TLS_CHAIN_MAX      16U

typedef struct TlsIdentity TlsIdentity;

/**
 * tls_identity_load() - from two PEM files
 * @chain: the server's certificate, then those that signed it
 * @key: a regular file of root or of the daemon's user, which no others may read, nor the group
 * write; what is in it: private-key.h
 *
 * Returns: NULL with an error that names the file and says what is wrong with it.
 */
TlsIdentity *tls_identity_load(const char *chain, const char *key, GError **error);
TlsIdentity *tls_identity_ref(TlsIdentity *identity); /* by any thread */
void tls_identity_unref(TlsIdentity *identity);       /* NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(TlsIdentity, tls_identity_unref)

/* (transfer none): they live as long as the identity, and any thread may use them. */
gnutls_certificate_credentials_t tls_identity_credentials(const TlsIdentity *identity);
/* When the certificate ends, in seconds since 1970. */
gint64 tls_identity_end(const TlsIdentity *identity);
