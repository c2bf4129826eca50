/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * api-key.h - a long-lived secret of an app's backend; only good for being exchanged
 *
 * It is shown once, by the act that made it; the store has a hash. No endpoint takes it as a bearer
 * token. What was exchanged for it is good only while it is there (core/app-token).
 */

#include "core/app.h"
#include "crypto/token.h"

#define API_KEYS_OF_APP_MAX   50U
#define API_KEY_PREFIX_CHARS  18U /* antara_live_ and six of the handle */
#define API_KEY_LIFE_USEC_MAX (3660 * USEC_PER_DAY)
#define API_KEY_USED_STEP_USEC                                                                     \
    USEC_PER_MINUTE /* "last use" is so coarse: most uses write nothing */

typedef struct ApiKey {
    Id id; /* handle of the secret */
    guint8 hash[SHA256_BYTES];
    Id app;
    char **scopes;
    gint64 born_usec;
    gint64 used_usec;    /* 0: never */
    gint64 expires_usec; /* 0: never */
} ApiKey;

extern const RecordTable api_key_table;
void api_key_free(ApiKey *key);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ApiKey, api_key_free)

/* NULL where there is none, or where it has expired. */
gboolean api_key_load(Txn *txn, const Id *id, ApiKey **ret_key, GError **error);
/* By its secret, untrusted; NULL: it is not good. Constant time. */
gboolean api_key_find(Txn *txn, const char *text, ApiKey **ret_key, GError **error);
/* Notes the use. */
gboolean api_key_touch(Txn *txn, ApiKey *key, GError **error);
/* How a list shows it; no part of the secret. (transfer full) */
char *api_key_prefix(const ApiKey *key);

typedef struct ApiKeyAsked {
    const Caller *caller;
    const Id *app;             /* add, list */
    const Id *id;              /* revoke */
    const char *const *scopes; /* add: NULL or empty: those that only read */
    gint64 life_usec;          /* add: 0: no end */
} ApiKeyAsked;

typedef struct ApiKeyAnswer {
    Reason reason;       /* NOT_FOUND, SCOPE_INVALID, BAD_REQUEST, TOO_MANY */
    const char *problem; /* static words */
    Id id;               /* add */
    char *secret;        /* add: told once */
    GPtrArray *keys;     /* list: of ApiKey */
} ApiKeyAnswer;

ACT_DECLARE(api_key_add, ApiKeyAsked, ApiKeyAnswer);
ACT_DECLARE(api_key_list, ApiKeyAsked, ApiKeyAnswer);
ACT_DECLARE(api_key_revoke, ApiKeyAsked, ApiKeyAnswer); /* ends its tokens at once */
/* All keys of an app that goes. */
gboolean api_key_revoke_all(Txn *txn, const Id *app, GError **error);
