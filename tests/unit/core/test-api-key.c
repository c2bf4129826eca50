/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "core/app-token.h"
#include "core/introspection.h"

#include "people.h"

#include <string.h>

typedef struct Backend {
    House *house;
    char *client_id;
    Id app;
    Id key;
    char *secret;
} Backend;

static Outcome add(Backend *backend, const char *const *scopes, gint64 life_usec, ApiKeyAnswer *ret)
{
    Caller caller = house_caller(backend->house, CALLER_BUS);
    const ApiKeyAsked asked = {
        .caller = &caller, .app = &backend->app, .scopes = scopes, .life_usec = life_usec};

    return house_run(backend->house, &api_key_add_act, &asked, ret);
}

static void set_up(Backend *backend, G_GNUC_UNUSED gconstpointer data)
{
    ApiKeyAnswer answer;

    backend->house = house_new();
    backend->client_id = people_app(backend->house, backend->house->tenant, "Bakery");
    g_assert_true(id_from_text(backend->client_id, &backend->app));
    g_assert_cmpint(add(backend, NULL, 0, &answer), ==, OUTCOME_GRANTED);
    backend->key = answer.id;
    backend->secret = g_strdup(answer.secret);
    house_clear(&api_key_add_act, &answer);
}

static void tear_down(Backend *backend, G_GNUC_UNUSED gconstpointer data)
{
    g_free(backend->secret);
    g_free(backend->client_id);
    house_free(backend->house);
}

/* (transfer full): the token; NULL with the reason. */
static char *exchange(
    Backend *backend,
    const char *key,
    const char *client_id,
    const char *scope,
    Reason *ret_reason)
{
    Caller caller = house_caller(backend->house, CALLER_NONE);
    const AppTokenAsked asked = {
        .caller = &caller, .api_key = key, .client_id = client_id, .scope = scope};
    AppTokenAnswer answer;

    Outcome outcome = house_run(backend->house, &app_token_exchange_act, &asked, &answer);
    char *token = outcome == OUTCOME_GRANTED ? g_strdup(answer.access_token) : NULL;
    *ret_reason = answer.reason;
    house_clear(&app_token_exchange_act, &answer);
    return token;
}

/* Fills in a caller with that bearer token as run.c does; FALSE: it is not good. */
static gboolean call_as(Backend *backend, const char *token, Caller *ret_caller)
{
    g_autoptr(Txn) txn = house_begin(backend->house, backend->house->tenant);

    *ret_caller = house_caller(backend->house, CALLER_APP_TOKEN);
    g_assert_true(app_token_find(txn, token, &ret_caller->app_token, &ret_caller->app, NULL));
    house_commit(txn);
    return ret_caller->app_token != NULL;
}

static gboolean is_good(Backend *backend, const char *token)
{
    Caller caller;
    gboolean good = call_as(backend, token, &caller);

    caller_clear(&caller);
    return good;
}

static void a_key_gives_tokens_for_300_seconds(Backend *backend, G_GNUC_UNUSED gconstpointer data)
{
    Reason reason = REASON_NONE;
    g_autofree char *token = exchange(backend, backend->secret, NULL, NULL, &reason);

    g_assert_true(g_str_has_prefix(backend->secret, "antara_live_"));
    g_assert_true(g_str_has_prefix(token, "aat_"));
    g_assert_true(is_good(backend, token));
    house_advance(backend->house, 299 * USEC_PER_SEC);
    g_assert_true(is_good(backend, token));
    house_advance(backend->house, USEC_PER_SEC);
    g_assert_false(is_good(backend, token));
}

static void what_is_no_good_key_gives_nothing(Backend *backend, G_GNUC_UNUSED gconstpointer data)
{
    g_autofree char *other_app = people_app(backend->house, backend->house->tenant, "Café");
    g_autofree char *changed = g_strdup(backend->secret);
    Reason reason = REASON_NONE;

    changed[strlen(changed) - 20] ^= 1;
    g_assert_null(exchange(backend, changed, NULL, NULL, &reason));
    g_assert_cmpint(reason, ==, REASON_KEY_INVALID);
    g_assert_null(exchange(backend, "antara_live_", NULL, NULL, &reason));
    g_assert_cmpint(reason, ==, REASON_KEY_INVALID);
    g_assert_null(exchange(backend, backend->secret, other_app, NULL, &reason));
    g_assert_cmpint(reason, ==, REASON_KEY_INVALID);
    g_assert_null(exchange(backend, backend->secret, NULL, "messages.send", &reason));
    g_assert_cmpint(reason, ==, REASON_SCOPE_INVALID);
}

static void
a_revoked_key_ends_its_tokens_at_once(Backend *backend, G_GNUC_UNUSED gconstpointer data)
{
    Caller caller = house_caller(backend->house, CALLER_BUS);
    const ApiKeyAsked asked = {.caller = &caller, .id = &backend->key};
    Reason reason = REASON_NONE;
    g_autofree char *token = exchange(backend, backend->secret, NULL, NULL, &reason);
    ApiKeyAnswer answer;

    g_assert_cmpint(
        house_run(backend->house, &api_key_revoke_act, &asked, &answer), ==, OUTCOME_GRANTED);
    house_clear(&api_key_revoke_act, &answer);
    g_assert_false(is_good(backend, token));
    g_assert_null(exchange(backend, backend->secret, NULL, NULL, &reason));
    g_assert_cmpint(
        house_run(backend->house, &api_key_revoke_act, &asked, &answer), ==, OUTCOME_DENIED);
    g_assert_cmpint(answer.reason, ==, REASON_NOT_FOUND);
    house_clear(&api_key_revoke_act, &answer);
}

static void a_disabled_app_has_no_tokens(Backend *backend, G_GNUC_UNUSED gconstpointer data)
{
    Reason reason = REASON_NONE;
    g_autofree char *token = exchange(backend, backend->secret, NULL, NULL, &reason);

    people_app_state(backend->house, backend->client_id, APP_DISABLED);
    g_assert_false(is_good(backend, token));
    g_assert_null(exchange(backend, backend->secret, NULL, NULL, &reason));
}

static void a_key_that_has_expired_is_no_key(Backend *backend, G_GNUC_UNUSED gconstpointer data)
{
    ApiKeyAnswer answer;
    Reason reason = REASON_NONE;

    g_assert_cmpint(add(backend, NULL, 60 * USEC_PER_SEC, &answer), ==, OUTCOME_GRANTED);
    house_advance(backend->house, 59 * USEC_PER_SEC);
    g_autofree char *token = exchange(backend, answer.secret, NULL, NULL, &reason);
    g_assert_nonnull(token);
    house_advance(backend->house, USEC_PER_SEC);
    g_assert_false(is_good(backend, token));
    g_assert_null(exchange(backend, answer.secret, NULL, NULL, &reason));
    house_clear(&api_key_add_act, &answer);
}

static void
only_scopes_of_backends_and_fifty_keys(Backend *backend, G_GNUC_UNUSED gconstpointer data)
{
    static const char *const personal[] = {"openid", NULL};
    ApiKeyAnswer answer;

    g_assert_cmpint(add(backend, personal, 0, &answer), ==, OUTCOME_DENIED);
    g_assert_cmpint(answer.reason, ==, REASON_SCOPE_INVALID);
    house_clear(&api_key_add_act, &answer);
    for (guint i = 1; i < API_KEYS_OF_APP_MAX; i++) {
        g_assert_cmpint(add(backend, NULL, 0, &answer), ==, OUTCOME_GRANTED);
        house_clear(&api_key_add_act, &answer);
    }
    g_assert_cmpint(add(backend, NULL, 0, &answer), ==, OUTCOME_DENIED);
    g_assert_cmpint(answer.reason, ==, REASON_TOO_MANY);
    house_clear(&api_key_add_act, &answer);
}

static void
a_list_shows_prefix_and_last_use_alone(Backend *backend, G_GNUC_UNUSED gconstpointer data)
{
    Caller caller = house_caller(backend->house, CALLER_BUS);
    const ApiKeyAsked asked = {.caller = &caller, .app = &backend->app};
    ApiKeyAnswer answer;
    Reason reason = REASON_NONE;

    house_advance(backend->house, USEC_PER_HOUR);
    g_free(exchange(backend, backend->secret, NULL, NULL, &reason));
    g_assert_cmpint(
        house_run(backend->house, &api_key_list_act, &asked, &answer), ==, OUTCOME_GRANTED);
    g_assert_cmpuint(answer.keys->len, ==, 1);
    const ApiKey *key = answer.keys->pdata[0];
    g_autofree char *prefix = api_key_prefix(key);
    g_assert_cmpint(key->used_usec, ==, HOUSE_START_USEC + USEC_PER_HOUR);
    g_assert_cmpuint(strlen(prefix), ==, API_KEY_PREFIX_CHARS);
    g_assert_true(g_str_has_prefix(backend->secret, prefix));
    house_clear(&api_key_list_act, &answer);
}

static void a_key_pays_from_its_own_budget(Backend *backend, G_GNUC_UNUSED gconstpointer data)
{
    const guint count = backend->house->tenant->limits[LIMIT_KEY_EXCHANGE].count;
    Reason reason = REASON_NONE;

    for (guint i = 0; i < count; i++) {
        g_autofree char *token = exchange(backend, backend->secret, NULL, NULL, &reason);
        g_assert_nonnull(token);
    }
    g_assert_null(exchange(backend, backend->secret, NULL, NULL, &reason));
    g_assert_cmpint(reason, ==, REASON_TOO_MANY);
}

static gboolean
is_active(Backend *backend, const Caller *caller, const char *token, char **ret_subject)
{
    const IntrospectionAsked asked = {caller, token};
    IntrospectionAnswer answer;

    g_assert_cmpint(
        house_run(backend->house, &introspection_look_act, &asked, &answer), ==, OUTCOME_GRANTED);
    gboolean active = answer.active;
    if (ret_subject) {
        *ret_subject = g_strdup(answer.subject);
    }
    house_clear(&introspection_look_act, &answer);
    return active;
}

static void
introspection_knows_the_callers_own_app_alone(Backend *backend, G_GNUC_UNUSED gconstpointer data)
{
    g_autofree char *other = people_app(backend->house, backend->house->tenant, "Café");
    Caller alice = people_sign_in(backend->house, "alice@example.org");
    Reason reason = REASON_NONE;
    g_autofree char *token = exchange(backend, backend->secret, NULL, NULL, &reason);
    g_autofree char *subject = NULL;
    TokenAnswer own;
    TokenAnswer foreign;
    Caller caller;

    people_tokens(backend->house, &alice, backend->client_id, "openid", &own);
    people_tokens(backend->house, &alice, other, "openid", &foreign);
    g_assert_true(call_as(backend, token, &caller));
    g_assert_true(is_active(backend, &caller, own.access_token, &subject));
    g_assert_cmpstr(subject, ==, own.subject);
    g_assert_true(is_active(backend, &caller, own.refresh_token, NULL));
    g_assert_true(is_active(backend, &caller, token, NULL));
    g_assert_false(is_active(backend, &caller, foreign.access_token, NULL));
    g_assert_false(is_active(backend, &caller, foreign.refresh_token, NULL));
    g_assert_false(is_active(backend, &caller, backend->secret, NULL));
    g_assert_false(is_active(backend, &caller, "uat_", NULL));
    caller_clear(&caller);
    caller_clear(&alice);
    token_answer_clear(&own);
    token_answer_clear(&foreign);
}

/* A refresh token of yesterday is no reuse when it is only looked at. */
static void
looking_at_a_spent_refresh_token_ends_nothing(Backend *backend, G_GNUC_UNUSED gconstpointer data)
{
    Caller alice = people_sign_in(backend->house, "alice@example.org");
    Reason reason = REASON_NONE;
    g_autofree char *token = exchange(backend, backend->secret, NULL, NULL, &reason);
    TokenAnswer first;
    TokenAnswer second;
    Caller caller;

    people_tokens(backend->house, &alice, backend->client_id, "openid", &first);
    g_assert_cmpint(
        people_refresh(backend->house, backend->client_id, first.refresh_token, NULL, &second), ==,
        OUTCOME_GRANTED);
    g_assert_true(call_as(backend, token, &caller));
    g_assert_false(is_active(backend, &caller, first.refresh_token, NULL));
    g_assert_true(is_active(backend, &caller, second.refresh_token, NULL));
    caller_clear(&caller);
    caller_clear(&alice);
    token_answer_clear(&first);
    token_answer_clear(&second);
}

static void introspection_wants_its_scope(Backend *backend, G_GNUC_UNUSED gconstpointer data)
{
    Reason reason = REASON_NONE;
    g_autofree char *token = exchange(backend, backend->secret, NULL, "trust.read", &reason);
    IntrospectionAnswer answer;
    Caller caller;

    g_assert_true(call_as(backend, token, &caller));
    const IntrospectionAsked asked = {&caller, token};
    g_assert_cmpint(
        house_run(backend->house, &introspection_look_act, &asked, &answer), ==, OUTCOME_DENIED);
    g_assert_cmpint(answer.reason, ==, REASON_SCOPE_MISSING);
    house_clear(&introspection_look_act, &answer);
    caller_clear(&caller);
}

#define ADD(test) g_test_add("/core/api-key/" #test, Backend, NULL, set_up, test, tear_down)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD(a_key_gives_tokens_for_300_seconds);
    ADD(what_is_no_good_key_gives_nothing);
    ADD(a_revoked_key_ends_its_tokens_at_once);
    ADD(a_disabled_app_has_no_tokens);
    ADD(a_key_that_has_expired_is_no_key);
    ADD(only_scopes_of_backends_and_fifty_keys);
    ADD(a_list_shows_prefix_and_last_use_alone);
    ADD(a_key_pays_from_its_own_budget);
    ADD(introspection_knows_the_callers_own_app_alone);
    ADD(looking_at_a_spent_refresh_token_ends_nothing);
    ADD(introspection_wants_its_scope);
    return g_test_run();
}
