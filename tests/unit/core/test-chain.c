/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "core/chain-list.h"
#include "core/session.h"

#include "people.h"

#include <string.h>

#define SCOPE "openid profile.basic offline_access"

typedef struct Shop {
    House *house;
    char *client_id;
    Caller alice;
    TokenAnswer tokens;
} Shop;

static void shop_open(Shop *shop, const char *scope)
{
    shop->house = house_new();
    shop->client_id = people_app(shop->house, shop->house->tenant, "Shop");
    shop->alice = people_sign_in(shop->house, "alice@example.org");
    people_tokens(shop->house, &shop->alice, shop->client_id, scope, &shop->tokens);
}

static void shop_close(Shop *shop)
{
    token_answer_clear(&shop->tokens);
    caller_clear(&shop->alice);
    g_free(shop->client_id);
    house_free(shop->house);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Shop, shop_close)

/* Refreshes with the newest token and keeps the answer; FALSE when it was refused. */
static gboolean go_on(Shop *shop, const char *scope)
{
    TokenAnswer next;

    if (people_refresh(shop->house, shop->client_id, shop->tokens.refresh_token, scope, &next) !=
        OUTCOME_GRANTED) {
        g_assert_null(next.access_token);
        token_answer_clear(&next);
        return FALSE;
    }
    token_answer_clear(&shop->tokens);
    shop->tokens = next;
    return TRUE;
}

static Reason refused(Shop *shop, const char *client_id, const char *token, const char *scope)
{
    TokenAnswer answer;

    g_assert_cmpint(
        people_refresh(shop->house, client_id, token, scope, &answer), ==, OUTCOME_DENIED);
    g_assert_null(answer.refresh_token);
    Reason reason = answer.reason;
    token_answer_clear(&answer);
    return reason;
}

static void take_back(Shop *shop, const char *client_id, const char *token)
{
    Caller caller = house_caller(shop->house, CALLER_NONE);
    const RevokeAsked asked = {&caller, client_id, token};
    PlainAnswer answer;

    g_assert_cmpint(
        house_run(shop->house, &chain_revoke_act, &asked, &answer), ==, OUTCOME_GRANTED);
}

static void o9_an_old_secret_ends_the_chain_and_its_access_tokens(void)
{
    g_auto(Shop) shop = {0};
    shop_open(&shop, SCOPE);
    g_autofree char *first = g_strdup(shop.tokens.refresh_token);
    g_autofree char *access = g_strdup(shop.tokens.access_token);

    g_assert_true(go_on(&shop, NULL));
    g_assert_true(go_on(&shop, NULL));
    g_assert_true(people_access(shop.house, access));
    g_assert_cmpint(refused(&shop, shop.client_id, first, NULL), ==, REASON_GRANT_INVALID);
    g_assert_false(people_access(shop.house, access));
    g_assert_false(people_access(shop.house, shop.tokens.access_token));
    g_assert_false(go_on(&shop, NULL));
}

/* Signs in at the app once more; the refresh token (transfer full). */
static char *sign_in_again(Shop *shop, const char *scope)
{
    TokenAnswer tokens;

    people_tokens(shop->house, &shop->alice, shop->client_id, scope, &tokens);
    char *refresh = g_steal_pointer(&tokens.refresh_token);
    token_answer_clear(&tokens);
    return refresh;
}

static void of_too_many_chains_the_least_used_end(void)
{
    g_auto(Shop) shop = {0};
    shop_open(&shop, SCOPE);
    g_autofree char *second = sign_in_again(&shop, SCOPE);

    for (guint i = 2; i < CHAINS_LISTED_MAX; i++) {
        house_advance(shop.house, USEC_PER_SEC);
        g_free(sign_in_again(&shop, SCOPE));
    }
    house_advance(shop.house, USEC_PER_SEC);
    g_assert_true(go_on(&shop, NULL)); /* the first is the one that was used last */
    g_free(sign_in_again(&shop, SCOPE));
    g_assert_true(go_on(&shop, NULL));
    g_assert_cmpint(refused(&shop, shop.client_id, second, NULL), ==, REASON_GRANT_INVALID);
}

static void what_is_over_costs_no_living_chain(void)
{
    g_auto(Shop) shop = {0};
    shop_open(&shop, SCOPE);

    for (guint i = 0; i < 2 * CHAINS_LISTED_MAX; i++) {
        g_autofree char *refresh = sign_in_again(&shop, SCOPE);
        take_back(&shop, shop.client_id, refresh);
    }
    g_assert_true(go_on(&shop, NULL));
}

static void a_made_up_secret_changes_nothing(void)
{
    static const char *const made_up[] = {"", "urt_", "urt_AAAA", "x", NULL};
    g_auto(Shop) shop = {0};
    shop_open(&shop, SCOPE);
    g_autofree char *bent = g_strdup(shop.tokens.refresh_token);

    bent[strlen(bent) / 2] ^= 1;
    g_assert_cmpint(refused(&shop, shop.client_id, bent, NULL), ==, REASON_GRANT_INVALID);
    for (guint i = 0; made_up[i]; i++) {
        g_assert_cmpint(refused(&shop, shop.client_id, made_up[i], NULL), ==, REASON_GRANT_INVALID);
    }
    g_assert_cmpint(
        refused(&shop, shop.client_id, shop.tokens.access_token, NULL), ==, REASON_GRANT_INVALID);
    g_assert_true(people_access(shop.house, shop.tokens.access_token));
    g_assert_true(go_on(&shop, NULL));
}

static void another_client_changes_nothing(void)
{
    g_auto(Shop) shop = {0};
    shop_open(&shop, SCOPE);
    g_autofree char *other = people_app(shop.house, shop.house->tenant, "Other");
    const char *token = shop.tokens.refresh_token;

    g_assert_cmpint(refused(&shop, other, token, NULL), ==, REASON_GRANT_INVALID);
    g_assert_cmpint(refused(&shop, "nobody", token, NULL), ==, REASON_CLIENT_UNKNOWN);
    take_back(&shop, other, token);
    take_back(&shop, other, shop.tokens.access_token);
    g_assert_true(people_access(shop.house, shop.tokens.access_token));
    g_assert_true(go_on(&shop, NULL));
}

static void narrower_scope_is_reversible_and_wider_is_refused(void)
{
    g_auto(Shop) shop = {0};
    shop_open(&shop, "openid profile.basic");

    g_assert_true(go_on(&shop, "openid"));
    g_assert_cmpuint(g_strv_length(shop.tokens.scopes), ==, 1);
    g_assert_cmpint(
        refused(&shop, shop.client_id, shop.tokens.refresh_token, SCOPE), ==, REASON_SCOPE_INVALID);
    g_assert_true(go_on(&shop, NULL));
    g_assert_cmpuint(g_strv_length(shop.tokens.scopes), ==, 2);
}

static void an_access_token_lives_300_seconds_and_a_ninth_ends_the_oldest(void)
{
    g_auto(Shop) shop = {0};
    shop_open(&shop, SCOPE);
    g_autofree char *first = g_strdup(shop.tokens.access_token);

    g_assert_cmpuint(shop.tokens.expires_in, ==, 300);
    for (guint i = 1; i < CHAIN_PLACES; i++) {
        house_advance(shop.house, USEC_PER_SEC);
        g_assert_true(go_on(&shop, NULL));
    }
    g_assert_true(people_access(shop.house, first));
    g_assert_true(go_on(&shop, NULL));
    g_assert_false(people_access(shop.house, first));
    house_advance(shop.house, CHAIN_ACCESS_USEC - 1);
    g_assert_true(people_access(shop.house, shop.tokens.access_token));
    house_advance(shop.house, 1);
    g_assert_false(people_access(shop.house, shop.tokens.access_token));
}

static void an_idle_chain_ends_after_30_days(void)
{
    g_auto(Shop) shop = {0};
    shop_open(&shop, SCOPE);

    house_advance(shop.house, CHAIN_IDLE_USEC - 1);
    g_assert_true(go_on(&shop, NULL));
    house_advance(shop.house, CHAIN_IDLE_USEC);
    g_assert_false(go_on(&shop, NULL));
}

static void o9_a_used_chain_ends_after_90_days(void)
{
    g_auto(Shop) shop = {0};
    shop_open(&shop, SCOPE);

    for (guint i = 0; i < 4; i++) {
        house_advance(shop.house, 20 * USEC_PER_DAY);
        g_assert_true(go_on(&shop, NULL));
    }
    house_advance(shop.house, 10 * USEC_PER_DAY);
    g_assert_false(go_on(&shop, NULL));
}

static void a_disabled_app_or_suspended_person_gets_nothing(void)
{
    g_auto(Shop) shop = {0};
    shop_open(&shop, SCOPE);

    people_app_state(shop.house, shop.client_id, APP_DISABLED);
    g_assert_false(people_access(shop.house, shop.tokens.access_token));
    g_assert_false(go_on(&shop, NULL));
    people_app_state(shop.house, shop.client_id, APP_CLEAN);
    g_assert_true(go_on(&shop, NULL));
    people_suspend(shop.house, &shop.alice);
    g_assert_false(people_access(shop.house, shop.tokens.access_token));
    g_assert_false(go_on(&shop, NULL));
}

static void revoking_ends_a_place_or_the_chain(void)
{
    g_auto(Shop) shop = {0};
    shop_open(&shop, SCOPE);
    g_autofree char *first = g_strdup(shop.tokens.access_token);

    g_assert_true(go_on(&shop, NULL));
    take_back(&shop, shop.client_id, first);
    g_assert_false(people_access(shop.house, first));
    g_assert_true(people_access(shop.house, shop.tokens.access_token));
    take_back(&shop, shop.client_id, "urt_nonsense");
    g_assert_true(go_on(&shop, NULL));
    take_back(&shop, shop.client_id, shop.tokens.refresh_token);
    g_assert_false(people_access(shop.house, shop.tokens.access_token));
    g_assert_false(go_on(&shop, NULL));
}

static void sign_out(Shop *shop)
{
    g_autoptr(Txn) txn = house_begin(shop->house, shop->house->tenant);

    g_assert_true(session_end(txn, shop->alice.session, NULL));
    house_commit(txn);
}

static void signing_out_ends_what_was_not_meant_to_outlive_it(void)
{
    g_auto(Shop) shop = {0};
    shop_open(&shop, "openid");
    TokenAnswer offline;

    people_tokens(shop.house, &shop.alice, shop.client_id, SCOPE, &offline);
    sign_out(&shop);
    g_assert_false(people_access(shop.house, shop.tokens.access_token));
    g_assert_true(people_access(shop.house, offline.access_token));
    token_answer_clear(&offline);
}

static void a_code_does_not_outlive_its_session_without_offline_access(void)
{
    g_auto(Shop) shop = {0};
    shop_open(&shop, "openid");
    g_autofree char *online = people_code(shop.house, &shop.alice, shop.client_id, "openid");
    g_autofree char *offline = people_code(shop.house, &shop.alice, shop.client_id, SCOPE);
    const struct {
        const char *code;
        Outcome outcome;
    } rows[] = {{online, OUTCOME_DENIED}, {offline, OUTCOME_GRANTED}};

    sign_out(&shop);
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        TokenAnswer answer;
        g_assert_cmpint(
            people_redeem(shop.house, shop.client_id, rows[i].code, PEOPLE_VERIFIER, &answer), ==,
            rows[i].outcome);
        token_answer_clear(&answer);
    }
}

/* The app allows its last refresh token to come again for that long. */
static void allow_replay(Shop *shop, guint32 seconds)
{
    Caller caller = house_caller(shop->house, CALLER_BUS);
    Id id;
    const AppAsked asked = {.caller = &caller, .id = &id, .refresh_replay_seconds = &seconds};
    AppAnswer answer;

    g_assert_true(id_from_text(shop->client_id, &id));
    g_assert_cmpint(house_run(shop->house, &app_set_act, &asked, &answer), ==, OUTCOME_GRANTED);
    house_clear(&app_set_act, &answer);
}

static void assert_replayed(Shop *shop, const char *spent)
{
    TokenAnswer again;

    g_assert_cmpint(
        people_refresh(shop->house, shop->client_id, spent, NULL, &again), ==, OUTCOME_GRANTED);
    g_assert_cmpstr(again.refresh_token, ==, shop->tokens.refresh_token);
    g_assert_cmpstr(again.access_token, !=, shop->tokens.access_token);
    g_assert_true(people_access(shop->house, again.access_token));
    token_answer_clear(&again);
}

static void a_replay_in_time_gets_the_same_successor(void)
{
    g_auto(Shop) shop = {0};
    shop_open(&shop, SCOPE);
    g_autofree char *first = g_strdup(shop.tokens.refresh_token);

    allow_replay(&shop, 10);
    g_assert_true(go_on(&shop, NULL));
    assert_replayed(&shop, first);
    house_advance(shop.house, 10 * USEC_PER_SEC - 1);
    assert_replayed(&shop, first);
    g_autofree char *second = g_strdup(shop.tokens.refresh_token);
    g_assert_true(go_on(&shop, NULL));
    assert_replayed(&shop, second);
    g_assert_cmpint(refused(&shop, shop.client_id, first, NULL), ==, REASON_GRANT_INVALID);
    g_assert_false(go_on(&shop, NULL));
}

static void a_replay_too_late_ends_the_chain_however_often_it_came_before(void)
{
    g_auto(Shop) shop = {0};
    shop_open(&shop, SCOPE);
    g_autofree char *first = g_strdup(shop.tokens.refresh_token);

    allow_replay(&shop, 10);
    g_assert_true(go_on(&shop, NULL));
    house_advance(shop.house, 6 * USEC_PER_SEC);
    assert_replayed(&shop, first);
    house_advance(shop.house, 4 * USEC_PER_SEC);
    g_assert_cmpint(refused(&shop, shop.client_id, first, NULL), ==, REASON_GRANT_INVALID);
    g_assert_false(go_on(&shop, NULL));
}

static void a_window_that_was_closed_again_lets_nothing_through(void)
{
    g_auto(Shop) shop = {0};
    shop_open(&shop, SCOPE);
    g_autofree char *first = g_strdup(shop.tokens.refresh_token);

    allow_replay(&shop, 30);
    g_assert_true(go_on(&shop, NULL));
    allow_replay(&shop, 0);
    g_assert_cmpint(refused(&shop, shop.client_id, first, NULL), ==, REASON_GRANT_INVALID);
    g_assert_false(go_on(&shop, NULL));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/core/chain/reuse", o9_an_old_secret_ends_the_chain_and_its_access_tokens);
    g_test_add_func("/core/chain/too-many", of_too_many_chains_the_least_used_end);
    g_test_add_func("/core/chain/over", what_is_over_costs_no_living_chain);
    g_test_add_func("/core/chain/made-up", a_made_up_secret_changes_nothing);
    g_test_add_func("/core/chain/other-client", another_client_changes_nothing);
    g_test_add_func("/core/chain/scope", narrower_scope_is_reversible_and_wider_is_refused);
    g_test_add_func(
        "/core/chain/access", an_access_token_lives_300_seconds_and_a_ninth_ends_the_oldest);
    g_test_add_func("/core/chain/idle", an_idle_chain_ends_after_30_days);
    g_test_add_func("/core/chain/life", o9_a_used_chain_ends_after_90_days);
    g_test_add_func("/core/chain/gone", a_disabled_app_or_suspended_person_gets_nothing);
    g_test_add_func("/core/chain/revoke", revoking_ends_a_place_or_the_chain);
    g_test_add_func("/core/chain/sign-out", signing_out_ends_what_was_not_meant_to_outlive_it);
    g_test_add_func(
        "/core/chain/sign-out-before-redeeming",
        a_code_does_not_outlive_its_session_without_offline_access);
    g_test_add_func("/core/chain/replay", a_replay_in_time_gets_the_same_successor);
    g_test_add_func(
        "/core/chain/replay-late", a_replay_too_late_ends_the_chain_however_often_it_came_before);
    g_test_add_func("/core/chain/replay-off", a_window_that_was_closed_again_lets_nothing_through);
    return g_test_run();
}
