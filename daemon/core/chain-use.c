/* SPDX-License-Identifier: GPL-3.0-or-later */

/* chain-use.c - what apps do with the tokens of a chain: refresh, revoke, userinfo */

#include "core/app-resource.h"
#include "core/app-token.h"
#include "core/chain.h"
#include "core/registration.h"
#include "core/scope.h"
#include "core/token-budget.h"
#include "crypto/token.h"

#include <string.h>

static const ChainPlace *
place_find(const Chain *chain, const Token *token, gint64 now_usec, guint *ret_place)
{
    for (guint i = 0; i < CHAIN_PLACES; i++) {
        const ChainPlace *place = &chain->places[i];
        if (place->expires_usec > now_usec && token_matches(token, place->hash)) {
            *ret_place = i;
            return place;
        }
    }
    return NULL;
}

gboolean chain_find_access(
    Txn *txn,
    const char *text,
    const App *known,
    ChainAccess *ret_access,
    GError **error)
{
    g_autoptr(Chain) chain = NULL;
    g_autoptr(Identity) identity = NULL;
    gboolean good = FALSE;
    Token token;

    *ret_access = (ChainAccess){.chain = NULL};
    if (!token_from_text(txn_mac(txn, KEY_TOKEN), TOKEN_USER_ACCESS, text, &token)) {
        return TRUE;
    }
    if (!chain_load(txn, &token.handle, &chain, error)) {
        return FALSE;
    }
    if (!chain || chain->ended || !place_find(chain, &token, txn_now(txn), &ret_access->place)) {
        return TRUE;
    }
    if (!chain_is_good(txn, &chain->identity, known, &identity, &good, error)) {
        return FALSE;
    }
    if (good) {
        ret_access->chain = g_steal_pointer(&chain);
        ret_access->identity = g_steal_pointer(&identity);
    }
    return TRUE;
}

gboolean chain_find_refresh(Txn *txn, const char *text, Chain **ret_chain, GError **error)
{
    g_autoptr(Chain) chain = NULL;
    Token token;

    *ret_chain = NULL;
    if (!token_from_text(txn_mac(txn, KEY_TOKEN), TOKEN_REFRESH, text, &token)) {
        return TRUE;
    }
    if (!chain_load(txn, &token.handle, &chain, error)) {
        return FALSE;
    }
    if (chain && !chain->ended && token_matches(&token, chain->refresh_hash)) {
        *ret_chain = g_steal_pointer(&chain);
    }
    return TRUE;
}

static Outcome refuse(TokenAnswer *answer, Reason reason, const char *description)
{
    answer->reason = reason;
    answer->description = description;
    return OUTCOME_DENIED;
}

/* Whoever holds an old secret, or held it, is not to be told from a thief: all ends. */
static Outcome end_for_reuse(Txn *txn, Chain *chain, TokenAnswer *answer, GError **error)
{
    if (!chain_end_for_reuse(txn, chain, error)) {
        return OUTCOME_BROKEN;
    }
    return refuse(answer, REASON_GRANT_INVALID, "the refresh token is not good");
}

/* The scopes of the next tokens: as wide as consented, or a part of it. NULL: more than that. */
static char **scopes_narrow(const Chain *chain, const char *wanted)
{
    g_auto(GStrv) scopes = NULL;

    if (!wanted) {
        return g_strdupv(chain->scopes);
    }
    if (!scope_parse(wanted, &scopes) || !*scopes ||
        !scope_within((const char *const *)scopes, (const char *const *)chain->scopes)) {
        return NULL;
    }
    return g_steal_pointer(&scopes);
}

/* The same client lost the answer and asks again: the token before the current one, for a while. */
static gboolean is_replay(Txn *txn, const App *app, const Chain *chain, const Token *token)
{
    gint64 window = app->refresh_replay_seconds * USEC_PER_SEC;

    return window > 0 && chain->spent_usec > 0 && txn_now(txn) - chain->spent_usec < window &&
           token_matches(token, chain->spent_hash);
}

static Outcome refresh_chain(
    Txn *txn,
    const RefreshAsked *asked,
    const App *app,
    Chain *chain,
    const Token *token,
    TokenAnswer *answer,
    GError **error)
{
    g_autoptr(Identity) identity = NULL;
    gboolean good = FALSE;
    gboolean paid = FALSE;
    const char *resource = NULL;
    g_auto(GStrv) scopes = scopes_narrow(chain, asked->scope);

    if (!chain_is_good(txn, &chain->identity, app, &identity, &good, error)) {
        return OUTCOME_BROKEN;
    }
    if (!good) {
        return refuse(answer, REASON_GRANT_INVALID, "the refresh token is not good");
    }
    if (!scopes) {
        return refuse(answer, REASON_SCOPE_INVALID, "a refresh can't widen what was consented");
    }
    if (!app_resource_choose(
            app, (const char *const *)chain->resources, asked->resources, &resource)) {
        return refuse(answer, REASON_TARGET_INVALID, "the resource was not granted");
    }
    if (!token_budget_take(txn, asked->caller, &chain->app, &chain->full_usec, &paid, error)) {
        return OUTCOME_BROKEN;
    }
    if (!paid) {
        return refuse(answer, REASON_TOO_MANY, "tokens were refreshed too often");
    }
    answer->client_id = g_strdup(asked->client_id);
    answer->subject = g_malloc(ID_TEXT_CHARS + 1);
    id_to_text(&identity->slug, answer->subject);
    const Token *spent = app->refresh_replay_seconds > 0 ? token : NULL;
    return chain_rotate(txn, chain, spent, (const char *const *)scopes, resource, answer, error) &&
                   registration_touch(txn, app, error)
               ? OUTCOME_GRANTED
               : OUTCOME_BROKEN;
}

static Outcome refresh(Txn *txn, const RefreshAsked *asked, TokenAnswer *ret_answer, GError **error)
{
    g_autoptr(App) app = NULL;
    g_autoptr(Chain) chain = NULL;
    Token token;

    if (!app_find(txn, asked->client_id, &app, error)) {
        return OUTCOME_BROKEN;
    }
    if (!app) {
        return refuse(ret_answer, REASON_CLIENT_UNKNOWN, "the client is not known");
    }
    ret_answer->alg = app->id_token_alg;
    if (!token_from_text(txn_mac(txn, KEY_TOKEN), TOKEN_REFRESH, asked->refresh_token, &token)) {
        return refuse(ret_answer, REASON_GRANT_INVALID, "the refresh token is not good");
    }
    if (!chain_load(txn, &token.handle, &chain, error)) {
        return OUTCOME_BROKEN;
    }
    if (!chain || chain->ended || !id_equal(&chain->app, &app->id)) {
        return refuse(ret_answer, REASON_GRANT_INVALID, "the refresh token is not good");
    }
    return token_matches(&token, chain->refresh_hash) || is_replay(txn, app, chain, &token)
               ? refresh_chain(txn, asked, app, chain, &token, ret_answer, error)
               : end_for_reuse(txn, chain, ret_answer, error);
}

Outcome chain_refresh(Txn *txn, const RefreshAsked *asked, TokenAnswer *ret_answer, GError **error)
{
    Outcome outcome = refresh(txn, asked, ret_answer, error);

    return token_budget_settle(
        txn, asked->caller, outcome, &ret_answer->reason, &ret_answer->description, error);
}

/* RFC 7009 2.1: a refresh token ends the chain, even an old one: who revokes wants it over. */
static gboolean
revoke_token(Txn *txn, Chain *chain, const Token *token, TokenKind kind, GError **error)
{
    guint place = 0;

    if (kind == TOKEN_REFRESH) {
        return chain_end(txn, chain, error);
    }
    if (!place_find(chain, token, txn_now(txn), &place)) {
        return TRUE;
    }
    chain->places[place].expires_usec = 0;
    txn_set_revoking(txn);
    return chain_save(txn, chain, error);
}

Outcome chain_revoke(Txn *txn, const RevokeAsked *asked, PlainAnswer *ret_answer, GError **error)
{
    static const TokenKind kinds[] = {TOKEN_REFRESH, TOKEN_USER_ACCESS};
    g_autoptr(App) app = NULL;

    if (!app_find(txn, asked->client_id, &app, error)) {
        return OUTCOME_BROKEN;
    }
    if (!app) {
        ret_answer->reason = REASON_CLIENT_UNKNOWN;
        return OUTCOME_DENIED;
    }
    for (guint i = 0; i < G_N_ELEMENTS(kinds); i++) {
        g_autoptr(Chain) chain = NULL;
        Token token;
        if (!token_from_text(txn_mac(txn, KEY_TOKEN), kinds[i], asked->token, &token)) {
            continue;
        }
        if (!chain_load(txn, &token.handle, &chain, error)) {
            return OUTCOME_BROKEN;
        }
        if (chain && !chain->ended && id_equal(&chain->app, &app->id) &&
            !revoke_token(txn, chain, &token, kinds[i], error)) {
            return OUTCOME_BROKEN;
        }
    }
    return app_token_revoke(txn, &app->id, asked->token, error) ? OUTCOME_GRANTED : OUTCOME_BROKEN;
}

Outcome
chain_userinfo(Txn *txn, const UserinfoAsked *asked, UserinfoAnswer *ret_answer, GError **error)
{
    const Caller *caller = asked->caller;
    const Identity *identity = caller->identity;
    const char *const *scopes =
        (const char *const *)caller->chain->places[caller->access_place].scopes;

    (void)txn;
    (void)error;
    if (!scope_has(scopes, "openid")) {
        ret_answer->reason = REASON_SCOPE_MISSING;
        return OUTCOME_DENIED;
    }
    id_to_text(&identity->slug, ret_answer->subject);
    if (scope_has(scopes, "profile.basic") && identity->alias && *identity->alias) {
        ret_answer->alias = g_strdup(identity->alias);
    }
    return OUTCOME_GRANTED;
}

static void userinfo_clear(gpointer data)
{
    g_clear_pointer(&((UserinfoAnswer *)data)->alias, g_free);
}

ACT_DEFINE(chain_refresh, RefreshAsked, TokenAnswer, token_answer_clear);
ACT_DEFINE(chain_revoke, RevokeAsked, PlainAnswer, NULL);
ACT_DEFINE(chain_userinfo, UserinfoAsked, UserinfoAnswer, userinfo_clear);
