/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * link-request.h - a person who is logged in as a local user asks that an account may be him
 *
 * Two have to agree: who sits at that user's terminal (polkit has asked for his password), and an
 * account, on the web. The page draws a number that is typed at the terminal: so nobody links an
 * account of his own by a code that he saw or guessed. The link is made when the number is typed,
 * never before.
 */

#include "core/link.h"

#define LINK_REQUEST_LIFE_USEC (10 * USEC_PER_MINUTE)

typedef enum LinkRequestState {
    LINK_REQUEST_PENDING = 1,
    LINK_REQUEST_APPROVED, /* waits for the number */
    LINK_REQUEST_DECLINED,
} LinkRequestState;

typedef struct LinkRequest {
    Id id;
    guint8 user_code_mac[32];
    guint32 uid; /* of who asks, by the bus's word */
    char *local_user;
    char **services;
    guint32 state;
    Id account; /* that approved */
    gint64 auth_usec;
    guint8 number_mac[32]; /* under KEY_CODE with the id; taken once */
    gint64 born_usec;
    gint64 expires_usec;
} LinkRequest;

extern const RecordTable link_request_table;
void link_request_free(LinkRequest *request);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(LinkRequest, link_request_free)

/* By user code, alive and undecided; *ret_request NULL otherwise. */
gboolean
link_request_find(Txn *txn, const char *user_code, LinkRequest **ret_request, GError **error);

typedef struct LinkRequestAnswer {
    Reason reason;
    Id id;
    char *user_code; /* WDJB-MJHT */
    char *local_user;
    char **services;
    gint64 expires_usec;
} LinkRequestAnswer;

/* The terminal: asks. LINK_RESERVED, SERVICE_OFF, TOO_MANY (limit own_link) */
ACT_DECLARE(link_request_open, LinkAsked, LinkRequestAnswer);

/* The page: what is asked, and what is decided. */
typedef struct LinkPageAsked {
    const Caller *caller;   /* CALLER_SESSION; a fresh sign-in */
    const char *user_code;  /* untrusted */
    const char *form_token; /* decide */
    gboolean approved;      /* decide */
} LinkPageAsked;

typedef struct LinkPageAnswer {
    Reason reason; /* CODE_WRONG, TOO_MANY, STALE_SIGN_IN, FORM_TOKEN */
    char *email;   /* names the account */
    char *form_token;
    char *user_code; /* as shown */
    char *host, *local_user;
    char **services;
    gint64 born_usec;
    char *number; /* decide, approved: two digits to type at the terminal */
} LinkPageAnswer;

ACT_DECLARE(link_request_look, LinkPageAsked, LinkPageAnswer);
ACT_DECLARE(link_request_decide, LinkPageAsked, LinkPageAnswer);

/* The terminal once more. */
typedef struct LinkFinishAsked {
    const Caller *caller; /* CALLER_BUS: the same uid; CALLER_DAEMON may cancel */
    const Id *id;
    const char *typed;   /* untrusted */
    gboolean privileged; /* the edge looked again */
} LinkFinishAsked;

/* PENDING while nobody has approved, or the number is missing. GRANTED once, with the link made;
 * its account, those linked to the local user before, and no other, get a mail. CODE_EXPIRED,
 * DECLINED, NUMBER_WRONG, SUSPENDED, LINK_RESERVED, LINK_STANDS, SERVICE_OFF, TOO_MANY */
ACT_DECLARE(link_request_finish, LinkFinishAsked, LinkAnswer);
ACT_DECLARE(link_request_cancel, LinkFinishAsked, PlainAnswer); /* NOT_FOUND: over already */
