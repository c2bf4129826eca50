/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* grant.h - an authorization code that waits to be redeemed: 60 s; its spent record stays 10
 * minutes */

#include "core/authorization.h"
#include "core/chain.h"

#define GRANT_LIFE_USEC  (60 * USEC_PER_SEC)
#define GRANT_SPENT_USEC (10 * USEC_PER_MINUTE)

typedef struct Grant {
    Id id; /* handle of the code */
    guint8 hash[32];
    Id app, identity, session;
    char *redirect_uri;
    char *challenge;
    char **scopes;
    char *nonce;
    char *sid;
    gint64 auth_usec;
    gboolean auth_time_asked; /* max_age */
    gint64 expires_usec;
    gboolean spent;
    Id chain; /* given by it */
    char **resources;
} Grant;

extern const RecordTable grant_table;

/* Makes a code for a consented request; (transfer full) in *ret_code. */
gboolean grant_make(
    Txn *txn,
    const Authorization *authorization,
    const Identity *identity,
    const Session *session,
    char **ret_code,
    GError **error);

typedef struct GrantRedeemAsked {
    const Caller *caller;
    const char *client_id; /* all untrusted, NULL when absent */
    const char *code;
    const char *redirect_uri; /* may be absent (OAuth 2.1), never different */
    const char *code_verifier;
    const char *const *resources; /* RFC 8707; NULL: none */
} GrantRedeemAsked;

/* One winner at most. A wrong verifier spends the code. A second use with right app, redirect URI
 * and verifier ends the chain that it gave (RFC 9700 2.1.1, 4.5). */
ACT_DECLARE(grant_redeem, GrantRedeemAsked, TokenAnswer);
