/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * device.h - a device code: of an app (RFC 8628), or of a PAM service's conversation
 *
 * bus/pam and the HTTP device page call the same acts.
 */

#include "core/chain.h"
#include "core/link.h"

#define USER_CODE_CHARS         8U
#define USER_CODE_ALPHABET      "BCDFGHJKLMNPQRSTVWXZ"
#define DEVICE_LIFE_USEC        (10 * USEC_PER_MINUTE) /* of an app's code */
#define DEVICE_INTERVAL_SECONDS 5U
#define DEVICE_NUMBER_CHARS     2U

typedef enum DeviceState {
    DEVICE_PENDING = 1,
    DEVICE_APPROVED, /* and, when a number is wanted, it waits for the number */
    DEVICE_DECLINED,
    DEVICE_SPENT,
    DEVICE_CANCELLED,
} DeviceState;

typedef struct Device {
    Id id; /* handle of the device code */
    guint8 hash[32];
    guint8 user_code_mac[32];
    Id app;
    char *service;     /* base name; "" for an app */
    char *pam_service; /* as PAM said it, for people */
    char *host, *local_user, *asker, *terminal;
    char *remote;               /* address the request came from; "" the host itself */
    gboolean remote_is_trusted; /* the bus caller was root */
    gboolean privileged;        /* uid 0, or in sudo, wheel, admin: the number is always wanted */
    char **scopes;
    guint32 state;
    guint32 reason;       /* why it was declined or refused */
    Id account, identity; /* who approved */
    gint64 auth_usec;
    gboolean number_wanted;
    guint8 number_mac[32]; /* under KEY_CODE with the id; taken once */
    guint32 interval;
    gint64 polled_usec;
    gint64 born_usec;
    gint64 expires_usec;
    char *event; /* id of the event of its end, as shown */
    char **resources;
    gint64 sign_in_since_usec; /* uid 0: no sign-in of before approves; 0: any fresh one does */
    guint8 key[32];            /* of ssh, that sshd has accepted: its SHA-256; zeros: none */
    Id session;                /* that approved on the page; none: not there */
    char *known_by;            /* core/known-key.h: event of the approval that let it in; "" none */
} Device;

extern const RecordTable device_table;
void device_free(Device *device);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Device, device_free)

/* (transfer full): where a root program's conversation comes from, as budgets and places count it:
 * the network of an address, else who asks on the host itself, else what is asked for. @remote,
 * @asker: "" or NULL: none */
char *device_origin_of(
    const char *service,
    const char *local_user,
    const char *remote,
    const char *asker);

/* Reads a code as typed: any case, with or without dash or space. FALSE when it can be none. */
gboolean user_code_read(const char *typed, char ret_code[USER_CODE_CHARS + 1]);

/* Opens one for a service (bus) or for an app (HTTP). */
typedef struct DeviceOpenAsked {
    const Caller *caller;
    const char *client_id; /* HTTP; untrusted */
    const char *scope;
    const char *const *resources; /* RFC 8707; NULL: none */
    const char *pam_service;      /* bus: NULL over HTTP */
    const char *local_user;       /* untrusted */
    const char *asker, *terminal,
        *remote;           /* untrusted; NULL: none. Passed over unless root calls */
    const char *auth_info; /* SSH_AUTH_INFO_0: likewise, and but for sshd */
    gint64 life_usec;      /* bus */
    gboolean privileged;   /* bus: the module says so of the local user; TRUE when the caller isn\'t
                              root */
    gboolean superuser;    /* bus: the local user is uid 0 */
    gint64 elapsed_usec;   /* bus: since the first code of this sign-in at the prompt */
} DeviceOpenAsked;

typedef struct DeviceOpenAnswer {
    Reason reason; /* CLIENT_UNKNOWN, SCOPE_INVALID, SERVICE_OFF, TOO_MANY */
    Id id;
    char *device_code;
    char *user_code; /* WDJB-MJHT */
    gint64 expires_usec;
    guint interval;
    gboolean known; /* approved already, by its key: only device_answer() is missing */
    char *event;    /* TOO_MANY, bus: id of the event, as shown */
    gboolean event_is_new;
} DeviceOpenAnswer;

ACT_DECLARE(device_open, DeviceOpenAsked, DeviceOpenAnswer);

/* The approval page: changes nothing but the count of wrong codes. */
typedef struct DeviceLookAsked {
    const Caller *caller;  /* CALLER_SESSION */
    const char *user_code; /* untrusted */
} DeviceLookAsked;

typedef struct DeviceLookAnswer {
    Reason reason; /* CODE_WRONG (unknown, expired, over: all alike), STALE_SIGN_IN, MUTED */
    char *email;   /* names the account */
    char *form_token;
    char *user_code; /* as shown */
    char *app_name;  /* of an app; NULL for a service */
    guint32 level;   /* of an app: AppLevel */
    guint32 state;   /* of an app: AppState */
    char *host, *service, *local_user, *asker, *terminal, *remote;
    char *slug;        /* the service's, for this person; NULL: none yet */
    gboolean may_mute; /* of a service: this person is linked to that user */
    char *key;         /* SHA256:…, that is known after an approval; NULL: none, or not linked */
    gint64 key_until_usec; /* for so long */
    char **scopes;
    gint64 born_usec;
} DeviceLookAnswer;

ACT_DECLARE(device_look, DeviceLookAsked, DeviceLookAnswer);

typedef struct DeviceDecideAsked {
    const Caller *caller;  /* CALLER_SESSION; a service wants a fresh sign-in */
    const char *user_code; /* untrusted */
    const char *form_token;
    gboolean approved;
    gboolean muted; /* declined, and this user muted on this host: by whoever is linked to him */
} DeviceDecideAsked;

typedef struct DeviceDecideAnswer {
    Reason reason; /* CODE_WRONG, FORM_TOKEN, STALE_SIGN_IN, MUTED, NOT_PERMITTED */
    char *number;  /* two digits to type at the prompt; NULL: none is wanted */
    char *host;
    char *app_name;
} DeviceDecideAnswer;

/* Approval by an account without a link is taken all the same, and the prompt is refused later:
 * nobody learns who exists. */
ACT_DECLARE(device_decide, DeviceDecideAsked, DeviceDecideAnswer);

/* The prompt of a conversation: looks, takes what was typed, gives the end once. */
typedef struct DeviceAnswerAsked {
    const Caller *caller; /* CALLER_BUS */
    const Id *id;
    /* untrusted; "": Enter, which is a wrong code where no page can approve; NULL: only look */
    const char *typed;
} DeviceAnswerAsked;

typedef struct DeviceAnswerAnswer {
    Reason reason; /* DECLINED, NUMBER_WRONG, OTHER_ACCOUNT, NO_LINK, CODE_EXPIRED, CANCELLED */
    gboolean number_wanted;       /* PENDING: approved, but the number is missing */
    char *event;                  /* id, as shown */
    char slug[ID_TEXT_CHARS + 1]; /* GRANTED */
    gboolean by_code;             /* GRANTED: by a one-time code, not on a page */
    gboolean by_key;              /* GRANTED: by a key with which a page let him in before */
} DeviceAnswerAnswer;

/* GRANTED exactly once, PENDING while nobody has decided. */
ACT_DECLARE(device_answer, DeviceAnswerAsked, DeviceAnswerAnswer);
ACT_DECLARE(device_cancel, DeviceAnswerAsked, PlainAnswer);

/* The account phase: link, identity, account and service still there? Reads alone; of a refusal it
 * tells an id, and when that is new, device_account_note() is to be asked the same with it, after
 * the answer. */
typedef struct DeviceAccountAsked {
    const Caller *caller;
    const char *pam_service, *local_user;
    const char *event; /* device_account_note() alone: what device_account() told */
} DeviceAccountAsked;

typedef struct DeviceAccountAnswer {
    Reason reason;         /* SERVICE_OFF, NO_LINK */
    char *event;           /* NO_LINK: id, as shown */
    gboolean event_is_new; /* it is not written yet */
} DeviceAccountAnswer;

ACT_DECLARE(device_account, DeviceAccountAsked, DeviceAccountAnswer);
ACT_DECLARE(device_account_note, DeviceAccountAsked, PlainAnswer); /* SERVICE_OFF */

/* The token endpoint. */
typedef struct DevicePollAsked {
    const Caller *caller;
    const char *client_id, *device_code; /* untrusted */
    const char *const *resources;        /* RFC 8707; NULL: as granted */
} DevicePollAsked;
ACT_DECLARE(
    device_poll,
    DevicePollAsked,
    TokenAnswer); /* AUTHORIZATION_PENDING, SLOW_DOWN, DEVICE_EXPIRED, DECLINED */
