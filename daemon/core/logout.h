/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * logout.h - an app asks to sign its person out (OpenID Connect RP-Initiated Logout 1.0)
 *
 * Whoever is signed in is always asked: a hint proves that an app once had that sign-in, and any
 * page can send a browser here. The request waits sealed in the form of that question. Where
 * nobody is signed in there is nothing to ask, and the browser goes on.
 */

#include "core/app.h"
#include "core/id-token-hint.h"
#include "core/session.h"

#define LOGOUT_LIFE_USEC       (10 * USEC_PER_MINUTE) /* of the question */
#define LOGOUT_STATE_BYTES_MAX 2048U

typedef struct LogoutAsked {
    const Caller *caller; /* CALLER_SESSION_MAYBE */
    /* begin: as sent; untrusted, NULL when absent or empty */
    const char *client_id;
    const char *post_logout_redirect_uri;
    const char *state;
    const char *id_token_hint;
    const IdTokenHint *hint; /* it, read by the edge; NULL: there is none, or it is not good */
    /* confirm: of our form; untrusted */
    const char *sealed;
    const char *form_token;
} LogoutAsked;

typedef enum LogoutNext {
    LOGOUT_PAGE_ERROR = 1, /* a page, never a redirect */
    LOGOUT_QUESTION,       /* show the form with @sealed */
    LOGOUT_OVER,           /* a page: nobody is signed in here (any more) */
    LOGOUT_REDIRECT,       /* 303 to redirect_uri, with state */
} LogoutNext;

typedef struct LogoutAnswer {
    Reason reason; /* of an error */
    guint32 next;
    char *redirect_uri; /* one that the app registered, byte for byte; NULL: none was sent */
    char *state;        /* NULL: none was sent */
    char *sealed;
    char *form_token;
    char *email;    /* who is signed in */
    char *app_name; /* NULL: it is not known which app asks */
} LogoutAnswer;

/* Changes nothing. BAD_REQUEST, CLIENT_UNKNOWN, REDIRECT_URI, HINT_INVALID */
ACT_DECLARE(logout_begin, LogoutAsked, LogoutAnswer);
/* Ends the session. FORM_TOKEN */
ACT_DECLARE(logout_confirm, LogoutAsked, LogoutAnswer);
