/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * chain.h - one sign-in of one identity: the record behind all its access and refresh tokens
 *
 * Rotation writes this one record; revocation of everything is one write. A refresh secret that the
 * chain once gave, but the current one, is a reuse and ends it (RFC 9700 4.14); an app may ask that
 * the one before may come again for a few seconds, and gets the same successor. A made-up one has
 * no valid tag and changes nothing.
 */

#include "core/app.h"
#include "core/identity.h"
#include "crypto/token.h"

#define CHAIN_IDLE_USEC   (30 * USEC_PER_DAY)
#define CHAIN_LIFE_USEC   (90 * USEC_PER_DAY)
#define CHAIN_ACCESS_USEC (300 * USEC_PER_SEC)
#define CHAIN_PLACES      8U /* a ninth access token ends the oldest */

typedef struct ChainPlace {
    guint8 hash[32];
    gint64 expires_usec; /* 0: free */
    char **scopes;
    char *resource;
} ChainPlace;

typedef struct Chain {
    Id id; /* handle of all its tokens */
    Id identity, account, app;
    Id session; /* none: made by a device grant */
    guint8 refresh_hash[32];
    ChainPlace places[CHAIN_PLACES];
    char **scopes;             /* consented: the widest */
    guint8 key_thumbprint[32]; /* DPoP, later */
    char *sid;                 /* random for each session and app */
    gint64 auth_usec;          /* when the person signed in */
    gint64 born_usec;
    gint64 used_usec;
    gboolean ended;
    gint64 full_usec; /* of its own limit (LIMIT_TOKEN_CHAIN); rotation writes it anyway */
    char **resources; /* granted; RFC 8707 */
    /* The refresh secret before the current one, and since when; only where the app allows a replay
     * of it. */
    guint8 spent_hash[32];
    gint64 spent_usec;
} Chain;

extern const RecordTable chain_table;
void chain_free(Chain *chain);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Chain, chain_free)

gboolean chain_load(Txn *txn, const Id *id, Chain **ret_chain, GError **error);
gboolean chain_save(Txn *txn, const Chain *chain, GError **error);
/* When it is over, unless it is used again. */
gint64 chain_expires(const Chain *chain);
gboolean chain_end(Txn *txn, Chain *chain, GError **error);
/* The same, with an event: a code or refresh token came a second time. */
gboolean chain_end_for_reuse(Txn *txn, Chain *chain, GError **error);
/* Signing out: those of the session that were made without offline_access. */
gboolean chain_end_of_session(Txn *txn, const Id *session, GError **error);
gboolean chain_end_of_identity(Txn *txn, const Id *identity, GError **error);

/* What a good bearer token is: its chain, its place in there, whose it is. */
typedef struct ChainAccess {
    Chain *chain; /* NULL: the token is not good */
    Identity *identity;
    guint place;
} ChainAccess;

/* Checks identity, account and app too; what it finds is the caller's. @known: (nullable): an app
 * that this transaction has loaded already. */
gboolean chain_find_access(
    Txn *txn,
    const char *text,
    const App *known,
    ChainAccess *ret_access,
    GError **error);

/* The chain whose current refresh token this is; NULL: not good, or of yesterday. Changes nothing.
 */
gboolean chain_find_refresh(Txn *txn, const char *text, Chain **ret_chain, GError **error);

/* What the token endpoint answers, whatever the grant. */
typedef struct TokenAnswer {
    Reason reason;
    const char *description;
    char *access_token;
    guint expires_in; /* seconds */
    char *refresh_token;
    char **scopes;
    /* for the ID token, made after the transaction when scopes hold openid */
    char *client_id;
    char *subject; /* the slug's text */
    char *nonce;   /* NULL: none */
    char *sid;
    gint64 auth_usec; /* 0: max_age was not asked */
    gint64 now_usec;
    guint32 alg; /* JwsAlg of the app's ID tokens */
} TokenAnswer;
void token_answer_clear(gpointer data);

/* Starts a chain and fills in the answer's tokens. Used by grant and device. */
typedef struct ChainStart {
    const Identity *identity;
    const Id *session; /* (nullable) */
    const char *const *scopes;
    const char *const *resources; /* (nullable): all that were granted */
    const char *resource;         /* (nullable): of the first access token */
    gint64 auth_usec;
    const char *sid;  /* (nullable) */
    gint64 full_usec; /* of its own limit, of which its first tokens are paid */
} ChainStart;
gboolean chain_start(
    Txn *txn,
    const ChainStart *start,
    Chain **ret_chain,
    TokenAnswer *answer,
    GError **error);

/**
 * chain_rotate() - the next refresh secret and an access token
 * @spent: (nullable): the refresh token that was presented, when the app allows that it comes once
 *   more: what follows it is then always the same
 *
 * Saves, and fills in the answer's tokens.
 */
gboolean chain_rotate(
    Txn *txn,
    Chain *chain,
    const Token *spent,
    const char *const *scopes,
    const char *resource, /* of the access token; NULL: none */
    TokenAnswer *answer,
    GError **error);

/* Whether identity, account and app may have tokens; *ret_identity (transfer full), NULL when it is
 * gone. @known: as above. */
gboolean chain_is_good(
    Txn *txn,
    const Id *identity_id,
    const App *known,
    Identity **ret_identity,
    gboolean *ret_good,
    GError **error);

typedef struct RefreshAsked {
    const Caller *caller;
    const char *client_id; /* all untrusted */
    const char *refresh_token;
    const char *scope;            /* NULL: as wide as consented */
    const char *const *resources; /* NULL: as granted */
} RefreshAsked;

ACT_DECLARE(
    chain_refresh,
    RefreshAsked,
    TokenAnswer); /* CLIENT_UNKNOWN, GRANT_INVALID, SCOPE_INVALID, TARGET_INVALID, TOO_MANY */

typedef struct RevokeAsked {
    const Caller *caller;
    const char *client_id;
    const char *token; /* RFC 7009: access ends that place, refresh the chain; unknown is fine */
} RevokeAsked;

ACT_DECLARE(chain_revoke, RevokeAsked, PlainAnswer);

typedef struct UserinfoAsked {
    const Caller *caller; /* CALLER_USER_TOKEN */
} UserinfoAsked;

typedef struct UserinfoAnswer {
    Reason reason; /* TOKEN_INVALID, SCOPE_MISSING (openid) */
    char subject[ID_TEXT_CHARS + 1];
    char *alias; /* NULL unless profile.basic and set */
} UserinfoAnswer;

ACT_DECLARE(chain_userinfo, UserinfoAsked, UserinfoAnswer);
