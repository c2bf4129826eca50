/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "core/chain.h"

#include "core/event.h"

#include "base/secret.h"
#include "core/account.h"
#include "core/chain-list.h"
#include "crypto/random.h"
#include "crypto/token.h"

#include <string.h>

static const RecordField place_fields[] = {
    {.number = 1, "hash", FIELD_HASH, offsetof(ChainPlace, hash)},
    {.number = 2, "expires_usec", FIELD_I64, offsetof(ChainPlace, expires_usec)},
    {.number = 3, "scopes", FIELD_TEXTS, offsetof(ChainPlace, scopes)},
    {.number = 4, "resource", FIELD_TEXT, offsetof(ChainPlace, resource)},
    {.number = 0},
};

static const RecordTable place_table =
    {.name = "chain place", .kind = 0, .size = sizeof(ChainPlace), .fields = place_fields};

static const RecordField chain_fields[] = {
    {.number = 1, "id", FIELD_ID, offsetof(Chain, id)},
    {.number = 2, "identity", FIELD_ID, offsetof(Chain, identity)},
    {.number = 3, "account", FIELD_ID, offsetof(Chain, account)},
    {.number = 4, "app", FIELD_ID, offsetof(Chain, app)},
    {.number = 5, "session", FIELD_ID, offsetof(Chain, session)},
    {.number = 6, "refresh_hash", FIELD_HASH, offsetof(Chain, refresh_hash)},
    {.number = 7,
     "places",
     FIELD_ROWS,
     offsetof(Chain, places),
     .rows = &place_table,
     .rows_max = CHAIN_PLACES},
    {.number = 8, "scopes", FIELD_TEXTS, offsetof(Chain, scopes)},
    {.number = 9, "key_thumbprint", FIELD_HASH, offsetof(Chain, key_thumbprint)},
    {.number = 10, "sid", FIELD_TEXT, offsetof(Chain, sid)},
    {.number = 11, "auth_usec", FIELD_I64, offsetof(Chain, auth_usec)},
    {.number = 12, "born_usec", FIELD_I64, offsetof(Chain, born_usec)},
    {.number = 13, "used_usec", FIELD_I64, offsetof(Chain, used_usec)},
    {.number = 14, "ended", FIELD_BOOL, offsetof(Chain, ended)},
    {.number = 15, "full_usec", FIELD_I64, offsetof(Chain, full_usec)},
    {.number = 16, "resources", FIELD_TEXTS, offsetof(Chain, resources)},
    {.number = 17, "spent_hash", FIELD_HASH, offsetof(Chain, spent_hash)},
    {.number = 18, "spent_usec", FIELD_I64, offsetof(Chain, spent_usec)},
    {.number = 0},
};

const RecordTable chain_table = {
    .name = "chain",
    .kind = KIND_CHAIN,
    .size = sizeof(Chain),
    .fields = chain_fields,
    .of_epoch = TRUE};

void chain_free(Chain *chain)
{
    record_free(&chain_table, chain);
}

gboolean chain_load(Txn *txn, const Id *id, Chain **ret_chain, GError **error)
{
    return record_load(txn, &chain_table, id->bytes, ID_BYTES, (gpointer *)ret_chain, error);
}

gint64 chain_expires(const Chain *chain)
{
    return MIN(chain->used_usec + CHAIN_IDLE_USEC, chain->born_usec + CHAIN_LIFE_USEC);
}

gboolean chain_save(Txn *txn, const Chain *chain, GError **error)
{
    return record_save(
        txn, &chain_table, chain->id.bytes, ID_BYTES, chain, chain_expires(chain), error);
}

/* One write: every token of it is judged by this record. */
gboolean chain_end(Txn *txn, Chain *chain, GError **error)
{
    chain->ended = TRUE;
    txn_set_revoking(txn);
    return chain_save(txn, chain, error);
}

gboolean chain_end_for_reuse(Txn *txn, Chain *chain, GError **error)
{
    const Event news = {
        .subject = EVENT_OF_ACCOUNT,
        .subject_id = chain->account,
        .what = EVENT_TOKEN_REUSE,
        .outcome = OUTCOME_DENIED,
        .reason = REASON_GRANT_INVALID,
    };

    return chain_end(txn, chain, error) && event_write(txn, &news, NULL, error);
}

/* A free place, or else the one that is over first. */
static ChainPlace *place_choose(Chain *chain)
{
    ChainPlace *chosen = &chain->places[0];

    for (guint i = 1; i < CHAIN_PLACES; i++) {
        if (chain->places[i].expires_usec < chosen->expires_usec) {
            chosen = &chain->places[i];
        }
    }
    return chosen;
}

static void next_refresh(Txn *txn, Chain *chain, const Token *spent, Token *ret_next)
{
    memset(chain->spent_hash, 0, sizeof(chain->spent_hash));
    if (!spent) {
        chain->spent_usec = 0;
        token_draw(&chain->id, ret_next);
    } else {
        token_hash(spent, chain->spent_hash);
        token_successor(txn_mac(txn, KEY_TOKEN), spent, ret_next);
        if (!token_matches(ret_next, chain->refresh_hash)) { /* the first time */
            chain->spent_usec = txn_now(txn);
        }
    }
    token_hash(ret_next, chain->refresh_hash);
}

gboolean chain_rotate(
    Txn *txn,
    Chain *chain,
    const Token *spent,
    const char *const *scopes,
    const char *resource,
    TokenAnswer *answer,
    GError **error)
{
    const MacKey *key = txn_mac(txn, KEY_TOKEN);
    ChainPlace *place = place_choose(chain);
    Token token;

    token_draw(&chain->id, &token);
    token_hash(&token, place->hash);
    place->expires_usec = txn_now(txn) + CHAIN_ACCESS_USEC;
    g_strfreev(place->scopes);
    place->scopes = g_strdupv((char **)scopes);
    g_free(place->resource);
    place->resource = g_strdup(resource);
    answer->access_token = token_to_text(key, TOKEN_USER_ACCESS, &token);
    answer->expires_in = (guint)(CHAIN_ACCESS_USEC / USEC_PER_SEC);
    next_refresh(txn, chain, spent, &token);
    answer->refresh_token = token_to_text(key, TOKEN_REFRESH, &token);
    answer->scopes = g_strdupv((char **)scopes);
    answer->sid = g_strdup(chain->sid);
    answer->now_usec = chain->used_usec = txn_now(txn);
    secret_wipe(&token, sizeof(token));
    return chain_save(txn, chain, error);
}

gboolean chain_start(
    Txn *txn,
    const ChainStart *start,
    Chain **ret_chain,
    TokenAnswer *answer,
    GError **error)
{
    g_autoptr(Chain) chain = g_new0(Chain, 1);
    const Identity *identity = start->identity;

    random_id(&chain->id);
    chain->identity = identity->id;
    chain->account = identity->account;
    chain->app = identity->app;
    chain->session = start->session ? *start->session : ID_NONE;
    chain->scopes = g_strdupv((char **)start->scopes);
    chain->resources = g_strdupv((char **)start->resources);
    chain->sid = g_strdup(start->sid);
    chain->auth_usec = start->auth_usec;
    chain->born_usec = txn_now(txn);
    chain->full_usec = start->full_usec;
    if (!chain_rotate(txn, chain, NULL, start->scopes, start->resource, answer, error) ||
        !chain_list_enter(txn, chain, g_strv_contains(start->scopes, "offline_access"), error)) {
        return FALSE;
    }
    answer->subject = g_malloc(ID_TEXT_CHARS + 1);
    id_to_text(&identity->slug, answer->subject);
    *ret_chain = g_steal_pointer(&chain);
    return TRUE;
}

void token_answer_clear(gpointer data)
{
    TokenAnswer *answer = data;

    g_clear_pointer(&answer->access_token, secret_text_free);
    g_clear_pointer(&answer->refresh_token, secret_text_free);
    g_clear_pointer(&answer->scopes, g_strfreev);
    g_clear_pointer(&answer->client_id, g_free);
    g_clear_pointer(&answer->subject, g_free);
    g_clear_pointer(&answer->nonce, g_free);
    g_clear_pointer(&answer->sid, g_free);
}

gboolean chain_is_good(
    Txn *txn,
    const Id *identity_id,
    const App *known,
    Identity **ret_identity,
    gboolean *ret_good,
    GError **error)
{
    g_autoptr(Identity) identity = NULL;
    g_autoptr(Account) account = NULL;
    g_autoptr(App) own = NULL;

    *ret_good = FALSE;
    if (!identity_load(txn, identity_id, &identity, error)) {
        return FALSE;
    }
    if (!identity) {
        return TRUE;
    }
    const gboolean is_known = known && id_equal(&known->id, &identity->app);
    if (!account_load(txn, &identity->account, &account, error) ||
        (!is_known && !app_load(txn, &identity->app, &own, error))) {
        return FALSE;
    }
    const App *app = is_known ? known : own;
    *ret_good = account && account->state == ACCOUNT_ACTIVE && app && app->state != APP_DISABLED;
    *ret_identity = g_steal_pointer(&identity);
    return TRUE;
}
