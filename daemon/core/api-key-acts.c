/* SPDX-License-Identifier: GPL-3.0-or-later */

/* api-key-acts.c - what an administrator does with the keys of an app's backend */

#include "base/secret.h"
#include "core/api-key.h"
#include "core/event.h"
#include "core/scope.h"
#include "crypto/random.h"
#include "store/list.h"

#define KEYS_WRITTEN_MAX 200U /* of a list: more than an app may have */

static const char *const reading_scopes[] = {
    "identity.read", "token.introspect", "trust.read", NULL};

static void answer_clear(gpointer data)
{
    ApiKeyAnswer *answer = data;

    g_clear_pointer(&answer->secret, secret_text_free);
    g_clear_pointer(&answer->keys, g_ptr_array_unref);
}

static Outcome refuse(ApiKeyAnswer *answer, Reason reason, const char *problem)
{
    answer->reason = reason;
    answer->problem = problem;
    return OUTCOME_DENIED;
}

/* Also of those that have expired: they leave the list so. */
static gboolean keys_of(Txn *txn, const Id *app, GPtrArray **ret_keys, GError **error)
{
    const ListName name = {LIST_KEYS_OF_APP, app->bytes, ID_BYTES};
    g_autoptr(GArray) ids = list_take(txn, &name, NULL, KEYS_WRITTEN_MAX, error);
    g_autoptr(GPtrArray) keys = g_ptr_array_new_with_free_func((GDestroyNotify)api_key_free);

    for (guint i = 0; ids && i < ids->len; i++) {
        const Id *id = &g_array_index(ids, Id, i);
        ApiKey *key = NULL;
        if (!api_key_load(txn, id, &key, error)) {
            return FALSE;
        }
        if (key) {
            g_ptr_array_add(keys, key);
        } else if (!list_remove(txn, &name, id, error)) {
            return FALSE;
        }
    }
    *ret_keys = g_steal_pointer(&keys);
    return ids != NULL;
}

static gboolean tell(Txn *txn, const Id *app, const char *what, GError **error)
{
    const Event news = {
        .subject = EVENT_OF_APP,
        .subject_id = *app,
        .what = EVENT_KEY_CHANGE,
        .outcome = OUTCOME_GRANTED,
        .detail = (char *)what,
    };

    return event_write(txn, &news, NULL, error);
}

static const char *scopes_problem(const char *const *scopes)
{
    for (; *scopes; scopes++) {
        if (!scope_is_of_backends(*scopes)) {
            return "a key may have identity.read, messages.send, profile.basic, hooks.manage, "
                   "token.introspect and trust.read";
        }
    }
    return NULL;
}

static Outcome make(Txn *txn, const ApiKeyAsked *asked, ApiKeyAnswer *answer, GError **error)
{
    const ListName name = {LIST_KEYS_OF_APP, asked->app->bytes, ID_BYTES};
    const char *const *scopes = asked->scopes && *asked->scopes ? asked->scopes : reading_scopes;
    g_autoptr(ApiKey) key = g_new0(ApiKey, 1);
    Token token;

    random_id(&key->id);
    token_draw(&key->id, &token);
    token_hash(&token, key->hash);
    key->app = *asked->app;
    key->scopes = g_strdupv((char **)scopes);
    key->born_usec = txn_now(txn);
    key->expires_usec = asked->life_usec ? txn_now(txn) + asked->life_usec : 0;
    answer->id = key->id;
    answer->secret = token_to_text(txn_mac(txn, KEY_TOKEN), TOKEN_API_KEY, &token);
    secret_wipe(&token, sizeof(token));
    return record_save(
               txn, &api_key_table, key->id.bytes, ID_BYTES, key, key->expires_usec, error) &&
                   list_add(txn, &name, &key->id, error) &&
                   tell(txn, asked->app, "API key added", error)
               ? OUTCOME_GRANTED
               : OUTCOME_BROKEN;
}

Outcome api_key_add(Txn *txn, const ApiKeyAsked *asked, ApiKeyAnswer *ret_answer, GError **error)
{
    const char *problem = asked->scopes ? scopes_problem(asked->scopes) : NULL;
    g_autoptr(App) app = NULL;
    g_autoptr(GPtrArray) keys = NULL;

    if (problem) {
        return refuse(ret_answer, REASON_SCOPE_INVALID, problem);
    }
    if (asked->life_usec < 0 || asked->life_usec > API_KEY_LIFE_USEC_MAX) {
        return refuse(ret_answer, REASON_BAD_REQUEST, "a key lives for ten years at most");
    }
    if (!app_load(txn, asked->app, &app, error)) {
        return OUTCOME_BROKEN;
    }
    if (!app || app->service) {
        return refuse(ret_answer, REASON_NOT_FOUND, "there is no such app");
    }
    if (!keys_of(txn, asked->app, &keys, error)) {
        return OUTCOME_BROKEN;
    }
    return keys->len < API_KEYS_OF_APP_MAX
               ? make(txn, asked, ret_answer, error)
               : refuse(ret_answer, REASON_TOO_MANY, "an app has 50 keys at most: revoke one");
}

Outcome api_key_list(Txn *txn, const ApiKeyAsked *asked, ApiKeyAnswer *ret_answer, GError **error)
{
    g_autoptr(App) app = NULL;

    if (!app_load(txn, asked->app, &app, error)) {
        return OUTCOME_BROKEN;
    }
    if (!app || app->service) {
        return refuse(ret_answer, REASON_NOT_FOUND, "there is no such app");
    }
    return keys_of(txn, asked->app, &ret_answer->keys, error) ? OUTCOME_GRANTED : OUTCOME_BROKEN;
}

/* Its tokens name it: without it none of them is good. */
Outcome api_key_revoke(Txn *txn, const ApiKeyAsked *asked, ApiKeyAnswer *ret_answer, GError **error)
{
    g_autoptr(ApiKey) key = NULL;

    if (!api_key_load(txn, asked->id, &key, error)) {
        return OUTCOME_BROKEN;
    }
    if (!key) {
        return refuse(ret_answer, REASON_NOT_FOUND, "there is no such key");
    }
    const ListName name = {LIST_KEYS_OF_APP, key->app.bytes, ID_BYTES};
    txn_set_revoking(txn);
    return list_remove(txn, &name, asked->id, error) &&
                   txn_delete(txn, KIND_API_KEY, asked->id->bytes, ID_BYTES, error) &&
                   tell(txn, &key->app, "API key revoked", error)
               ? OUTCOME_GRANTED
               : OUTCOME_BROKEN;
}

gboolean api_key_revoke_all(Txn *txn, const Id *app, GError **error)
{
    const ListName name = {LIST_KEYS_OF_APP, app->bytes, ID_BYTES};
    g_autoptr(GArray) ids = list_take(txn, &name, NULL, KEYS_WRITTEN_MAX, error);

    for (guint i = 0; ids && i < ids->len; i++) {
        if (!txn_delete(txn, KIND_API_KEY, g_array_index(ids, Id, i).bytes, ID_BYTES, error)) {
            return FALSE;
        }
    }
    return ids && list_clear(txn, &name, error);
}

ACT_DEFINE(api_key_add, ApiKeyAsked, ApiKeyAnswer, answer_clear);
ACT_DEFINE(api_key_list, ApiKeyAsked, ApiKeyAnswer, answer_clear);
ACT_DEFINE(api_key_revoke, ApiKeyAsked, ApiKeyAnswer, answer_clear);
