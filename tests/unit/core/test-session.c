/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "core/session.h"

#include "people.h"

#include <string.h>

/* Starts one for alice; (transfer full): its cookie. */
static char *start(House *house, const Caller *alice)
{
    g_autoptr(Txn) txn = house_begin(house, house->tenant);
    g_autoptr(Session) session = NULL;
    char *cookie = NULL;

    g_assert_true(session_start(txn, &alice->account->id, alice, &session, &cookie, NULL));
    house_commit(txn);
    return cookie;
}

/* (nullable) (transfer full): as a request of @tenant finds it. */
static Session *find_at(House *house, const Tenant *tenant, const char *cookie)
{
    g_autoptr(Txn) txn = house_begin(house, tenant);
    g_autoptr(Account) account = NULL;
    Session *session = NULL;

    g_assert_true(session_find(txn, cookie, &session, &account, NULL));
    g_assert_true((session != NULL) == (account != NULL));
    return session;
}

static gboolean lives(House *house, const char *cookie)
{
    g_autoptr(Session) session = find_at(house, house->tenant, cookie);

    return session != NULL;
}

static void use(House *house, const char *cookie)
{
    g_autoptr(Session) session = find_at(house, house->tenant, cookie);
    g_autoptr(Txn) txn = house_begin(house, house->tenant);

    g_assert_nonnull(session);
    g_assert_true(session_touch(txn, session, NULL));
    house_commit(txn);
}

static void an_unused_session_ends_after_14_days(void)
{
    g_autoptr(House) house = house_new();
    Caller alice = people_sign_in(house, "alice@example.org");
    g_autofree char *cookie = start(house, &alice);

    house_advance(house, SESSION_IDLE_USEC - 1);
    g_assert_true(lives(house, cookie));
    house_advance(house, 1);
    g_assert_false(lives(house, cookie));
    caller_clear(&alice);
}

static void a_used_session_lives_on_but_90_days_at_most(void)
{
    g_autoptr(House) house = house_new();
    Caller alice = people_sign_in(house, "alice@example.org");
    g_autofree char *cookie = start(house, &alice);

    for (guint i = 0; i < 8; i++) {
        house_advance(house, 11 * USEC_PER_DAY);
        use(house, cookie);
    }
    house_advance(house, 2 * USEC_PER_DAY - 1);
    g_assert_true(lives(house, cookie));
    house_advance(house, 1);
    g_assert_false(lives(house, cookie));
    caller_clear(&alice);
}

static gboolean is_fresh(House *house, const Caller *caller)
{
    g_autoptr(Txn) txn = house_begin(house, house->tenant);

    return session_is_fresh(txn, caller->session);
}

static void a_sign_in_is_fresh_for_15_minutes_whatever_the_use(void)
{
    g_autoptr(House) house = house_new();
    Caller alice = people_sign_in(house, "alice@example.org");

    house_advance(house, SESSION_FRESH_USEC);
    g_assert_true(is_fresh(house, &alice));
    house_advance(house, 1);
    alice.session->used_usec = house->now_usec;
    g_assert_false(is_fresh(house, &alice));
    caller_clear(&alice);
}

static void a_suspended_account_has_no_session(void)
{
    g_autoptr(House) house = house_new();
    Caller alice = people_sign_in(house, "alice@example.org");
    g_autofree char *cookie = start(house, &alice);

    people_suspend(house, &alice);
    g_assert_false(lives(house, cookie));
    caller_clear(&alice);
}

static void a_cookie_is_good_whole_and_at_its_tenant_alone(void)
{
    g_autoptr(House) house = house_new();
    Caller alice = people_sign_in(house, "alice@example.org");
    g_autofree char *cookie = start(house, &alice);
    g_autofree char *longer = g_strconcat(cookie, "A", NULL);
    g_autofree char *shorter = g_strndup(cookie, strlen(cookie) - 1);
    const char *const bad[] = {NULL, "", "made up", longer, shorter};

    for (guint i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_assert_false(lives(house, bad[i]));
    }
    g_autoptr(Session) elsewhere = find_at(house, house->other, cookie);
    g_assert_null(elsewhere);
    g_assert_true(lives(house, cookie));
    caller_clear(&alice);
}

static void the_oldest_of_too_many_sessions_goes(void)
{
    g_autoptr(House) house = house_new();
    Caller alice = people_sign_in(house, "alice@example.org");
    g_autofree char *second = NULL;

    house_advance(house, 1);
    second = start(house, &alice);
    for (guint i = 2; i < SESSIONS_OF_ACCOUNT_MAX; i++) {
        house_advance(house, 1);
        g_autofree char *cookie = start(house, &alice);
    }
    g_autofree char *one_more = start(house, &alice); /* ends alice's first */
    g_assert_true(lives(house, second));
    g_autofree char *two_more = start(house, &alice);
    g_assert_false(lives(house, second));
    g_assert_true(lives(house, one_more));
    caller_clear(&alice);
}

static Reason sign_out(House *house, const Caller *caller, const Id *target, const char *form)
{
    const MeAsked asked = {.caller = caller, .target = target, .form_token = form};
    PlainAnswer answer;
    Outcome outcome = house_run(house, &session_sign_out_act, &asked, &answer);

    g_assert_cmpint(outcome == OUTCOME_GRANTED, ==, answer.reason == REASON_NONE);
    return answer.reason;
}

static char *form_of(House *house, const Caller *caller)
{
    g_autoptr(Txn) txn = house_begin(house, house->tenant);

    return session_form_token(txn, caller);
}

static gboolean is_there(House *house, const Caller *caller)
{
    g_autoptr(Txn) txn = house_begin(house, house->tenant);
    g_autoptr(Session) session = NULL;

    g_assert_true(session_load(txn, &caller->session->id, &session, NULL));
    return session != NULL;
}

static void signing_out_wants_the_form_of_this_session(void)
{
    g_autoptr(House) house = house_new();
    Caller alice = people_sign_in(house, "alice@example.org");
    Caller again = people_sign_in_again(house, &alice);
    Caller stranger = house_caller(house, CALLER_NONE);
    g_autofree char *others = form_of(house, &again);
    g_autofree char *strangers = form_of(house, &stranger);
    g_autofree char *mine = form_of(house, &alice);
    const char *const bad[] = {NULL, "", others, strangers};

    for (guint i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_assert_cmpint(sign_out(house, &alice, NULL, bad[i]), ==, REASON_FORM_TOKEN);
    }
    g_assert_true(is_there(house, &alice));
    g_assert_cmpint(sign_out(house, &alice, NULL, mine), ==, REASON_NONE);
    g_assert_false(is_there(house, &alice));
    g_assert_true(is_there(house, &again));
    caller_clear(&alice);
    caller_clear(&again);
}

static void a_person_ends_his_own_other_sessions_only(void)
{
    g_autoptr(House) house = house_new();
    Caller alice = people_sign_in(house, "alice@example.org");
    Caller again = people_sign_in_again(house, &alice);
    Caller bob = people_sign_in(house, "bob@example.org");
    g_autofree char *form = form_of(house, &alice);

    g_assert_cmpint(sign_out(house, &alice, &bob.session->id, form), ==, REASON_NOT_FOUND);
    g_assert_true(is_there(house, &bob));
    g_assert_cmpint(sign_out(house, &alice, &again.session->id, form), ==, REASON_NONE);
    g_assert_false(is_there(house, &again));
    g_assert_cmpint(sign_out(house, &alice, &again.session->id, form), ==, REASON_NOT_FOUND);
    caller_clear(&alice);
    caller_clear(&again);
    caller_clear(&bob);
}

static void signing_out_ends_the_chains_without_offline_access(void)
{
    g_autoptr(House) house = house_new();
    g_autofree char *shop = people_app(house, house->tenant, "Shop");
    g_autofree char *mail = people_app(house, house->tenant, "Mail");
    Caller alice = people_sign_in(house, "alice@example.org");
    g_autofree char *form = form_of(house, &alice);
    TokenAnswer online = {0};
    TokenAnswer offline = {0};

    people_tokens(house, &alice, shop, "openid", &online);
    people_tokens(house, &alice, mail, "openid offline_access", &offline);
    g_assert_cmpint(sign_out(house, &alice, NULL, form), ==, REASON_NONE);
    g_assert_false(people_access(house, online.access_token));
    g_assert_true(people_access(house, offline.access_token));
    token_answer_clear(&online);
    token_answer_clear(&offline);
    caller_clear(&alice);
}

static Reason sign_out_everywhere(House *house, const Caller *caller, const char *form)
{
    const MeAsked asked = {.caller = caller, .form_token = form};
    SignOutAnswer answer = {.more = TRUE};

    while (answer.more) {
        (void)house_run(house, &session_sign_out_everywhere_act, &asked, &answer);
        g_assert_true(!answer.more || is_there(house, caller)); /* the last to end */
    }
    return answer.reason;
}

static void signing_out_everywhere_ends_all_sessions_of_the_person(void)
{
    g_autoptr(House) house = house_new();
    Caller alice = people_sign_in(house, "alice@example.org");
    Caller bob = people_sign_in(house, "bob@example.org");
    g_autofree char *form = form_of(house, &alice);
    g_autoptr(GPtrArray) cookies = g_ptr_array_new_with_free_func(g_free);

    for (guint i = 0; i < 7; i++) {
        g_ptr_array_add(cookies, start(house, &alice));
    }
    g_assert_cmpint(sign_out_everywhere(house, &alice, NULL), ==, REASON_FORM_TOKEN);
    g_assert_true(lives(house, cookies->pdata[0]));
    g_assert_cmpint(sign_out_everywhere(house, &alice, form), ==, REASON_NONE);
    for (guint i = 0; i < cookies->len; i++) {
        g_assert_false(lives(house, cookies->pdata[i]));
    }
    g_assert_false(is_there(house, &alice));
    g_assert_true(is_there(house, &bob));
    caller_clear(&alice);
    caller_clear(&bob);
}

static char *start_or_renew(House *house, const Caller *caller, const Id *account)
{
    g_autoptr(Txn) txn = house_begin(house, house->tenant);
    char *cookie = NULL;

    g_assert_true(session_start_or_renew(txn, account, caller, &cookie, NULL));
    house_commit(txn);
    return cookie;
}

static void M10_who_signs_in_once_more_goes_on_under_a_new_value(void)
{
    g_autoptr(House) house = house_new();
    Caller alice = people_sign_in(house, "alice@example.org");
    g_autofree char *shop = people_app(house, house->tenant, "Shop");
    g_autofree char *old = start(house, &alice);
    g_autoptr(Session) before = find_at(house, house->tenant, old);
    Caller browser = house_caller(house, CALLER_SESSION);
    TokenAnswer online = {0};
    TokenAnswer again;

    browser.credential = old;
    browser.session = before;
    browser.account = alice.account;
    people_tokens(house, &browser, shop, "openid", &online);
    house_advance(house, USEC_PER_HOUR);
    browser.session = NULL;
    g_autofree char *fresh = start_or_renew(house, &browser, &alice.account->id);
    g_assert_cmpstr(fresh, !=, old);
    g_assert_false(lives(house, old));
    g_autoptr(Session) after = find_at(house, house->tenant, fresh);
    g_assert_true(id_equal(&after->id, &before->id));
    g_assert_cmpint(after->signed_in_usec, ==, house->now_usec);
    g_assert_cmpint(
        people_refresh(house, shop, online.refresh_token, NULL, &again), ==, OUTCOME_GRANTED);
    token_answer_clear(&again);
    token_answer_clear(&online);
    caller_clear(&alice);
}

static void M10_of_anybody_else_or_of_long_ago_it_ends(void)
{
    g_autoptr(House) house = house_new();
    Caller alice = people_sign_in(house, "alice@example.org");
    Caller bob = people_sign_in(house, "bob@example.org");
    g_autofree char *alices = start(house, &alice);
    Caller browser = house_caller(house, CALLER_NONE);
    browser.credential = alices;
    g_autofree char *bobs = start_or_renew(house, &browser, &bob.account->id);
    g_autoptr(Session) first = find_at(house, house->tenant, bobs);

    g_assert_false(lives(house, alices));
    for (guint i = 0; i < 5; i++) {
        house_advance(house, SESSION_RENEW_USEC / 5);
        use(house, bobs);
    }
    browser.credential = bobs;
    g_autofree char *later = start_or_renew(house, &browser, &bob.account->id);
    g_autoptr(Session) second = find_at(house, house->tenant, later);
    g_assert_false(id_equal(&first->id, &second->id));
    g_assert_false(lives(house, bobs));
    caller_clear(&alice);
    caller_clear(&bob);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define TEST(promise) g_test_add_func("/core/session/" #promise, promise)
    TEST(an_unused_session_ends_after_14_days);
    TEST(a_used_session_lives_on_but_90_days_at_most);
    TEST(a_sign_in_is_fresh_for_15_minutes_whatever_the_use);
    TEST(a_suspended_account_has_no_session);
    TEST(a_cookie_is_good_whole_and_at_its_tenant_alone);
    TEST(the_oldest_of_too_many_sessions_goes);
    TEST(signing_out_wants_the_form_of_this_session);
    TEST(a_person_ends_his_own_other_sessions_only);
    TEST(signing_out_ends_the_chains_without_offline_access);
    TEST(signing_out_everywhere_ends_all_sessions_of_the_person);
    TEST(M10_who_signs_in_once_more_goes_on_under_a_new_value);
    TEST(M10_of_anybody_else_or_of_long_ago_it_ends);
    return g_test_run();
}
