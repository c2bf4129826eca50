/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * app-token.h - aat_: access of an app's backend, for 300 s, exchanged for an API key
 *
 * A record of its own that names its key; it is good while key and app are.
 */

#include "core/api-key.h"

#define APP_TOKEN_LIFE_USEC (300 * USEC_PER_SEC)

typedef struct AppToken {
    Id id; /* handle */
    guint8 hash[SHA256_BYTES];
    Id key, app;
    char **scopes;
    gint64 expires_usec;
} AppToken;

extern const RecordTable app_token_table;
void app_token_free(AppToken *token);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(AppToken, app_token_free)

/**
 * app_token_find() - is this bearer token good?
 * @text: untrusted
 * @ret_token, @ret_app: (transfer full): both NULL when it is not
 */
gboolean
app_token_find(Txn *txn, const char *text, AppToken **ret_token, App **ret_app, GError **error);

/* An app gives its token back. */
gboolean app_token_revoke(Txn *txn, const Id *app, const char *text, GError **error);

typedef struct AppTokenAsked {
    const Caller *caller;
    const char *api_key;   /* untrusted */
    const char *client_id; /* untrusted; NULL: that of the key */
    const char *scope;     /* untrusted; NULL: all of the key's */
} AppTokenAsked;

typedef struct AppTokenAnswer {
    Reason reason; /* KEY_INVALID, CLIENT_UNKNOWN, SCOPE_INVALID, TOO_MANY */
    const char *description;
    char *access_token;
    char **scopes;
    guint expires_in; /* seconds */
} AppTokenAnswer;

ACT_DECLARE(app_token_exchange, AppTokenAsked, AppTokenAnswer);
