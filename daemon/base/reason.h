/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* reason.h - why an outcome came out so: one row each, and the only place where it gets its outside
 * names */

#include <glib.h>

typedef enum Reason {
    REASON_NONE = 0,
    /* anything */
    REASON_BAD_REQUEST, /* malformed; the words of the answer say what */
    REASON_NOT_FOUND,
    REASON_EXISTS,
    REASON_READ_ONLY,     /* named in the configuration, so not changed here */
    REASON_NO_ROOM,       /* the store can't write now */
    REASON_TOO_MANY,      /* a limit with a name was hit */
    REASON_NOT_PERMITTED, /* the caller may not */
    /* people */
    REASON_SIGNED_OUT,    /* needs a session */
    REASON_STALE_SIGN_IN, /* needs a sign-in of the last 15 minutes */
    REASON_SUSPENDED,
    REASON_FORM_TOKEN,   /* CSRF check failed */
    REASON_ADDRESS_BAD,  /* not an email address that we take */
    REASON_LINK_UNKNOWN, /* a mailed link: made up or long gone */
    REASON_LINK_EXPIRED,
    REASON_LINK_USED,
    REASON_LINK_REPLACED,  /* a newer one was asked for */
    REASON_LINK_ELSEWHERE, /* opened in another browser than the one that asked */
    REASON_LINK_MISSED,    /* a wrong number of another browser ended it */
    REASON_LINK_DISOWNED,  /* "this wasn't me" */
    REASON_CODE_WRONG,
    REASON_CODE_EXPIRED,
    REASON_CODE_BURNT,
    REASON_DECLINED,
    REASON_CANCELLED,
    REASON_NUMBER_WRONG,
    REASON_NO_LINK, /* no identity may be this local user */
    REASON_OTHER_ACCOUNT,
    REASON_SERVICE_OFF,
    REASON_APP_DISABLED,
    /* OAuth; names as in the RFCs */
    REASON_CLIENT_UNKNOWN,
    REASON_REDIRECT_URI,
    REASON_PKCE_MISSING,
    REASON_RESPONSE_TYPE,
    REASON_GRANT_TYPE,
    REASON_GRANT_INVALID,
    REASON_SCOPE_INVALID,
    REASON_TOKEN_INVALID,
    REASON_SCOPE_MISSING,
    REASON_CLIENT_SECRET, /* a secret was sent; clients here have none */
    REASON_REQUEST_OBJECT,
    REASON_REQUEST_URI,
    REASON_LOGIN_REQUIRED,
    REASON_CONSENT_REQUIRED,
    REASON_AUTHORIZATION_PENDING,
    REASON_SLOW_DOWN,
    REASON_DEVICE_EXPIRED,
    REASON_KEY_INVALID, /* an API key that is not good, to be exchanged */
    REASON_TARGET_INVALID,
    REASON_PUSHED_UNKNOWN,  /* a pushed request that is over, or never was */
    REASON_HINT_INVALID,    /* an id_token_hint that is none of ours, or another client's */
    REASON_CLIENT_METADATA, /* RFC 7591 3.2.2 */
    REASON_CLIENT_REDIRECT,
    REASON_SOFTWARE_STATEMENT,
    REASON_GRANT_NOT_ITS,     /* a grant that this app may not use */
    REASON_ENDING,            /* what a suspended account had is not all gone yet */
    REASON_ONE_TIME_WRONG,    /* a one-time code at a prompt */
    REASON_DECLINED_ON_HOST,  /* on the bus, by the local user himself */
    REASON_DECLINED_BY_ADMIN, /* on the bus */
    REASON_DECIDED,           /* what waited for a decision has one */
    REASON_ONLY_ON_PAGE,      /* it is not approved on the bus; the words of the answer say why */
    REASON_LINK_ASKED,        /* a code that asks for a link, where a sign-in was looked for */
    REASON_LINK_RESERVED,     /* a link that only an administrator makes */
    REASON_LINK_STANDS,       /* an administrator has linked these two */
    REASON_MUTED,       /* by an account that is linked to the user; told to such accounts alone */
    REASON_NEW_SIGN_IN, /* uid 0 wants a sign-in that began after the prompt */
    _REASON_MAX,
} Reason;

typedef struct ReasonFace {
    const char *event_id; /* catalog id, "reason-…" */
    const char
        *oauth_error; /* RFC 6749 4.1.2.1 and 5.2, RFC 6750 3.1, RFC 8628 3.5, OIDC Core 3.1.2.6 */
    guint http_status;
    const char *bus_error;
    const char *words; /* for a person, English; the catalog's key */
} ReasonFace;

/**
 * reason_face() - how a reason is shown outside
 * @reason: any number; one that is no Reason counts as REASON_NONE
 *
 * Rows may be coarser than the reasons: a guesser need not learn which limit was hit.
 *
 * Returns: (transfer none): the row; static storage, never NULL.
 */
const ReasonFace *reason_face(Reason reason);
