/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* session.h - a browser session of an account at Antara itself */

#include "core/account.h"

#define SESSION_IDLE_USEC       (14 * USEC_PER_DAY)
#define SESSION_LIFE_USEC       (90 * USEC_PER_DAY)
#define SESSION_RENEW_USEC      (45 * USEC_PER_DAY)
#define SESSION_FRESH_USEC      (15 * USEC_PER_MINUTE) /* "a sign-in of the last 15 minutes" */
#define SESSIONS_OF_ACCOUNT_MAX 100U                   /* the oldest goes */

typedef struct Session {
    Id id;
    guint8 hash[32]; /* of the cookie's secret */
    Id account;
    gint64 born_usec;
    gint64 used_usec; /* written once an hour at most */
    gint64 signed_in_usec;
    char *address; /* where it began, shown to its owner */
    char *agent;   /* shown to its owner, cut */
} Session;

extern const RecordTable session_table;
void session_free(Session *session);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Session, session_free)

gboolean session_load(Txn *txn, const Id *id, Session **ret_session, GError **error);
gboolean session_is_fresh(const Txn *txn, const Session *session);

/* Starts one; *ret_cookie (transfer full) is the cookie's value. */
gboolean session_start(
    Txn *txn,
    const Id *account,
    const Caller *caller,
    Session **ret_session,
    char **ret_cookie,
    GError **error);
/* The same, in a browser that may have a session already: its owner's goes on, with a new value of
 * the cookie, so no app is told that he signed out; unless it is older than SESSION_RENEW_USEC.
 * Anybody else's ends. */
gboolean session_start_or_renew(
    Txn *txn,
    const Id *account,
    const Caller *caller,
    char **ret_cookie,
    GError **error);
/* By cookie; *ret_session NULL when there is no such session, or its account is suspended or gone.
 */
gboolean session_find(
    Txn *txn,
    const char *cookie,
    Session **ret_session,
    Account **ret_account,
    GError **error);
/* Notes that it was used, once an hour at most; it then lives on. */
gboolean session_touch(Txn *txn, Session *session, GError **error);
/* Ends it, and the chains made in it without offline_access; its apps are told. */
gboolean session_end(Txn *txn, const Session *session, GError **error);
/* The same of some sessions of an account, all but @but (nullable); *ret_ended 0: none is left.
 * Each may have many apps to tell. */
gboolean
session_end_some(Txn *txn, const Id *account, const Id *but, guint *ret_ended, GError **error);
/* The same because somebody wanted it, with an event of the account. */
gboolean session_sign_off(Txn *txn, const Session *session, GError **error);

/* The form token of a session, or (signed out) of a browser cookie: base64url of a MAC under
 * KEY_FORM. */
char *session_form_token(Txn *txn, const Caller *caller);
/* The same for the browser cookie alone, signed in or not: the pages of a mailed link. A browser
 * without a cookie of ours has the token of strangers, and only Sec-Fetch-Site and Origin protect
 * its form. */
char *browser_form_token(Txn *txn, const char *browser);

/* @token: untrusted, may be NULL. Constant time. */
gboolean session_form_token_matches(Txn *txn, const Caller *caller, const char *token);
gboolean browser_form_token_matches(Txn *txn, const char *browser, const char *token);

/* What the /me page shows. */
typedef struct SessionRow {
    Id id;
    gint64 born_usec;
    gint64 used_usec;
    char *address;
    char *agent;
    gboolean current;
} SessionRow;

typedef struct SessionAppRow {
    Id identity;
    char *name; /* of the app, or the service's name and host */
    gboolean service;
    gboolean takes_code; /* at its prompt, from the dashboard */
    char *slug;          /* text */
    char **scopes;
    gint64 born_usec;
} SessionAppRow;

typedef struct MeAsked {
    const Caller *caller; /* CALLER_SESSION */
    const Id *target;     /* session_sign_out: another session of the same account; NULL: this one;
                             me_leave: the identity */
    const char *form_token; /* but for me_show: FORM_TOKEN unless it is the session's; untrusted */
} MeAsked;

typedef struct MeAnswer {
    Reason reason;
    char *email;
    GArray *sessions; /* of SessionRow */
    GArray *apps;     /* of SessionAppRow */
    GPtrArray *mutes; /* of Mute * (core/mute.h) */
    GPtrArray *keys;  /* of KnownKey * (core/known-key.h) */
    char *form_token;
} MeAnswer;

ACT_DECLARE(me_show, MeAsked, MeAnswer);
ACT_DECLARE(session_sign_out, MeAsked, PlainAnswer); /* FORM_TOKEN, NOT_FOUND */

typedef struct SignOutAnswer {
    Reason reason;
    gboolean more; /* not all are ended yet: ask once more; this one is the last to end */
} SignOutAnswer;

ACT_DECLARE(session_sign_out_everywhere, MeAsked, SignOutAnswer); /* FORM_TOKEN */
ACT_DECLARE(me_leave, MeAsked, PlainAnswer);                      /* FORM_TOKEN, NOT_FOUND */

/* bus: sessions of an account */
typedef struct SessionListAsked {
    const Caller *caller;
    const Id *account; /* list */
    const Id *session; /* revoke */
} SessionListAsked;

typedef struct SessionListAnswer {
    Reason reason;
    GArray *sessions; /* of SessionRow */
} SessionListAnswer;

/* (transfer full): an array of SessionRow that frees its rows, the newest first; NULL with an
 * error. @current: (nullable): the session that is looked from. */
GArray *session_rows(Txn *txn, const Id *account, const Session *current, GError **error);

ACT_DECLARE(session_list, SessionListAsked, SessionListAnswer);
ACT_DECLARE(session_revoke, SessionListAsked, PlainAnswer);
