/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* app.h - a client: public (no secret, ever), redirect URIs, scopes, trust level */

#include "core/act.h"
#include "core/app-name.h"
#include "core/record.h"
#include "crypto/jws.h"

#define APP_REDIRECT_URIS_MAX  32U
#define APP_SCOPES_MAX         32U
#define APP_RESOURCES_MAX      32U
#define APP_REPLAY_SECONDS_MAX 30U /* in which the last refresh may come once more */

typedef enum AppLevel { APP_PRIVATE = 1, APP_UNVERIFIED, APP_VERIFIED } AppLevel;
typedef enum AppState { APP_CLEAN = 1, APP_WARN, APP_RESTRICT, APP_DISABLED } AppState;

typedef struct App {
    Id id;      /* its text is the client id; a service's app has none */
    char *name; /* plain text (base/text.h) */
    char **redirect_uris;
    char **scopes; /* what it may ask for */
    guint32 level;
    guint32 state;
    gboolean service; /* every HTTP endpoint treats it as unknown */
    gint64 born_usec;
    char **resources;                 /* RFC 8707: absolute URIs that no other app has */
    char **post_logout_redirect_uris; /* OpenID Connect RP-Initiated Logout 3.1 */
    char *backchannel_logout_uri;     /* OpenID Connect Back-Channel Logout 2.2; "": none */
    guint32 id_token_alg;             /* JwsAlg */
    guint32 refresh_replay_seconds;   /* 0: no window */
    gboolean registered;              /* it registered itself (core/registration.h) */
    gint64 used_usec;                 /* then: last use, to a day */
    char *policy_uri; /* these three are shown as text and never fetched; "": none */
    char *tos_uri;
    char *logo_uri;
} App;

extern const RecordTable app_table;
void app_free(App *app);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(App, app_free)

gboolean app_load(Txn *txn, const Id *id, App **ret_app, GError **error);
gboolean app_save(Txn *txn, const App *app, GError **error);
/* By client id as sent; NULL for unknown and for services. */
gboolean app_find(Txn *txn, const char *client_id, App **ret_app, GError **error);
/* It registered itself, and no administrator has looked yet: its name is nobody's word. */
gboolean app_is_unknown(const App *app);
/* What every app may ask for; ended by NULL. */
extern const char *const app_scopes_default[];

/* A new one begins: as not verified, in the list of all, with its announcement. */
gboolean app_enter(Txn *txn, App *app, GError **error);
/* With its keys, its resources, and its announcement; its people's slugs and chains, worthless now,
 * follow (core/ending.h). */
gboolean app_discard(Txn *txn, const App *app, GError **error);

/**
 * redirect_uri_problem() - may this URI be registered?
 * Source: RFC 9700 2.1, RFC 8252 7; rows O1 of the attacks.
 * Returns: NULL, or what is wrong with it (static words).
 */
const char *redirect_uri_problem(const char *uri);
/* Byte for byte; http://127.0.0.1 and http://[::1] match any port. */
gboolean redirect_uri_matches(const char *registered, const char *sent);
gboolean app_has_redirect_uri(const App *app, const char *sent);
/* The host that a person goes to, or the private-use scheme. (transfer full) */
char *redirect_uri_target(const char *uri);

typedef struct AppAsked {
    const Caller *caller;
    const Id *id;                     /* show, set, remove */
    const char *name;                 /* add; set: NULL leaves it */
    const char *const *redirect_uris; /* set: NULL leaves them */
    const char *const *scopes;        /* add: NULL means openid profile.basic offline_access */
    /* NULL leaves them, or means none */
    const char *const *resources;
    const char *const *post_logout_redirect_uris;
    const char *backchannel_logout_uri; /* "" takes it away */
    const char *id_token_alg;           /* RS256, ES256, EdDSA; add: NULL means RS256 */
    const guint32 *refresh_replay_seconds;
    const char *policy_uri; /* "" takes it away; these three as well */
    const char *tos_uri;
    const char *logo_uri;
    const gboolean *verified; /* set: an administrator has looked, or takes that back */
} AppAsked;

typedef struct AppAnswer {
    Reason reason;
    App *app;
    const char *problem; /* of a redirect URI, a name or a scope: static words */
    GPtrArray *apps;     /* list: of App, services left out */
} AppAnswer;

ACT_DECLARE(app_add, AppAsked, AppAnswer);
ACT_DECLARE(app_list, AppAsked, AppAnswer);
ACT_DECLARE(app_show, AppAsked, AppAnswer);
ACT_DECLARE(app_set, AppAsked, AppAnswer);
ACT_DECLARE(app_remove, AppAsked, AppAnswer); /* ends its chains; its identities go */
