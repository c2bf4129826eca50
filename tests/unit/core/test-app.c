/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "core/identity.h"

#include "people.h"

static const char *const good_uris[] = {PEOPLE_REDIRECT, NULL};

static Reason
add(House *house, const char *name, const char *const *uris, const char *const *scopes)
{
    const Caller caller = house_caller(house, CALLER_BUS);
    const AppAsked asked = {
        .caller = &caller, .name = name, .redirect_uris = uris, .scopes = scopes};
    AppAnswer answer;
    Outcome outcome = house_run(house, &app_add_act, &asked, &answer);
    Reason reason = answer.reason;

    g_assert_cmpint(outcome == OUTCOME_GRANTED, ==, reason == REASON_NONE);
    g_assert_cmpint(outcome == OUTCOME_GRANTED, ==, answer.problem == NULL);
    house_clear(&app_add_act, &answer);
    return reason;
}

static void what_can_be_no_app_is_refused(void)
{
    static const char *const none[] = {NULL};
    static const char *const foreign[] = {PEOPLE_REDIRECT, "http://shop.example/", NULL};
    static const char *const unknown[] = {"openid", "root", NULL};
    g_autoptr(House) house = house_new();
    g_autofree char *long_one = g_strnfill(APP_NAME_CHARS_MAX + 1, 'a');
    const char *many[APP_REDIRECT_URIS_MAX + 2] = {NULL};

    for (guint i = 0; i <= APP_REDIRECT_URIS_MAX; i++) {
        many[i] = PEOPLE_REDIRECT;
    }
    g_assert_cmpint(add(house, NULL, good_uris, NULL), ==, REASON_BAD_REQUEST);
    g_assert_cmpint(add(house, "", good_uris, NULL), ==, REASON_BAD_REQUEST);
    g_assert_cmpint(add(house, "a\nb", good_uris, NULL), ==, REASON_BAD_REQUEST);
    g_assert_cmpint(add(house, "\xe2\x80\xaepohs", good_uris, NULL), ==, REASON_BAD_REQUEST);
    g_assert_cmpint(add(house, long_one, good_uris, NULL), ==, REASON_BAD_REQUEST);
    g_assert_cmpint(add(house, "Shop", NULL, NULL), ==, REASON_REDIRECT_URI);
    g_assert_cmpint(add(house, "Shop", none, NULL), ==, REASON_REDIRECT_URI);
    g_assert_cmpint(add(house, "Shop", foreign, NULL), ==, REASON_REDIRECT_URI);
    g_assert_cmpint(add(house, "Shop", many, NULL), ==, REASON_REDIRECT_URI);
    g_assert_cmpint(add(house, "Shop", good_uris, unknown), ==, REASON_SCOPE_INVALID);
    g_assert_cmpint(add(house, "Shop", good_uris, NULL), ==, REASON_NONE);
}

static Outcome run(House *house, const ActType *act, const AppAsked *asked)
{
    AppAnswer answer;
    Outcome outcome = house_run(house, act, asked, &answer);

    house_clear(act, &answer);
    return outcome;
}

static void a_change_is_checked_like_a_new_app(void)
{
    static const char *const bad[] = {"javascript:alert(1)", NULL};
    g_autoptr(House) house = house_new();
    g_autofree char *client_id = people_app(house, house->tenant, "Shop");
    const Caller caller = house_caller(house, CALLER_BUS);
    const Id unknown = {{1}};
    Id id = ID_NONE;
    AppAnswer answer;

    g_assert_true(id_from_text(client_id, &id));
    const AppAsked worse = {.caller = &caller, .id = &id, .redirect_uris = bad};
    const AppAsked better = {.caller = &caller, .id = &id, .name = "New"};
    const AppAsked nobody = {.caller = &caller, .id = &unknown, .name = "New"};
    g_assert_cmpint(run(house, &app_set_act, &worse), ==, OUTCOME_DENIED);
    g_assert_cmpint(run(house, &app_set_act, &nobody), ==, OUTCOME_DENIED);
    g_assert_cmpint(run(house, &app_set_act, &better), ==, OUTCOME_GRANTED);
    g_assert_cmpint(house_run(house, &app_show_act, &better, &answer), ==, OUTCOME_GRANTED);
    g_assert_cmpstr(answer.app->name, ==, "New");
    g_assert_true(app_has_redirect_uri(answer.app, PEOPLE_REDIRECT));
    g_assert_false(app_has_redirect_uri(answer.app, NULL));
    house_clear(&app_show_act, &answer);
}

/* tests/unit/core/test-foreign-address.c has all spellings. */
static void h1_a_back_channel_logout_uri_is_a_public_https_one(void)
{
    static const char *const bad[] = {
        "http://shop.example/",    "https://127.0.0.1/",      "https://[::1]/",
        "https://0x7f000001/",     "https://localhost/",      "https://a@shop.example/",
        "https://shop.example/#a", "https://169.254.169.254", "https://metadata.google.internal/",
    };
    g_autoptr(House) house = house_new();
    g_autofree char *client_id = people_app(house, house->tenant, "Shop");
    const Caller caller = house_caller(house, CALLER_BUS);
    Id id = ID_NONE;
    AppAsked asked = {.caller = &caller, .id = &id, .name = "Shop", .redirect_uris = good_uris};

    g_assert_true(id_from_text(client_id, &id));
    for (gsize i = 0; i < G_N_ELEMENTS(bad); i++) {
        asked.backchannel_logout_uri = bad[i];
        g_assert_cmpint(run(house, &app_set_act, &asked), ==, OUTCOME_DENIED);
        g_assert_cmpint(run(house, &app_add_act, &asked), ==, OUTCOME_DENIED);
    }
    asked.backchannel_logout_uri = "https://shop.example:8443/logout?a=b";
    g_assert_cmpint(run(house, &app_set_act, &asked), ==, OUTCOME_GRANTED);
    g_assert_cmpint(run(house, &app_add_act, &asked), ==, OUTCOME_GRANTED);
    asked.backchannel_logout_uri = "";
    g_assert_cmpint(run(house, &app_set_act, &asked), ==, OUTCOME_GRANTED);
}

static void a_removed_app_has_neither_tokens_nor_slugs(void)
{
    g_autoptr(House) house = house_new();
    g_autofree char *client_id = people_app(house, house->tenant, "Shop");
    Caller alice = people_sign_in(house, "alice@example.org");
    const Caller caller = house_caller(house, CALLER_BUS);
    g_autoptr(Identity) identity = NULL;
    TokenAnswer tokens;
    Id id = ID_NONE;

    g_assert_true(id_from_text(client_id, &id));
    people_tokens(house, &alice, client_id, "openid", &tokens);
    const AppAsked asked = {.caller = &caller, .id = &id};
    g_assert_cmpint(run(house, &app_remove_act, &asked), ==, OUTCOME_GRANTED);
    g_assert_cmpint(run(house, &app_remove_act, &asked), ==, OUTCOME_DENIED);
    g_assert_false(people_access(house, tokens.access_token));
    g_assert_true(people_clear_one(house, NULL));
    g_autoptr(Txn) txn = house_begin(house, house->tenant);
    g_assert_true(identity_find(txn, &alice.account->id, &id, &identity, NULL));
    g_assert_null(identity);
    house_commit(txn);
    token_answer_clear(&tokens);
    caller_clear(&alice);
}

static void coming_back_gives_a_new_slug(void)
{
    g_autoptr(House) house = house_new();
    const Id account = {{1}};
    const Id app = {{2}};
    g_autoptr(Identity) first = NULL;
    g_autoptr(Identity) same = NULL;
    g_autoptr(Identity) back = NULL;
    g_autoptr(Txn) txn = house_begin(house, house->tenant);

    g_assert_true(identity_make(txn, &account, &app, &first, NULL));
    g_assert_true(identity_make(txn, &account, &app, &same, NULL));
    g_assert_true(id_equal(&first->slug, &same->slug));
    g_assert_true(identity_remove(txn, first, NULL));
    g_assert_true(identity_make(txn, &account, &app, &back, NULL));
    g_assert_false(id_equal(&first->slug, &back->slug));
    house_commit(txn);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/core/app/refused", what_can_be_no_app_is_refused);
    g_test_add_func("/core/app/set", a_change_is_checked_like_a_new_app);
    g_test_add_func("/core/app/h1", h1_a_back_channel_logout_uri_is_a_public_https_one);
    g_test_add_func("/core/app/remove", a_removed_app_has_neither_tokens_nor_slugs);
    g_test_add_func("/core/identity/back", coming_back_gives_a_new_slug);
    return g_test_run();
}
