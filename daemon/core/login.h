/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * login.h - a pending magic link: a link for a button, a code for the page that asked
 *
 * The answer to asking is the same for known, unknown and suspended addresses, in bytes, writes and
 * time. Only the browser that asked (its cookie) can redeem: by the link's button, by the code of
 * the mail, or by a number that another browser drew with the link.
 */

#include "core/session.h"
#include "crypto/token.h"

#define LOGIN_LIFE_USEC      (10 * USEC_PER_MINUTE)
#define LOGIN_TOLD_USEC      USEC_PER_HOUR /* so long after its end a page still says what ended it */
#define LOGIN_CODE_CHARS     8U
#define LOGIN_CODE_TRIES_MAX 5U
#define LOGIN_NUMBER_CHARS   2U
#define LOGINS_OF_EMAIL_MAX  5U

typedef enum LoginState {
    LOGIN_OPEN = 1,
    LOGIN_USED,
    LOGIN_REPLACED, /* a newer one of the same browser, or a sixth of the address */
    LOGIN_ENDED,    /* guessed at too often */
    LOGIN_MISSED,   /* a wrong number was typed */
    LOGIN_DISOWNED, /* "this wasn't me": nobody can redeem it, and whoever asked isn't told why */
} LoginState;

typedef struct Login {
    Id id; /* handle of the link and of the browser's cookie */
    guint8 link_hash[32];
    guint8 browser_hash[32];
    guint8 code_mac[32];  /* under KEY_CODE with the id */
    Id account;           /* none: unknown address */
    GBytes *sign_up;      /* sealed address as typed: of the account to be made, where one is */
    guint8 email_mac[32]; /* account_lookup_mac() of the address */
    char *locale;
    guint32 state;
    guint32 tries;
    char *address; /* of the client that asked */
    char *agent;
    GBytes *
        request; /* the authorization request that waits, encoded (core/authorization.h), or NULL */
    char *user_code; /* the device code that waits, or "" */
    gint64 born_usec;
    gint64 expires_usec;
    gboolean known;        /* asked for by a browser that signed in to this account before */
    guint8 number_mac[32]; /* under KEY_CODE with the id; a newer one takes its place; all zero,
                              which no number has: none was drawn */
} Login;

extern const RecordTable login_table;
void login_free(Login *login);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Login, login_free)

gboolean login_load(Txn *txn, const Id *id, Login **ret_login, GError **error);
gboolean login_save(Txn *txn, const Login *login, GError **error);
/* Sets its state and takes it off the list of its address. */
gboolean login_end(Txn *txn, Login *login, LoginState state, GError **error);
/* Why it can't be redeemed, for whoever has its mail; NONE: it can, in its browser. */
Reason login_problem(const Txn *txn, const Login *login);
/* The same for whoever asked: he is not told that it was disowned, since that would tell him that
 * somebody reads the mail of this address. */
Reason login_problem_for_asker(const Txn *txn, const Login *login);

/* Takes one of the tries that an address has at the codes and numbers of all logins. */
gboolean login_take_try(Txn *txn, const Caller *caller, gboolean *ret_allowed, GError **error);
void login_code_mac(const Txn *txn, const Id *id, const char *code, guint8 ret_mac[32]);
void login_number_mac(const Txn *txn, const Id *id, const char *number, guint8 ret_mac[32]);

/*
 * A browser that signed in before: it has a budget of its own for asking, so that nobody is locked
 * out by others' asking. Found by the cookie that it holds; moves on with each new cookie.
 */
typedef struct Browser {
    guint8 hash[32];      /* of the cookie */
    guint8 email_mac[32]; /* of the account that signed in */
    Id budget;            /* stays while the cookie changes */
} Browser;

#define BROWSER_LIFE_USEC (90 * USEC_PER_DAY)

extern const RecordTable browser_table;
void browser_free(Browser *browser);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Browser, browser_free)
gboolean browser_load(Txn *txn, const Token *cookie, Browser **ret_browser, GError **error);
gboolean browser_save(Txn *txn, const Id *id, const Browser *browser, GError **error);

/* ask for a link: caller->browser is the cookie of an earlier asking, or NULL. Let the new cookie
 * live as long as BROWSER_LIFE_USEC: the browser of an earlier sign-in has a budget of its own. */
typedef struct LoginAskAsked {
    const Caller *caller;
    const char *email; /* untrusted */
    const char *locale;
    const char *sealed;    /* (nullable): the authorization request sealed in our form; untrusted */
    const char *user_code; /* (nullable): go on at the device page; untrusted */
} LoginAskAsked;

typedef struct LoginAskAnswer {
    Reason reason;
    char *browser_cookie; /* on GRANTED */
    guint retry_seconds;  /* on TOO_MANY */
} LoginAskAnswer;

ACT_DECLARE(
    login_ask,
    LoginAskAsked,
    LoginAskAnswer); /* ADDRESS_BAD, TOO_MANY, BAD_REQUEST: @sealed is made up or too old */

/* the page of a mailed link, and the page that waits for the code; change nothing. In another
 * browser it answers LINK_ELSEWHERE, and who asked. */
typedef struct LoginLookAsked {
    const Caller *caller; /* browser: the cookie */
    const char *link;     /* (nullable): token of the mailed link; NULL: by the browser's cookie */
} LoginLookAsked;

typedef struct LoginLookAnswer {
    Reason reason;         /* LINK_UNKNOWN, _EXPIRED, _USED, _REPLACED, _ELSEWHERE */
    char *email;           /* names the account; only when a link was given, in any browser */
    char *form_token;      /* browser_form_token(): bound to the browser's cookie; also elsewhere */
    char *address, *agent; /* who asked */
    char *redirect_uri;    /* of the authorization request that waits: where the page's form can
                              end, for its form-action; NULL: none waits */
    char *sealed;          /* that request, for the form that asks again; only without a link */
    char *user_code;       /* the device code that waits, or ""; only without a link */
    gint64 born_usec;
    gint64 expires_usec;
} LoginLookAnswer;

ACT_DECLARE(login_look, LoginLookAsked, LoginLookAnswer);

/* the button, the code, or the number; a wrong number ends the login */
typedef struct LoginRedeemAsked {
    const Caller *caller; /* browser: the cookie; credential: a session that is replaced, or NULL */
    const char *link;     /* one of the three; untrusted */
    const char *code;
    const char *number;
    const char *form_token; /* untrusted */
} LoginRedeemAsked;

typedef struct LoginRedeemAnswer {
    Reason reason;        /* as above, and CODE_WRONG, _EXPIRED, _BURNT, LINK_MISSED, FORM_TOKEN,
                             TOO_MANY */
    char *session_cookie; /* on GRANTED */
    Id kept; /* the authorization request that now waits under this id (KIND_KEPT), or none */
    char *user_code; /* go on at the device page, or NULL */
} LoginRedeemAnswer;

ACT_DECLARE(login_redeem, LoginRedeemAsked, LoginRedeemAnswer);

/* what the page of a link can do in any browser: signs nobody in */
typedef struct LoginElsewhereAsked {
    const Caller *caller;   /* browser: the cookie, which may be absent */
    const char *link;       /* untrusted */
    const char *form_token; /* untrusted */
} LoginElsewhereAsked;

typedef struct LoginElsewhereAnswer {
    Reason reason; /* LINK_UNKNOWN, _EXPIRED, …, FORM_TOKEN; login_draw_number: TOO_MANY */
    char *number;  /* login_draw_number: two digits, for the page that asked */
} LoginElsewhereAnswer;

/* Draws the number that the browser which asked may redeem with, once; the one before is dead. */
ACT_DECLARE(login_draw_number, LoginElsewhereAsked, LoginElsewhereAnswer);
/* "This wasn't me": ends all pending logins of the address. */
ACT_DECLARE(login_disown, LoginElsewhereAsked, LoginElsewhereAnswer);
