/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "core/logout.h"

#include "people.h"

#include <string.h>

#define AFTER "https://shop.example/after?a=b"

/* Shop has registered AFTER; alice is signed in there. */
typedef struct World {
    House *house;
    char *shop, *mail; /* client ids */
    Caller alice;
    Caller stranger; /* a browser where nobody is signed in */
    TokenAnswer tokens;
    IdTokenHint hint; /* as read of an ID token of hers at Shop */
    LogoutAnswer answer;
    const ActType *act; /* whose it is */
} World;

static void set_up(World *world, G_GNUC_UNUSED gconstpointer data)
{
    static const char *const uris[] = {"https://shop.example/other", AFTER, NULL};
    House *house = house_new();
    Caller bus = house_caller(house, CALLER_BUS);
    Id id;
    AppAnswer changed;

    memset(world, 0, sizeof(*world));
    world->house = house;
    world->shop = people_app(house, house->tenant, "Shop");
    world->mail = people_app(house, house->tenant, "Mail");
    g_assert_true(id_from_text(world->shop, &id));
    const AppAsked set = {.caller = &bus, .id = &id, .post_logout_redirect_uris = uris};
    g_assert_cmpint(house_run(house, &app_set_act, &set, &changed), ==, OUTCOME_GRANTED);
    house_clear(&app_set_act, &changed);
    world->alice = people_sign_in(house, "alice@example.org");
    world->stranger = house_caller(house, CALLER_SESSION_MAYBE);
    people_tokens(house, &world->alice, world->shop, "openid", &world->tokens);
    (void)g_strlcpy(world->hint.client_id, world->shop, sizeof(world->hint.client_id));
    g_assert_true(id_from_text(world->tokens.subject, &world->hint.subject));
}

static void forget(World *world)
{
    if (world->act) {
        house_clear(world->act, &world->answer);
    }
    world->act = NULL;
}

static void tear_down(World *world, G_GNUC_UNUSED gconstpointer data)
{
    forget(world);
    token_answer_clear(&world->tokens);
    caller_clear(&world->alice);
    g_free(world->shop);
    g_free(world->mail);
    house_free(world->house);
}

static void run(World *world, const ActType *act, const LogoutAsked *asked)
{
    forget(world);
    (void)house_run(world->house, act, asked, &world->answer);
    world->act = act;
}

static gboolean is_signed_in(World *world)
{
    g_autoptr(Txn) txn = house_begin(world->house, world->house->tenant);
    g_autoptr(Session) session = NULL;

    g_assert_true(session_load(txn, &world->alice.session->id, &session, NULL));
    return session != NULL;
}

static LogoutAsked whole(const World *world, const Caller *caller)
{
    return (LogoutAsked){
        .caller = caller,
        .id_token_hint = "…",
        .hint = &world->hint,
        .post_logout_redirect_uri = AFTER,
        .state = "s t&",
    };
}

static void who_is_signed_in_is_asked_whatever_comes_along(World *world, gconstpointer data)
{
    const LogoutAsked everything = whole(world, &world->alice);
    const LogoutAsked nothing = {.caller = &world->alice};

    (void)data;
    run(world, &logout_begin_act, &nothing);
    g_assert_cmpint(world->answer.next, ==, LOGOUT_QUESTION);
    g_assert_null(world->answer.app_name);
    g_assert_null(world->answer.redirect_uri);
    run(world, &logout_begin_act, &everything);
    g_assert_cmpint(world->answer.next, ==, LOGOUT_QUESTION);
    g_assert_cmpstr(world->answer.app_name, ==, "Shop");
    g_assert_cmpstr(world->answer.email, ==, "alice@example.org");
    g_assert_cmpstr(world->answer.redirect_uri, ==, AFTER);
    g_assert_true(is_signed_in(world));
}

/* Takes form token and request of the question before. */
static void confirm(World *world, const Caller *caller, gint64 later_usec)
{
    g_autofree char *sealed = g_strdup(world->answer.sealed);
    g_autofree char *form_token = g_strdup(world->answer.form_token);
    const LogoutAsked asked = {.caller = caller, .sealed = sealed, .form_token = form_token};

    house_advance(world->house, later_usec);
    run(world, &logout_confirm_act, &asked);
}

static void a_yes_ends_session_and_chains_and_goes_back_with_the_state(
    World *world,
    G_GNUC_UNUSED gconstpointer data)
{
    const LogoutAsked begin = whole(world, &world->alice);

    run(world, &logout_begin_act, &begin);
    confirm(world, &world->alice, LOGOUT_LIFE_USEC - 1);
    g_assert_cmpint(world->answer.next, ==, LOGOUT_REDIRECT);
    g_assert_cmpstr(world->answer.redirect_uri, ==, AFTER);
    g_assert_cmpstr(world->answer.state, ==, "s t&");
    g_assert_false(is_signed_in(world));
    g_assert_false(people_access(world->house, world->tokens.access_token));
}

static void
without_an_address_to_return_to_it_is_over(World *world, G_GNUC_UNUSED gconstpointer data)
{
    const LogoutAsked begin = {.caller = &world->alice, .state = "s"};

    run(world, &logout_begin_act, &begin);
    confirm(world, &world->alice, 0);
    g_assert_cmpint(world->answer.next, ==, LOGOUT_OVER);
    g_assert_null(world->answer.state);
    g_assert_false(is_signed_in(world));
}

static void where_nobody_is_signed_in_it_goes_on_at_once(World *world, gconstpointer data)
{
    LogoutAsked begin = whole(world, &world->stranger);

    (void)data;
    run(world, &logout_begin_act, &begin);
    g_assert_cmpint(world->answer.next, ==, LOGOUT_REDIRECT);
    g_assert_cmpstr(world->answer.redirect_uri, ==, AFTER);
    begin.post_logout_redirect_uri = NULL;
    run(world, &logout_begin_act, &begin);
    g_assert_cmpint(world->answer.next, ==, LOGOUT_OVER);
    g_assert_true(is_signed_in(world));
}

static void refused(World *world, const ActType *act, const LogoutAsked *asked, Reason reason)
{
    run(world, act, asked);
    g_assert_cmpint(world->answer.next, ==, LOGOUT_PAGE_ERROR);
    g_assert_cmpint(world->answer.reason, ==, reason);
    g_assert_null(world->answer.redirect_uri);
    g_assert_true(is_signed_in(world));
}

static void o18_only_a_registered_address_is_one_to_return_to(World *world, gconstpointer data)
{
    static const char *const bad[] = {
        "https://shop.example/after",  "https://shop.example/after?a=b&c=d",
        "https://shop.example/after/", "https://shop.example/back",
        "https://evil.example/",       "https://SHOP.example/after?a=b",
    };
    const Caller *const callers[] = {&world->alice, &world->stranger};

    (void)data;
    for (gsize i = 0; i < G_N_ELEMENTS(bad); i++) {
        for (gsize who = 0; who < G_N_ELEMENTS(callers); who++) {
            LogoutAsked asked = whole(world, callers[who]);
            asked.post_logout_redirect_uri = bad[i];
            refused(world, &logout_begin_act, &asked, REASON_REDIRECT_URI);
            asked = (LogoutAsked){.caller = callers[who], .post_logout_redirect_uri = AFTER};
            asked.client_id = world->mail; /* another app's */
            refused(world, &logout_begin_act, &asked, REASON_REDIRECT_URI);
            asked.client_id = NULL; /* nobody's */
            refused(world, &logout_begin_act, &asked, REASON_CLIENT_UNKNOWN);
        }
    }
}

static void o18_a_hint_that_is_not_good_gets_a_page(World *world, G_GNUC_UNUSED gconstpointer data)
{
    LogoutAsked asked = whole(world, &world->alice);

    asked.hint = NULL;
    refused(world, &logout_begin_act, &asked, REASON_HINT_INVALID);
    asked = whole(world, &world->alice);
    asked.client_id = world->mail;
    refused(world, &logout_begin_act, &asked, REASON_HINT_INVALID);
    asked = (LogoutAsked){.caller = &world->alice, .client_id = "made up"};
    refused(world, &logout_begin_act, &asked, REASON_CLIENT_UNKNOWN);
}

static void the_client_id_alone_names_the_app_too(World *world, G_GNUC_UNUSED gconstpointer data)
{
    const LogoutAsked asked = {
        .caller = &world->alice, .client_id = world->shop, .post_logout_redirect_uri = AFTER};

    run(world, &logout_begin_act, &asked);
    g_assert_cmpint(world->answer.next, ==, LOGOUT_QUESTION);
    confirm(world, &world->alice, 0);
    g_assert_cmpint(world->answer.next, ==, LOGOUT_REDIRECT);
    g_assert_null(world->answer.state);
}

static void a_state_has_a_limit(World *world, G_GNUC_UNUSED gconstpointer data)
{
    g_autofree char *state = g_strnfill(LOGOUT_STATE_BYTES_MAX + 1, 's');
    LogoutAsked asked = whole(world, &world->alice);

    asked.state = state;
    refused(world, &logout_begin_act, &asked, REASON_BAD_REQUEST);
    state[LOGOUT_STATE_BYTES_MAX] = '\0';
    run(world, &logout_begin_act, &asked);
    g_assert_cmpint(world->answer.next, ==, LOGOUT_QUESTION);
}

static void
a_yes_wants_the_form_of_this_session_in_time(World *world, G_GNUC_UNUSED gconstpointer data)
{
    const LogoutAsked begin = whole(world, &world->alice);

    run(world, &logout_begin_act, &begin);
    g_autofree char *sealed = g_strdup(world->answer.sealed);
    g_autofree char *form_token = g_strdup(world->answer.form_token);
    const LogoutAsked bad[] = {
        {.caller = &world->alice, .form_token = form_token},
        {.caller = &world->alice, .form_token = form_token, .sealed = "AAAA"},
        {.caller = &world->alice, .form_token = "AAAA", .sealed = sealed},
        {.caller = &world->alice, .sealed = sealed},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(bad); i++) {
        refused(world, &logout_confirm_act, &bad[i], REASON_FORM_TOKEN);
    }
    house_advance(world->house, LOGOUT_LIFE_USEC);
    const LogoutAsked late = {.caller = &world->alice, .sealed = sealed, .form_token = form_token};
    refused(world, &logout_confirm_act, &late, REASON_FORM_TOKEN);
}

static void
pressed_twice_the_second_goes_the_same_way(World *world, G_GNUC_UNUSED gconstpointer data)
{
    const LogoutAsked begin = whole(world, &world->alice);

    run(world, &logout_begin_act, &begin);
    confirm(world, &world->stranger, 0);
    g_assert_cmpint(world->answer.next, ==, LOGOUT_REDIRECT);
    g_assert_cmpstr(world->answer.redirect_uri, ==, AFTER);
    g_assert_true(is_signed_in(world));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define TEST(promise) g_test_add("/core/logout/" #promise, World, NULL, set_up, promise, tear_down)
    TEST(who_is_signed_in_is_asked_whatever_comes_along);
    TEST(a_yes_ends_session_and_chains_and_goes_back_with_the_state);
    TEST(without_an_address_to_return_to_it_is_over);
    TEST(where_nobody_is_signed_in_it_goes_on_at_once);
    TEST(o18_only_a_registered_address_is_one_to_return_to);
    TEST(o18_a_hint_that_is_not_good_gets_a_page);
    TEST(the_client_id_alone_names_the_app_too);
    TEST(a_state_has_a_limit);
    TEST(a_yes_wants_the_form_of_this_session_in_time);
    TEST(pressed_twice_the_second_goes_the_same_way);
    return g_test_run();
}
