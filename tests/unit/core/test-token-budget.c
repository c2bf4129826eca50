/* SPDX-License-Identifier: GPL-3.0-or-later */

/* test-token-budget.c - who pays at the token endpoint, and that who can't pay writes nothing */

#include "core/device.h"
#include "core/token-budget.h"

#include "host.h"
#include "people.h"

#define SCOPE "openid profile.basic offline_access"

typedef struct Shop {
    House *house;
    char *client_id;
    Caller alice;
    TokenAnswer tokens;
} Shop;

static void shop_open(Shop *shop)
{
    shop->house = house_new();
    shop->client_id = people_app(shop->house, shop->house->tenant, "Shop");
    shop->alice = people_sign_in(shop->house, "alice@example.org");
    people_tokens(shop->house, &shop->alice, shop->client_id, SCOPE, &shop->tokens);
}

static void shop_close(Shop *shop)
{
    token_answer_clear(&shop->tokens);
    caller_clear(&shop->alice);
    g_free(shop->client_id);
    house_free(shop->house);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Shop, shop_close)

static void set_limit(const Shop *shop, const char *text)
{
    g_assert_null(tenant_set_limit((Tenant *)shop->house->tenant, text));
}

static Reason refresh_as(Shop *shop, const char *client_id, const char *token)
{
    TokenAnswer answer;
    Outcome outcome = people_refresh(shop->house, client_id, token, NULL, &answer);
    Reason reason = answer.reason;

    if (outcome == OUTCOME_GRANTED) {
        token_answer_clear(&shop->tokens);
        shop->tokens = answer;
    } else {
        g_assert_null(answer.access_token);
        token_answer_clear(&answer);
    }
    return reason;
}

static Reason go_on(Shop *shop)
{
    g_autofree char *token = g_strdup(shop->tokens.refresh_token);

    return refresh_as(shop, shop->client_id, token);
}

static void a_chain_over_its_limit_keeps_its_token_and_goes_on_later(void)
{
    g_auto(Shop) shop = {0};
    shop_open(&shop);
    g_autofree char *first = g_strdup(shop.tokens.access_token);

    for (guint i = 1; i < 30; i++) { /* 30/60; the code paid for the first */
        g_assert_cmpint(go_on(&shop), ==, REASON_NONE);
    }
    g_autofree char *last = g_strdup(shop.tokens.refresh_token);
    for (guint i = 0; i < 5; i++) {
        g_assert_cmpint(go_on(&shop), ==, REASON_TOO_MANY);
    }
    g_assert_cmpstr(shop.tokens.refresh_token, ==, last);
    house_advance(shop.house, 2 * USEC_PER_SEC);
    g_assert_cmpint(go_on(&shop), ==, REASON_NONE);
    g_assert_cmpint(go_on(&shop), ==, REASON_TOO_MANY);
}

static void strangers_spend_nothing_of_app_and_chain(void)
{
    g_auto(Shop) shop = {0};
    shop_open(&shop);
    set_limit(&shop, "token_app:2/86400");
    house_advance(shop.house, USEC_PER_MINUTE);

    for (guint i = 0; i < 20; i++) {
        g_assert_cmpint(refresh_as(&shop, shop.client_id, "urt_made-up"), ==, REASON_GRANT_INVALID);
        g_assert_cmpint(
            refresh_as(&shop, "nobody", shop.tokens.refresh_token), ==, REASON_CLIENT_UNKNOWN);
    }
    g_assert_cmpint(go_on(&shop), ==, REASON_NONE);
    g_assert_cmpint(go_on(&shop), ==, REASON_NONE);
    g_assert_cmpint(go_on(&shop), ==, REASON_TOO_MANY);
}

static void an_address_over_its_limit_is_refused_but_whoever_has_a_secret_is_not(void)
{
    g_auto(Shop) shop = {0};
    shop_open(&shop);
    set_limit(&shop, "token_client:3/86400");

    for (guint i = 0; i < 10; i++) {
        g_assert_cmpint(
            refresh_as(&shop, shop.client_id, "urt_made-up"), ==,
            i < 3 ? REASON_GRANT_INVALID : REASON_TOO_MANY);
    }
    g_assert_cmpint(refresh_as(&shop, "nobody", "urt_made-up"), ==, REASON_TOO_MANY);
    g_assert_cmpint(go_on(&shop), ==, REASON_NONE);
}

/* Else a thief would only have to be busy. */
static void a_reuse_ends_the_chain_even_over_the_limit(void)
{
    g_auto(Shop) shop = {0};
    shop_open(&shop);
    set_limit(&shop, "token_client:1/86400");
    g_autofree char *stolen = g_strdup(shop.tokens.refresh_token);

    g_assert_cmpint(go_on(&shop), ==, REASON_NONE);
    g_assert_cmpint(refresh_as(&shop, shop.client_id, "urt_x"), ==, REASON_GRANT_INVALID);
    g_assert_cmpint(refresh_as(&shop, shop.client_id, stolen), ==, REASON_TOO_MANY);
    g_assert_false(people_access(shop.house, shop.tokens.access_token));
}

static void an_app_over_its_limit_spends_no_code(void)
{
    g_auto(Shop) shop = {0};
    shop_open(&shop);
    g_autofree char *code = people_code(shop.house, &shop.alice, shop.client_id, SCOPE);
    TokenAnswer answer;

    set_limit(&shop, "token_app:1/10");
    house_advance(shop.house, USEC_PER_SEC);
    g_assert_cmpint(go_on(&shop), ==, REASON_NONE);
    g_assert_cmpint(
        people_redeem(shop.house, shop.client_id, code, PEOPLE_VERIFIER, &answer), ==,
        OUTCOME_DENIED);
    g_assert_cmpint(answer.reason, ==, REASON_TOO_MANY);
    token_answer_clear(&answer);
    house_advance(shop.house, 10 * USEC_PER_SEC);
    g_assert_cmpint(
        people_redeem(shop.house, shop.client_id, code, PEOPLE_VERIFIER, &answer), ==,
        OUTCOME_GRANTED);
    token_answer_clear(&answer);
}

static void a_guesser_of_device_codes_is_told_to_slow_down(void)
{
    g_auto(Shop) shop = {0};
    shop_open(&shop);
    set_limit(&shop, "token_client:2/86400");
    Caller caller = house_caller(shop.house, CALLER_NONE);
    const DevicePollAsked asked = {
        .caller = &caller, .client_id = shop.client_id, .device_code = "adc_made-up"};
    TokenAnswer answer;

    for (guint i = 0; i < 4; i++) {
        g_assert_cmpint(
            house_run(shop.house, &device_poll_act, &asked, &answer), ==, OUTCOME_DENIED);
        g_assert_cmpint(answer.reason, ==, i < 2 ? REASON_GRANT_INVALID : REASON_SLOW_DOWN);
        token_answer_clear(&answer);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define TEST(promise) g_test_add_func("/core/token-budget/" #promise, promise)
    TEST(a_chain_over_its_limit_keeps_its_token_and_goes_on_later);
    TEST(strangers_spend_nothing_of_app_and_chain);
    TEST(an_address_over_its_limit_is_refused_but_whoever_has_a_secret_is_not);
    TEST(a_reuse_ends_the_chain_even_over_the_limit);
    TEST(an_app_over_its_limit_spends_no_code);
    TEST(a_guesser_of_device_codes_is_told_to_slow_down);
    return g_test_run();
}
