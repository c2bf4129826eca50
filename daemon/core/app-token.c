/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "core/app-token.h"

#include "base/secret.h"
#include "core/scope.h"
#include "core/token-budget.h"
#include "crypto/random.h"

static const RecordField app_token_fields[] = {
    {.number = 1, "id", FIELD_ID, offsetof(AppToken, id)},
    {.number = 2, "hash", FIELD_HASH, offsetof(AppToken, hash)},
    {.number = 3, "key", FIELD_ID, offsetof(AppToken, key)},
    {.number = 4, "app", FIELD_ID, offsetof(AppToken, app)},
    {.number = 5, "scopes", FIELD_TEXTS, offsetof(AppToken, scopes)},
    {.number = 6, "expires_usec", FIELD_I64, offsetof(AppToken, expires_usec)},
    {.number = 0},
};

const RecordTable app_token_table = {
    .name = "app token",
    .kind = KIND_APP_TOKEN,
    .size = sizeof(AppToken),
    .fields = app_token_fields,
    .of_epoch = TRUE};

void app_token_free(AppToken *token)
{
    record_free(&app_token_table, token);
}

/* NULL: made up, over, or of a key that is gone. */
static gboolean find_record(Txn *txn, const char *text, AppToken **ret_token, GError **error)
{
    g_autoptr(AppToken) found = NULL;
    g_autoptr(ApiKey) key = NULL;
    Token token;

    *ret_token = NULL;
    if (!token_from_text(txn_mac(txn, KEY_TOKEN), TOKEN_APP_ACCESS, text, &token)) {
        return TRUE;
    }
    if (!record_load(
            txn, &app_token_table, token.handle.bytes, ID_BYTES, (gpointer *)&found, error)) {
        return FALSE;
    }
    if (!found || found->expires_usec <= txn_now(txn) || !token_matches(&token, found->hash)) {
        return TRUE;
    }
    if (!api_key_load(txn, &found->key, &key, error)) {
        return FALSE;
    }
    *ret_token = key ? g_steal_pointer(&found) : NULL;
    return TRUE;
}

gboolean
app_token_find(Txn *txn, const char *text, AppToken **ret_token, App **ret_app, GError **error)
{
    g_autoptr(AppToken) found = NULL;
    g_autoptr(App) app = NULL;

    *ret_token = NULL;
    *ret_app = NULL;
    if (!find_record(txn, text, &found, error)) {
        return FALSE;
    }
    if (!found) {
        return TRUE;
    }
    if (!app_load(txn, &found->app, &app, error)) {
        return FALSE;
    }
    if (app && app->state != APP_DISABLED) {
        *ret_token = g_steal_pointer(&found);
        *ret_app = g_steal_pointer(&app);
    }
    return TRUE;
}

gboolean app_token_revoke(Txn *txn, const Id *app, const char *text, GError **error)
{
    g_autoptr(AppToken) found = NULL;

    if (!find_record(txn, text, &found, error)) {
        return FALSE;
    }
    if (!found || !id_equal(&found->app, app)) {
        return TRUE;
    }
    txn_set_revoking(txn);
    return txn_delete(txn, KIND_APP_TOKEN, found->id.bytes, ID_BYTES, error);
}

static void answer_clear(gpointer data)
{
    AppTokenAnswer *answer = data;

    g_clear_pointer(&answer->access_token, secret_text_free);
    g_clear_pointer(&answer->scopes, g_strfreev);
}

static Outcome refuse(AppTokenAnswer *answer, Reason reason, const char *description)
{
    answer->reason = reason;
    answer->description = description;
    return OUTCOME_DENIED;
}

static Outcome give(Txn *txn, ApiKey *key, AppTokenAnswer *answer, GError **error)
{
    g_autoptr(AppToken) made = g_new0(AppToken, 1);
    Token token;

    random_id(&made->id);
    token_draw(&made->id, &token);
    token_hash(&token, made->hash);
    made->key = key->id;
    made->app = key->app;
    made->scopes = g_strdupv(answer->scopes);
    made->expires_usec = txn_now(txn) + APP_TOKEN_LIFE_USEC;
    answer->access_token = token_to_text(txn_mac(txn, KEY_TOKEN), TOKEN_APP_ACCESS, &token);
    answer->expires_in = (guint)(APP_TOKEN_LIFE_USEC / USEC_PER_SEC);
    secret_wipe(&token, sizeof(token));
    return api_key_touch(txn, key, error) && record_save(
                                                 txn, &app_token_table, made->id.bytes, ID_BYTES,
                                                 made, made->expires_usec, error)
               ? OUTCOME_GRANTED
               : OUTCOME_BROKEN;
}

/* The key is right: from here on its own budget pays. */
static Outcome
exchange(Txn *txn, const AppTokenAsked *asked, ApiKey *key, AppTokenAnswer *answer, GError **error)
{
    const LimitUse uses[] = {
        {LIMIT_KEY_EXCHANGE, key->id.bytes, ID_BYTES},
        {LIMIT_TOKEN_APP, key->app.bytes, ID_BYTES},
    };
    gboolean allowed = FALSE;
    guint retry = 0;

    if (!scope_parse(asked->scope, &answer->scopes) ||
        !scope_within((const char *const *)answer->scopes, (const char *const *)key->scopes)) {
        return refuse(answer, REASON_SCOPE_INVALID, "the key has no such scope");
    }
    if (!*answer->scopes) {
        g_strfreev(answer->scopes);
        answer->scopes = g_strdupv(key->scopes);
    }
    if (!limit_take(txn, asked->caller, uses, G_N_ELEMENTS(uses), &allowed, &retry, error)) {
        return OUTCOME_BROKEN;
    }
    return allowed ? give(txn, key, answer, error)
                   : refuse(answer, REASON_TOO_MANY, "this key was exchanged too often");
}

static Outcome
find_and_exchange(Txn *txn, const AppTokenAsked *asked, AppTokenAnswer *ret_answer, GError **error)
{
    g_autoptr(ApiKey) key = NULL;
    g_autoptr(App) app = NULL;
    char client_id[ID_TEXT_CHARS + 1];

    if (!api_key_find(txn, asked->api_key, &key, error)) {
        return OUTCOME_BROKEN;
    }
    if (key && !app_load(txn, &key->app, &app, error)) {
        return OUTCOME_BROKEN;
    }
    if (!app || app->state == APP_DISABLED) {
        return refuse(ret_answer, REASON_KEY_INVALID, "the API key is not good");
    }
    id_to_text(&app->id, client_id);
    if (asked->client_id && !g_str_equal(asked->client_id, client_id)) {
        return refuse(ret_answer, REASON_KEY_INVALID, "the API key is not good");
    }
    return exchange(txn, asked, key, ret_answer, error);
}

Outcome
app_token_exchange(Txn *txn, const AppTokenAsked *asked, AppTokenAnswer *ret_answer, GError **error)
{
    Outcome outcome = find_and_exchange(txn, asked, ret_answer, error);

    return token_budget_settle(
        txn, asked->caller, outcome, &ret_answer->reason, &ret_answer->description, error);
}

ACT_DEFINE(app_token_exchange, AppTokenAsked, AppTokenAnswer, answer_clear);
