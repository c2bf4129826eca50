/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "people.h"

#include <string.h>

typedef struct Shop {
    House *house;
    char *client_id;
    Caller alice;
    char *code;
} Shop;

static void shop_open(Shop *shop)
{
    shop->house = house_new();
    shop->client_id = people_app(shop->house, shop->house->tenant, "Shop");
    shop->alice = people_sign_in(shop->house, "alice@example.org");
    shop->code = people_code(shop->house, &shop->alice, shop->client_id, "openid offline_access");
}

static void shop_close(Shop *shop)
{
    caller_clear(&shop->alice);
    g_free(shop->code);
    g_free(shop->client_id);
    house_free(shop->house);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Shop, shop_close)

static Reason redeem(Shop *shop, const char *client_id, const char *code, const char *verifier)
{
    TokenAnswer answer;
    Outcome outcome = people_redeem(shop->house, client_id, code, verifier, &answer);
    Reason reason = answer.reason;

    g_assert_cmpint(outcome == OUTCOME_GRANTED, ==, reason == REASON_NONE);
    g_assert_cmpint(outcome == OUTCOME_GRANTED, ==, answer.access_token != NULL);
    token_answer_clear(&answer);
    return reason;
}

static void a_code_gives_tokens_once(void)
{
    g_auto(Shop) shop = {0};
    shop_open(&shop);

    g_assert_cmpint(redeem(&shop, shop.client_id, shop.code, PEOPLE_VERIFIER), ==, REASON_NONE);
    g_assert_cmpint(
        redeem(&shop, shop.client_id, shop.code, PEOPLE_VERIFIER), ==, REASON_GRANT_INVALID);
}

static void a_wrong_verifier_spends_the_code(void)
{
    static const char *const wrong[] = {
        NULL, "", "short", "xBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk", PEOPLE_CHALLENGE};

    for (guint i = 0; i < G_N_ELEMENTS(wrong); i++) {
        g_auto(Shop) shop = {0};
        shop_open(&shop);
        g_assert_cmpint(
            redeem(&shop, shop.client_id, shop.code, wrong[i]), ==, REASON_GRANT_INVALID);
        g_assert_cmpint(
            redeem(&shop, shop.client_id, shop.code, PEOPLE_VERIFIER), ==, REASON_GRANT_INVALID);
    }
}

static void o12_another_client_or_tenant_spends_nothing(void)
{
    g_auto(Shop) shop = {0};
    shop_open(&shop);
    g_autofree char *other = people_app(shop.house, shop.house->tenant, "Other");
    g_autofree char *foreign = people_app(shop.house, shop.house->other, "Elsewhere");

    g_assert_cmpint(redeem(&shop, other, shop.code, PEOPLE_VERIFIER), ==, REASON_GRANT_INVALID);
    g_assert_cmpint(redeem(&shop, foreign, shop.code, PEOPLE_VERIFIER), ==, REASON_CLIENT_UNKNOWN);
    g_assert_cmpint(redeem(&shop, "nobody", shop.code, PEOPLE_VERIFIER), ==, REASON_CLIENT_UNKNOWN);
    g_assert_cmpint(redeem(&shop, NULL, shop.code, PEOPLE_VERIFIER), ==, REASON_CLIENT_UNKNOWN);
    g_assert_cmpint(redeem(&shop, shop.client_id, shop.code, PEOPLE_VERIFIER), ==, REASON_NONE);
}

static void a_made_up_code_is_refused(void)
{
    g_auto(Shop) shop = {0};
    shop_open(&shop);
    g_autofree char *bent = g_strdup(shop.code);

    bent[strlen(bent) / 2] = bent[strlen(bent) / 2] == 'A' ? 'B' : 'A';
    g_assert_cmpint(redeem(&shop, shop.client_id, bent, PEOPLE_VERIFIER), ==, REASON_GRANT_INVALID);
    g_assert_cmpint(redeem(&shop, shop.client_id, NULL, PEOPLE_VERIFIER), ==, REASON_GRANT_INVALID);
    g_assert_cmpint(redeem(&shop, shop.client_id, "", PEOPLE_VERIFIER), ==, REASON_GRANT_INVALID);
    g_assert_cmpint(redeem(&shop, shop.client_id, shop.code, PEOPLE_VERIFIER), ==, REASON_NONE);
}

static void o2_a_code_lives_60_seconds(void)
{
    g_auto(Shop) shop = {0};
    shop_open(&shop);

    house_advance(shop.house, GRANT_LIFE_USEC);
    g_assert_cmpint(
        redeem(&shop, shop.client_id, shop.code, PEOPLE_VERIFIER), ==, REASON_GRANT_INVALID);
}

static Outcome redeem_at(Shop *shop, const char *redirect_uri)
{
    Caller caller = house_caller(shop->house, CALLER_NONE);
    const GrantRedeemAsked asked = {
        .caller = &caller,
        .client_id = shop->client_id,
        .code = shop->code,
        .redirect_uri = redirect_uri,
        .code_verifier = PEOPLE_VERIFIER};
    TokenAnswer answer;
    Outcome outcome = house_run(shop->house, &grant_redeem_act, &asked, &answer);

    token_answer_clear(&answer);
    return outcome;
}

static void o2_the_redirect_uri_may_be_absent_but_never_different(void)
{
    static const struct {
        const char *redirect_uri;
        Outcome outcome;
    } rows[] = {
        {NULL, OUTCOME_GRANTED},
        {PEOPLE_REDIRECT, OUTCOME_GRANTED},
        {PEOPLE_REDIRECT "/", OUTCOME_DENIED},
        {"http://127.0.0.1/back", OUTCOME_DENIED},
    };

    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_auto(Shop) shop = {0};
        shop_open(&shop);
        g_assert_cmpint(redeem_at(&shop, rows[i].redirect_uri), ==, rows[i].outcome);
    }
}

/* What is left of the access token after a second use. */
static gboolean survives(const char *redirect_uri, const char *verifier, gint64 later_usec)
{
    g_auto(Shop) shop = {0};
    shop_open(&shop);
    Caller caller = house_caller(shop.house, CALLER_NONE);
    const GrantRedeemAsked asked = {
        .caller = &caller,
        .client_id = shop.client_id,
        .code = shop.code,
        .redirect_uri = redirect_uri,
        .code_verifier = verifier};
    TokenAnswer first;
    TokenAnswer second;

    g_assert_cmpint(
        people_redeem(shop.house, shop.client_id, shop.code, PEOPLE_VERIFIER, &first), ==,
        OUTCOME_GRANTED);
    house_advance(shop.house, later_usec);
    g_assert_cmpint(house_run(shop.house, &grant_redeem_act, &asked, &second), ==, OUTCOME_DENIED);
    g_assert_cmpint(second.reason, ==, REASON_GRANT_INVALID);
    token_answer_clear(&second);
    gboolean good = people_access(shop.house, first.access_token);
    token_answer_clear(&first);
    return good;
}

static void o5_a_right_second_use_ends_what_the_first_gave(void)
{
    g_assert_false(survives(PEOPLE_REDIRECT, PEOPLE_VERIFIER, 0));
    g_assert_false(survives(PEOPLE_REDIRECT, PEOPLE_VERIFIER, 2 * USEC_PER_MINUTE));
    g_assert_true(survives(PEOPLE_REDIRECT, PEOPLE_CHALLENGE, 0));
    g_assert_true(survives("https://evil.example/", PEOPLE_VERIFIER, 0));
}

static void a_disabled_app_or_suspended_person_gets_no_tokens(void)
{
    g_auto(Shop) one = {0};
    g_auto(Shop) two = {0};

    shop_open(&one);
    people_app_state(one.house, one.client_id, APP_DISABLED);
    g_assert_cmpint(
        redeem(&one, one.client_id, one.code, PEOPLE_VERIFIER), ==, REASON_GRANT_INVALID);
    shop_open(&two);
    people_suspend(two.house, &two.alice);
    g_assert_cmpint(
        redeem(&two, two.client_id, two.code, PEOPLE_VERIFIER), ==, REASON_GRANT_INVALID);
}

static void o15_slug_and_sid_are_of_one_app(void)
{
    g_auto(Shop) shop = {0};
    shop_open(&shop);
    g_autofree char *other = people_app(shop.house, shop.house->tenant, "Other");
    Caller again = people_sign_in_again(shop.house, &shop.alice);
    TokenAnswer answers[4];

    people_tokens(shop.house, &shop.alice, shop.client_id, "openid", &answers[0]);
    people_tokens(shop.house, &shop.alice, shop.client_id, "openid", &answers[1]);
    people_tokens(shop.house, &again, shop.client_id, "openid", &answers[2]);
    people_tokens(shop.house, &shop.alice, other, "openid", &answers[3]);
    g_assert_cmpstr(answers[0].subject, ==, answers[1].subject);
    g_assert_cmpstr(answers[0].sid, ==, answers[1].sid);
    g_assert_cmpstr(answers[0].subject, ==, answers[2].subject);
    g_assert_cmpstr(answers[0].sid, !=, answers[2].sid);
    g_assert_cmpstr(answers[0].subject, !=, answers[3].subject);
    g_assert_cmpstr(answers[0].sid, !=, answers[3].sid);
    for (guint i = 0; i < G_N_ELEMENTS(answers); i++) {
        token_answer_clear(&answers[i]);
    }
    caller_clear(&again);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/core/grant/once", a_code_gives_tokens_once);
    g_test_add_func("/core/grant/verifier", a_wrong_verifier_spends_the_code);
    g_test_add_func("/core/grant/other", o12_another_client_or_tenant_spends_nothing);
    g_test_add_func("/core/grant/made-up", a_made_up_code_is_refused);
    g_test_add_func("/core/grant/life", o2_a_code_lives_60_seconds);
    g_test_add_func(
        "/core/grant/redirect-uri", o2_the_redirect_uri_may_be_absent_but_never_different);
    g_test_add_func("/core/grant/second-use", o5_a_right_second_use_ends_what_the_first_gave);
    g_test_add_func("/core/grant/gone", a_disabled_app_or_suspended_person_gets_no_tokens);
    g_test_add_func("/core/grant/correlation", o15_slug_and_sid_are_of_one_app);
    return g_test_run();
}
