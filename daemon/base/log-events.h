/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* log-events.h - the catalog of what the log says; an id never changes its meaning */

#define LOG_EVENT_STARTED          "daemon-started"
#define LOG_EVENT_REFUSED          "daemon-refused"
#define LOG_EVENT_NOT_LOCKED       "secrets-not-locked"
#define LOG_EVENT_STORE_FAILED     "store-failed"
#define LOG_EVENT_STORE_RECOVERING "store-recovering"
#define LOG_EVENT_STORE_READ_ONLY  "store-read-only"
#define LOG_EVENT_STORE_WRITABLE   "store-writable"
#define LOG_EVENT_STORE_WORK       "store-work"
#define LOG_EVENT_ACT_BROKEN       "act-broken"
#define LOG_EVENT_HTTP_LISTENING   "http-listening"
#define LOG_EVENT_HTTP_REQUEST     "http-request"
#define LOG_EVENT_HTTP_REFUSED     "http-refused"
#define LOG_EVENT_HTTP_ACCEPT      "http-accept"
#define LOG_EVENT_TLS_LOADED       "tls-loaded"
#define LOG_EVENT_TLS_REFUSED      "tls-refused"
#define LOG_EVENT_BUS_CONNECTED    "bus-connected"
#define LOG_EVENT_BUS_LOST         "bus-lost"
#define LOG_EVENT_BUS_CALL         "bus-call"
#define LOG_EVENT_MAIL_SENT        "mail-sent"
#define LOG_EVENT_MAIL_FAILED      "mail-failed"
#define LOG_EVENT_OUTBOX_FAILED    "outbox-failed"
#define LOG_EVENT_OUTBOX_GIVEN_UP  "outbox-given-up"
#define LOG_EVENT_LOGOUT_TOLD      "logout-told"
#define LOG_EVENT_LOGOUT_FAILED    "logout-failed"
#define LOG_EVENT_LOGOUT_REFUSED   "logout-refused"
#define LOG_EVENT_SWEEP_FAILED     "sweep-failed"
#define LOG_EVENT_ACCOUNT_CHANGED  "account-changed"  /* ACCOUNT, STATE; UID of who changed it */
#define LOG_EVENT_APP_REGISTERED   "app-registered"   /* APP: client id; NAME as it called itself */
#define LOG_EVENT_APPROVAL_DECIDED "approval-decided" /* AUDIT, DECISION; UID of who decided */
#define LOG_EVENT_LINK_CHANGED     "link-changed"     /* by a person's own: LINK, STATE, UID */
#define LOG_EVENT_PAM_KNOWN_KEY    "pam-known-key"    /* AUDIT; nobody was asked */
#define LOG_EVENT_PAM_ENDED        "pam-ended"
#define LOG_EVENT_PAM_REFUSED      "pam-refused" /* AUDIT (none: a full disk), REASON, SERVICE, USER */
