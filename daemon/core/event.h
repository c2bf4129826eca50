/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* event.h - one line of the audit: id, time, what, outcome, reason; the last 500 of each subject */

#include "core/act.h"
#include "core/record.h"

#define EVENTS_OF_SUBJECT_MAX 500U
#define EVENT_ID_CHARS        6U /* of the user-code alphabet and digits; shown as 7F3K-2M */

typedef enum EventSubject { EVENT_OF_ACCOUNT = 1, EVENT_OF_APP, EVENT_OF_HOST } EventSubject;

typedef enum EventWhat {
    EVENT_SIGN_IN = 1,
    EVENT_SIGN_OUT,
    EVENT_CONSENT,
    EVENT_TOKEN_REUSE,
    EVENT_DEVICE_DECISION,
    EVENT_LINK_CHANGE,
    EVENT_APP_CHANGE,
    EVENT_KEY_CHANGE,
    EVENT_ACCOUNT_CHANGE, /* denied: suspended; granted: resumed */
    EVENT_MUTE,           /* granted: muted; denied: ended by hand */
    EVENT_KNOWN_KEY,      /* denied: ended by hand, or with its link */
    EVENT_REFUSAL,        /* of a prompt's caller, before or after any conversation */
} EventWhat;

typedef struct Event {
    char *id; /* EVENT_ID_CHARS */
    guint32 subject;
    Id subject_id;
    guint32 what;
    guint32 outcome;
    guint32 reason;
    gint64 time_usec;
    char *detail; /* host, service, local user: never a token, a slug or an address */
} Event;

extern const RecordTable event_table;
void event_free(Event *event);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Event, event_free)

/**
 * event_write() - write one line
 * @news: without id and time; detail may be NULL
 * @ret_id: (nullable) (transfer full): as shown, 7F3K-2M
 */
gboolean event_write(Txn *txn, const Event *news, char **ret_id, GError **error);

/* For an id that is told before its line is written. (transfer full): one that no line of this
 * tenant has now, as shown; writes nothing. */
char *event_draw(Txn *txn, GError **error);
/* The same as event_write(), under that id; an error when another line has it meanwhile. */
gboolean event_write_as(Txn *txn, const Event *news, const char *id, GError **error);

typedef struct EventAsked {
    const Caller *caller;
    const char *id; /* untrusted; any case, with or without dash */
} EventAsked;

typedef struct EventAnswer {
    Reason reason;
    Event *event;
} EventAnswer;

ACT_DECLARE(event_explain, EventAsked, EventAnswer); /* NOT_FOUND */
