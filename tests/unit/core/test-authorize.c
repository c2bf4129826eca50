/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "core/kept.h"

#include "people.h"

#include <string.h>

typedef struct Shop {
    House *house;
    char *client_id;
    Caller alice;
    Caller stranger;
} Shop;

static void shop_open(Shop *shop)
{
    shop->house = house_new();
    shop->client_id = people_app(shop->house, shop->house->tenant, "Shop");
    shop->alice = people_sign_in(shop->house, "alice@example.org");
    shop->stranger = house_caller(shop->house, CALLER_SESSION_MAYBE);
}

static void shop_close(Shop *shop)
{
    caller_clear(&shop->alice);
    g_free(shop->client_id);
    house_free(shop->house);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Shop, shop_close)

static Outcome begin(
    Shop *shop,
    const Caller *caller,
    const AuthorizationParameters *parameters,
    AuthorizeAnswer *ret_answer)
{
    const AuthorizeAsked asked = {.caller = caller, .parameters = *parameters};

    return house_run(shop->house, &authorize_begin_act, &asked, ret_answer);
}

/* What comes next; the reason in *ret_reason. */
static AuthorizeNext next_of(
    Shop *shop,
    const Caller *caller,
    const AuthorizationParameters *parameters,
    Reason *ret_reason)
{
    AuthorizeAnswer answer;
    Outcome outcome = begin(shop, caller, parameters, &answer);
    AuthorizeNext next = answer.next;

    *ret_reason = answer.reason;
    g_assert_cmpint(outcome == OUTCOME_GRANTED, ==, answer.code != NULL);
    if (next == AUTHORIZE_PAGE_ERROR) {
        g_assert_null(answer.redirect_uri);
    } else {
        g_assert_cmpstr(answer.redirect_uri, ==, PEOPLE_REDIRECT);
    }
    house_clear(&authorize_begin_act, &answer);
    return next;
}

static void who_can_not_be_told_to_the_app_gets_a_page(void)
{
    g_auto(Shop) shop = {0};
    shop_open(&shop);
    g_autofree char *foreign = people_app(shop.house, shop.house->other, "Elsewhere");
    const AuthorizationParameters good = people_parameters(shop.client_id);
    AuthorizationParameters rows[] = {good, good, good, good, good, good, good};
    Reason reason = REASON_NONE;

    rows[0].client_id = NULL;
    rows[1].client_id = "nobody";
    rows[2].client_id = foreign; /* of another tenant */
    rows[3].redirect_uri = NULL;
    rows[4].redirect_uri = "https://evil.example/back";
    rows[5].double_name = "client_id";
    rows[6].double_name = "redirect_uri";
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_assert_cmpint(next_of(&shop, &shop.alice, &rows[i], &reason), ==, AUTHORIZE_PAGE_ERROR);
        g_assert_cmpint(reason, !=, REASON_NONE);
    }
}

#define ROW(member, value, why)                                                                    \
    {                                                                                              \
        offsetof(AuthorizationParameters, member), value, why                                      \
    }

static const struct {
    gsize place;
    const char *value;
    Reason reason;
} errors[] = {
    ROW(double_name, "scope", REASON_BAD_REQUEST),
    ROW(request, "ey", REASON_REQUEST_OBJECT),
    ROW(request_uri, "https://shop.example/r", REASON_REQUEST_URI),
    ROW(response_type, NULL, REASON_BAD_REQUEST),
    ROW(response_type, "token", REASON_RESPONSE_TYPE),
    ROW(response_type, "code id_token", REASON_RESPONSE_TYPE),
    ROW(response_mode, "fragment", REASON_BAD_REQUEST),
    ROW(code_challenge, NULL, REASON_PKCE_MISSING),
    ROW(code_challenge, PEOPLE_CHALLENGE "A", REASON_PKCE_MISSING),
    ROW(code_challenge, "short", REASON_PKCE_MISSING),
    ROW(code_challenge, "+9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM", REASON_PKCE_MISSING),
    ROW(code_challenge_method, NULL, REASON_PKCE_MISSING),
    ROW(code_challenge_method, "plain", REASON_PKCE_MISSING),
    ROW(code_challenge_method, "s256", REASON_PKCE_MISSING),
    ROW(scope, NULL, REASON_SCOPE_INVALID),
    ROW(scope, "email", REASON_SCOPE_INVALID),
    ROW(scope, "openid messages.send", REASON_SCOPE_INVALID),
    ROW(scope, "openid \"", REASON_SCOPE_INVALID),
    ROW(prompt, "none login", REASON_BAD_REQUEST),
    ROW(prompt, "Login", REASON_BAD_REQUEST),
    ROW(max_age, "-1", REASON_BAD_REQUEST),
    ROW(max_age, "soon", REASON_BAD_REQUEST),
    ROW(max_age, "99999999999999999999", REASON_BAD_REQUEST),
};

static void every_other_error_is_told_to_the_app(void)
{
    g_auto(Shop) shop = {0};
    shop_open(&shop);
    for (guint i = 0; i < G_N_ELEMENTS(errors); i++) {
        AuthorizationParameters parameters = people_parameters(shop.client_id);
        AuthorizeAnswer answer;
        *(const char **)(gpointer)((char *)&parameters + errors[i].place) = errors[i].value;
        g_test_message("row %u", i);
        g_assert_cmpint(begin(&shop, &shop.alice, &parameters, &answer), ==, OUTCOME_DENIED);
        g_assert_cmpint(answer.next, ==, AUTHORIZE_REDIRECT);
        g_assert_cmpint(answer.reason, ==, errors[i].reason);
        g_assert_cmpstr(answer.redirect_uri, ==, PEOPLE_REDIRECT);
        g_assert_cmpstr(answer.state, ==, "s");
        g_assert_null(answer.code);
        house_clear(&authorize_begin_act, &answer);
    }
}

static void consent_is_asked_once_and_again_when_told_to(void)
{
    g_auto(Shop) shop = {0};
    shop_open(&shop);
    AuthorizationParameters parameters = people_parameters(shop.client_id);
    Reason reason = REASON_NONE;

    g_assert_cmpint(next_of(&shop, &shop.alice, &parameters, &reason), ==, AUTHORIZE_CONSENT);
    g_free(people_code(shop.house, &shop.alice, shop.client_id, "openid"));
    g_assert_cmpint(next_of(&shop, &shop.alice, &parameters, &reason), ==, AUTHORIZE_REDIRECT);
    g_assert_cmpint(reason, ==, REASON_NONE);
    parameters.prompt = "consent";
    g_assert_cmpint(next_of(&shop, &shop.alice, &parameters, &reason), ==, AUTHORIZE_CONSENT);
    parameters.prompt = NULL;
    parameters.scope = "openid offline_access";
    g_assert_cmpint(next_of(&shop, &shop.alice, &parameters, &reason), ==, AUTHORIZE_CONSENT);
    parameters.scope = "openid";
    people_app_state(shop.house, shop.client_id, APP_WARN);
    g_assert_cmpint(next_of(&shop, &shop.alice, &parameters, &reason), ==, AUTHORIZE_CONSENT);
}

static void prompt_none_shows_no_page(void)
{
    g_auto(Shop) shop = {0};
    shop_open(&shop);
    AuthorizationParameters parameters = people_parameters(shop.client_id);
    Reason reason = REASON_NONE;

    parameters.prompt = "none";
    g_assert_cmpint(next_of(&shop, &shop.stranger, &parameters, &reason), ==, AUTHORIZE_REDIRECT);
    g_assert_cmpint(reason, ==, REASON_LOGIN_REQUIRED);
    g_assert_cmpint(next_of(&shop, &shop.alice, &parameters, &reason), ==, AUTHORIZE_REDIRECT);
    g_assert_cmpint(reason, ==, REASON_CONSENT_REQUIRED);
    g_free(people_code(shop.house, &shop.alice, shop.client_id, "openid"));
    g_assert_cmpint(next_of(&shop, &shop.alice, &parameters, &reason), ==, AUTHORIZE_REDIRECT);
    g_assert_cmpint(reason, ==, REASON_NONE);
    people_app_state(shop.house, shop.client_id, APP_WARN);
    g_assert_cmpint(next_of(&shop, &shop.alice, &parameters, &reason), ==, AUTHORIZE_REDIRECT);
    g_assert_cmpint(reason, ==, REASON_CONSENT_REQUIRED);
}

static void an_old_sign_in_is_not_enough_when_a_newer_is_asked_for(void)
{
    g_auto(Shop) shop = {0};
    shop_open(&shop);
    AuthorizationParameters parameters = people_parameters(shop.client_id);
    Reason reason = REASON_NONE;

    house_advance(shop.house, 60 * USEC_PER_SEC);
    parameters.max_age = "60";
    g_assert_cmpint(next_of(&shop, &shop.alice, &parameters, &reason), ==, AUTHORIZE_CONSENT);
    parameters.max_age = "59";
    g_assert_cmpint(next_of(&shop, &shop.alice, &parameters, &reason), ==, AUTHORIZE_SIGN_IN);
    parameters.max_age = NULL;
    parameters.prompt = "login";
    g_assert_cmpint(next_of(&shop, &shop.alice, &parameters, &reason), ==, AUTHORIZE_SIGN_IN);
    parameters.prompt = NULL;
    g_assert_cmpint(next_of(&shop, &shop.stranger, &parameters, &reason), ==, AUTHORIZE_SIGN_IN);
}

static void moderation_stops_new_people_and_then_everybody(void)
{
    g_auto(Shop) shop = {0};
    shop_open(&shop);
    Caller bob = people_sign_in(shop.house, "bob@example.org");
    const AuthorizationParameters parameters = people_parameters(shop.client_id);
    Reason reason = REASON_NONE;

    g_free(people_code(shop.house, &shop.alice, shop.client_id, "openid"));
    people_app_state(shop.house, shop.client_id, APP_RESTRICT);
    g_assert_cmpint(next_of(&shop, &bob, &parameters, &reason), ==, AUTHORIZE_REDIRECT);
    g_assert_cmpint(reason, ==, REASON_NOT_PERMITTED);
    g_assert_cmpint(next_of(&shop, &shop.alice, &parameters, &reason), ==, AUTHORIZE_REDIRECT);
    g_assert_cmpint(reason, ==, REASON_NONE);
    people_app_state(shop.house, shop.client_id, APP_DISABLED);
    g_assert_cmpint(next_of(&shop, &shop.alice, &parameters, &reason), ==, AUTHORIZE_REDIRECT);
    g_assert_cmpint(reason, ==, REASON_APP_DISABLED);
    caller_clear(&bob);
}

static void page_open(Shop *shop, const AuthorizationParameters *parameters, AuthorizeAnswer *page)
{
    g_assert_cmpint(begin(shop, &shop->alice, parameters, page), ==, OUTCOME_PENDING);
}

static Outcome decide(
    Shop *shop,
    const Caller *caller,
    const char *sealed,
    const char *form_token,
    gboolean approved,
    AuthorizeAnswer *ret_answer)
{
    const AuthorizeAsked asked = {
        .caller = caller, .sealed = sealed, .form_token = form_token, .approved = approved};

    return house_run(shop->house, &authorize_decide_act, &asked, ret_answer);
}

static void page_refuses(Shop *shop, const Caller *caller, const char *sealed, const char *token)
{
    AuthorizeAnswer answer;

    g_assert_cmpint(decide(shop, caller, sealed, token, TRUE, &answer), ==, OUTCOME_DENIED);
    g_assert_cmpint(answer.next, ==, AUTHORIZE_PAGE_ERROR);
    g_assert_null(answer.code);
    house_clear(&authorize_decide_act, &answer);
}

static void a_forged_or_old_form_decides_nothing(void)
{
    g_auto(Shop) shop = {0};
    shop_open(&shop);
    Caller bob = people_sign_in(shop.house, "bob@example.org");
    const AuthorizationParameters parameters = people_parameters(shop.client_id);
    AuthorizeAnswer page;

    page_open(&shop, &parameters, &page);
    const char *sealed = page.sealed;
    const char *token = page.form_token;
    g_autofree char *bent = g_strdup(sealed);
    bent[strlen(bent) / 2] = bent[strlen(bent) / 2] == 'A' ? 'B' : 'A';
    page_refuses(&shop, &shop.alice, sealed, NULL);
    page_refuses(&shop, &shop.alice, sealed, "x");
    page_refuses(&shop, &bob, sealed, token);
    page_refuses(&shop, &shop.stranger, sealed, token);
    page_refuses(&shop, &shop.alice, NULL, token);
    page_refuses(&shop, &shop.alice, "", token);
    page_refuses(&shop, &shop.alice, bent, token);
    house_advance(shop.house, AUTHORIZATION_LIFE_USEC);
    page_refuses(&shop, &shop.alice, sealed, token);
    house_clear(&authorize_begin_act, &page);
    caller_clear(&bob);
}

static void a_decline_is_told_to_the_app(void)
{
    g_auto(Shop) shop = {0};
    shop_open(&shop);
    const AuthorizationParameters parameters = people_parameters(shop.client_id);
    AuthorizeAnswer answer;
    AuthorizeAnswer page;

    page_open(&shop, &parameters, &page);
    g_assert_cmpint(
        decide(&shop, &shop.alice, page.sealed, page.form_token, FALSE, &answer), ==,
        OUTCOME_DENIED);
    g_assert_cmpint(answer.next, ==, AUTHORIZE_REDIRECT);
    g_assert_cmpint(answer.reason, ==, REASON_NOT_PERMITTED);
    g_assert_cmpstr(answer.state, ==, "s");
    g_assert_null(answer.code);
    house_clear(&authorize_decide_act, &answer);
    house_clear(&authorize_begin_act, &page);
}

static void the_form_of_a_sign_in_page_consents_to_nothing(void)
{
    g_auto(Shop) shop = {0};
    shop_open(&shop);
    AuthorizationParameters parameters = people_parameters(shop.client_id);
    AuthorizeAnswer answer;
    AuthorizeAnswer page;

    house_advance(shop.house, USEC_PER_SEC);
    parameters.prompt = "login";
    page_open(&shop, &parameters, &page);
    g_assert_cmpint(page.next, ==, AUTHORIZE_SIGN_IN);
    g_assert_cmpint(
        decide(&shop, &shop.alice, page.sealed, page.form_token, TRUE, &answer), ==,
        OUTCOME_PENDING);
    g_assert_cmpint(answer.next, ==, AUTHORIZE_SIGN_IN);
    g_assert_null(answer.code);
    house_clear(&authorize_decide_act, &answer);
    house_clear(&authorize_begin_act, &page);
}

static void a_seal_is_of_one_tenant(void)
{
    g_auto(Shop) shop = {0};
    shop_open(&shop);
    g_autoptr(Txn) here = house_begin(shop.house, shop.house->tenant);
    Authorization authorization = {
        .scopes = (char *[]){NULL}, .born_usec = txn_now(here), .max_age = -1};
    g_autofree char *sealed = authorization_seal(here, &authorization);
    g_autoptr(Authorization) mine = authorization_unseal(here, sealed);

    g_assert_nonnull(mine);
    house_commit(here);
    g_autoptr(Txn) there = house_begin(shop.house, shop.house->other);
    g_assert_null(authorization_unseal(there, sealed));
    house_commit(there);
}

static Id keep(Shop *shop, const char *client_id, const char *redirect_uri)
{
    g_autoptr(Txn) txn = house_begin(shop->house, shop->house->tenant);
    Authorization authorization = {
        .redirect_uri = (char *)redirect_uri,
        .scopes = (char *[]){(char *)"openid", NULL},
        .challenge = (char *)PEOPLE_CHALLENGE,
        .born_usec = txn_now(txn),
        .max_age = -1};
    Id kept = ID_NONE;

    g_assert_true(id_from_text(client_id, &authorization.app));
    g_autoptr(GBytes) bytes = record_encode(&authorization_table, &authorization);
    g_assert_true(kept_put(txn, &shop->alice.account->id, bytes, &kept, NULL));
    house_commit(txn);
    return kept;
}

static AuthorizeNext next_of_kept(Shop *shop, const Caller *caller, const Id *kept)
{
    const AuthorizeAsked asked = {.caller = caller, .kept = kept};
    AuthorizeAnswer answer;

    house_run(shop->house, &authorize_begin_act, &asked, &answer);
    AuthorizeNext next = answer.next;
    house_clear(&authorize_begin_act, &answer);
    return next;
}

static void a_kept_request_is_of_its_person_and_its_redirect_uri_still_registered(void)
{
    g_auto(Shop) shop = {0};
    shop_open(&shop);
    Caller bob = people_sign_in(shop.house, "bob@example.org");
    Id kept = keep(&shop, shop.client_id, PEOPLE_REDIRECT);
    Id gone = keep(&shop, shop.client_id, "https://shop.example/gone");

    g_assert_cmpint(next_of_kept(&shop, &shop.alice, &kept), ==, AUTHORIZE_CONSENT);
    g_assert_cmpint(next_of_kept(&shop, &bob, &kept), ==, AUTHORIZE_PAGE_ERROR);
    g_assert_cmpint(next_of_kept(&shop, &shop.stranger, &kept), ==, AUTHORIZE_PAGE_ERROR);
    g_free(people_code(shop.house, &shop.alice, shop.client_id, "openid"));
    g_assert_cmpint(next_of_kept(&shop, &shop.alice, &kept), ==, AUTHORIZE_REDIRECT);
    g_assert_cmpint(next_of_kept(&shop, &shop.alice, &gone), ==, AUTHORIZE_PAGE_ERROR);
    caller_clear(&bob);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/core/authorize/page", who_can_not_be_told_to_the_app_gets_a_page);
    g_test_add_func("/core/authorize/errors", every_other_error_is_told_to_the_app);
    g_test_add_func("/core/authorize/consent", consent_is_asked_once_and_again_when_told_to);
    g_test_add_func("/core/authorize/none", prompt_none_shows_no_page);
    g_test_add_func(
        "/core/authorize/newer", an_old_sign_in_is_not_enough_when_a_newer_is_asked_for);
    g_test_add_func("/core/authorize/moderation", moderation_stops_new_people_and_then_everybody);
    g_test_add_func("/core/authorize/forged", a_forged_or_old_form_decides_nothing);
    g_test_add_func("/core/authorize/decline", a_decline_is_told_to_the_app);
    g_test_add_func("/core/authorize/sign-in-form", the_form_of_a_sign_in_page_consents_to_nothing);
    g_test_add_func("/core/authorize/seal", a_seal_is_of_one_tenant);
    g_test_add_func(
        "/core/authorize/kept",
        a_kept_request_is_of_its_person_and_its_redirect_uri_still_registered);
    return g_test_run();
}
