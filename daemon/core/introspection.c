/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "core/introspection.h"

#include "core/scope.h"

static void answer_clear(gpointer data)
{
    IntrospectionAnswer *answer = data;

    g_clear_pointer(&answer->scopes, g_strfreev);
    g_clear_pointer(&answer->resource, g_free);
}

static void tell_access(const ChainAccess *access, IntrospectionAnswer *answer)
{
    const ChainPlace *place = &access->chain->places[access->place];

    answer->active = TRUE;
    answer->scopes = g_strdupv(place->scopes);
    answer->resource = g_strdup(place->resource);
    answer->expires_usec = place->expires_usec;
    answer->issued_usec = place->expires_usec - CHAIN_ACCESS_USEC;
    id_to_text(&access->identity->slug, answer->subject);
}

static void tell_refresh(const Chain *chain, const Identity *identity, IntrospectionAnswer *answer)
{
    answer->active = answer->refresh = TRUE;
    answer->scopes = g_strdupv(chain->scopes);
    answer->expires_usec = chain_expires(chain);
    answer->issued_usec = chain->used_usec;
    id_to_text(&identity->slug, answer->subject);
}

static gboolean look_at_access(
    Txn *txn,
    const IntrospectionAsked *asked,
    IntrospectionAnswer *answer,
    GError **error)
{
    ChainAccess access = {.chain = NULL};

    if (!chain_find_access(txn, asked->token, asked->caller->app, &access, error)) {
        return FALSE;
    }
    if (access.chain && id_equal(&access.chain->app, &asked->caller->app->id)) {
        tell_access(&access, answer);
    }
    chain_free(access.chain);
    identity_free(access.identity);
    return TRUE;
}

/* Looking is no use: a spent refresh token is not active, and nothing ends by it. */
static gboolean look_at_refresh(
    Txn *txn,
    const IntrospectionAsked *asked,
    IntrospectionAnswer *answer,
    GError **error)
{
    g_autoptr(Chain) chain = NULL;
    g_autoptr(Identity) identity = NULL;
    gboolean good = FALSE;

    if (!chain_find_refresh(txn, asked->token, &chain, error)) {
        return FALSE;
    }
    if (!chain || !id_equal(&chain->app, &asked->caller->app->id)) {
        return TRUE;
    }
    if (!chain_is_good(txn, &chain->identity, asked->caller->app, &identity, &good, error)) {
        return FALSE;
    }
    if (good) {
        tell_refresh(chain, identity, answer);
    }
    return TRUE;
}

static gboolean look_at_backend(
    Txn *txn,
    const IntrospectionAsked *asked,
    IntrospectionAnswer *answer,
    GError **error)
{
    g_autoptr(AppToken) token = NULL;
    g_autoptr(App) app = NULL;

    if (!app_token_find(txn, asked->token, &token, &app, error)) {
        return FALSE;
    }
    if (token && id_equal(&token->app, &asked->caller->app->id)) {
        answer->active = TRUE;
        answer->scopes = g_strdupv(token->scopes);
        answer->expires_usec = token->expires_usec;
        answer->issued_usec = token->expires_usec - APP_TOKEN_LIFE_USEC;
    }
    return TRUE;
}

Outcome introspection_look(
    Txn *txn,
    const IntrospectionAsked *asked,
    IntrospectionAnswer *ret_answer,
    GError **error)
{
    const Caller *caller = asked->caller;

    if (!scope_has((const char *const *)caller->app_token->scopes, "token.introspect")) {
        ret_answer->reason = REASON_SCOPE_MISSING;
        return OUTCOME_DENIED;
    }
    id_to_text(&caller->app->id, ret_answer->client_id);
    return look_at_access(txn, asked, ret_answer, error) &&
                   look_at_refresh(txn, asked, ret_answer, error) &&
                   look_at_backend(txn, asked, ret_answer, error)
               ? OUTCOME_GRANTED
               : OUTCOME_BROKEN;
}

ACT_DEFINE(introspection_look, IntrospectionAsked, IntrospectionAnswer, answer_clear);
