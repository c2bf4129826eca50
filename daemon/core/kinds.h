/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* kinds.h - the number of each kind of record and list; written in keys, so never reused */

typedef enum Kind {
    KIND_ACCOUNT = 1,
    KIND_ACCOUNT_BY_EMAIL, /* id: lookup MAC of the address */
    KIND_APP,
    KIND_SERVICE, /* id: name of the PAM service */
    KIND_IDENTITY,
    KIND_IDENTITY_BY_PAIR, /* id: account, app */
    KIND_IDENTITY_BY_SLUG, /* id: slug */
    KIND_LOGIN,
    KIND_SESSION,
    KIND_GRANT,
    KIND_CHAIN,
    KIND_DEVICE,
    KIND_DEVICE_BY_USER_CODE, /* id: MAC of the code */
    KIND_LINK,
    KIND_EVENT,      /* id: six characters */
    KIND_EVENT_HEAD, /* id: subject kind, subject id */
    KIND_EVENT_SLOT, /* id: subject, slot */
    KIND_OUTBOX,     /* id: day, number */
    KIND_OUTBOX_HEAD,
    KIND_KEPT,    /* an authorization request that waits for its person */
    KIND_LIMIT,   /* one GCRA timestamp */
    KIND_BROWSER, /* a browser that signed in before */
    KIND_SID,     /* id: session, identity; the ID token's sid */
    KIND_API_KEY,
    KIND_APP_TOKEN,
    KIND_PUSHED,   /* an authorization request by RFC 9126 */
    KIND_RESOURCE, /* id: digest of its URI; value: the app */
    KIND_ONE_TIME, /* id: account, app of a service */
    KIND_LINK_REQUEST,
    KIND_MUTE,      /* id: digest of host and local user */
    KIND_KNOWN_KEY, /* id: digest of service, local user and key */
    KIND_REFUSAL,   /* id: digest of service, reason and local user */

    LIST_ACCOUNTS = 256, /* of the tenant; owner "all" */
    LIST_APPS,
    LIST_SERVICES, /* ids of their apps */
    LIST_LINKS,
    LIST_SESSIONS_OF_ACCOUNT,
    LIST_IDENTITIES_OF_ACCOUNT,
    LIST_IDENTITIES_OF_APP,
    LIST_CHAINS_OF_IDENTITY,
    LIST_CHAINS_OF_SESSION,
    LIST_LOGINS_OF_EMAIL,
    LIST_LINKS_OF_USER, /* owner: name of the local user */
    LIST_LINKS_OF_ACCOUNT,
    LIST_DEVICES_OF_USER,
    LIST_KEYS_OF_APP,
    LIST_REGISTERED_APPS, /* that registered themselves and are not verified; owner "all" */
    LIST_IDENTITIES_OF_SESSION,
    LIST_APPS_ENDING,     /* removed, and their people not yet; owner "all" */
    LIST_ACCOUNTS_ENDING, /* suspended, and what they had is there yet; owner "all" */
    LIST_MUTES_OF_ACCOUNT,
    LIST_KNOWN_KEYS_OF_ACCOUNT,
} Kind;

/* What an Announcement says of its record. */
typedef enum Change { CHANGE_ADDED = 1, CHANGE_CHANGED, CHANGE_REMOVED } Change;
