/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * authorization.h - an authorization request: checked, shown, consented, answered
 *
 * Before sign-in it travels sealed in our own form (10 minutes) and is stored when somebody signs
 * in (KIND_KEPT), so a stranger writes nothing.
 */

#include "core/app.h"
#include "core/id-token-hint.h"
#include "core/session.h"

#define AUTHORIZATION_LIFE_USEC       (10 * USEC_PER_MINUTE)
#define AUTHORIZATION_STATE_BYTES_MAX 2048U
#define AUTHORIZATION_NONCE_BYTES_MAX 512U
#define AUTHORIZATION_SCOPES_MAX      32U

/* The parameters as sent: untrusted, NULL when absent or empty. Doubles were refused by the edge.
 */
typedef struct AuthorizationParameters {
    const char *client_id;
    const char *redirect_uri;
    const char *response_type;
    const char *scope;
    const char *state;
    const char *nonce;
    const char *code_challenge;
    const char *code_challenge_method;
    const char *prompt;
    const char *max_age;
    const char *login_hint;
    const char *response_mode;
    const char *request;
    const char *request_uri;
    const char *id_token_hint;
    const IdTokenHint *hint;      /* it, read by the edge; NULL: there is none, or it is not good */
    const char *const *resources; /* RFC 8707; NULL: none */
    const char *double_name;      /* a parameter that was sent twice, or NULL */
} AuthorizationParameters;

/* What is kept of a checked request. */
typedef struct Authorization {
    Id app;
    char *redirect_uri;
    char **scopes;
    char *state; /* echoed byte for byte */
    gboolean has_state;
    char *nonce;
    char *challenge; /* 43 characters */
    guint32 prompt;  /* bits: 1 none, 2 login, 4 consent, 8 select_account */
    gint64 max_age;  /* seconds, -1 not asked */
    char *login_hint;
    gint64 born_usec;
    gboolean form_post; /* response_mode */
    Id hinted;          /* the slug of an id_token_hint; none: any account will do */
    char **resources;   /* of this app */
    Id pushed;          /* the record that it came from (RFC 9126); none */
} Authorization;

extern const RecordTable authorization_table;
void authorization_free(Authorization *authorization);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Authorization, authorization_free)

/* For the form: base64url of the sealed encoding, bound to the tenant; and back, NULL when made up
 * or old. */
char *authorization_seal(Txn *txn, const Authorization *authorization);
Authorization *authorization_unseal(Txn *txn, const char *sealed);

typedef struct AuthorizeAsked {
    const Caller *caller;               /* CALLER_SESSION_MAYBE */
    AuthorizationParameters parameters; /* begin */
    const Id *kept; /* begin: go on with a kept one of this session's account; then no parameters */
    const Id *pushed;   /* begin: one that was pushed; then of the parameters the client id alone */
    const char *sealed; /* decide: from our form; untrusted */
    const char *form_token; /* decide; untrusted */
    gboolean approved;      /* decide */
} AuthorizeAsked;

typedef enum AuthorizeNext {
    AUTHORIZE_PAGE_ERROR = 1, /* a page, never a redirect: unknown client, foreign redirect URI */
    AUTHORIZE_SIGN_IN,        /* show the address form with @sealed */
    AUTHORIZE_CONSENT,        /* show the consent form with @sealed */
    AUTHORIZE_REDIRECT,       /* 303 to redirect_uri with code, or with error */
} AuthorizeNext;

typedef struct AuthorizeAnswer {
    Reason reason; /* of an error */
    guint32 next;
    char *redirect_uri; /* for the redirect, and for form-action */
    gboolean form_post; /* the redirect is a form that the browser posts */
    char *code;         /* on success */
    char *state;        /* NULL: none was sent */
    char *sealed;
    char *form_token;
    char *login_hint;
    char *email; /* names the account on the consent page */
    App *app;
    char **scopes;
    const char *description; /* error_description: static words in the RFC's characters */
} AuthorizeAnswer;

ACT_DECLARE(authorize_begin, AuthorizeAsked, AuthorizeAnswer);
ACT_DECLARE(authorize_decide, AuthorizeAsked, AuthorizeAnswer);
