/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * pushed.h - an authorization request that its app pushed (RFC 9126): checked, and kept for
 * PUSHED_LIFE_USEC under a name that only the app and the browser that it sends know
 *
 * It stays until a code was given for it: a page may be loaded again.
 */

#include "core/authorization.h"

#define PUSHED_LIFE_USEC  (90 * USEC_PER_SEC)
#define PUSHED_URI_PREFIX "urn:ietf:params:oauth:request_uri:"

typedef struct PushAsked {
    const Caller *caller;
    AuthorizationParameters parameters;
} PushAsked;

typedef struct PushAnswer {
    Reason reason; /* CLIENT_UNKNOWN, REDIRECT_URI, TOO_MANY, and those of authorization_check() */
    const char *description;
    char *request_uri;
    guint expires_in; /* seconds */
} PushAnswer;

/* Budgets first: of the caller's address, and of all together, which bounds what is kept. */
ACT_DECLARE(pushed_put, PushAsked, PushAnswer);

/* FALSE: it is no request_uri of ours. */
gboolean pushed_id_from_uri(const char *request_uri, Id *ret_id);

/* NULL when it is unknown, over, or another app's. Its life begins anew, now. */
gboolean pushed_load(
    Txn *txn,
    const Id *id,
    const Id *app,
    Authorization **ret_authorization,
    GError **error);

/* None is fine. */
gboolean pushed_forget(Txn *txn, const Id *id, GError **error);
