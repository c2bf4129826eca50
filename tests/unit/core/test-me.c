/* SPDX-License-Identifier: GPL-3.0-or-later */

/* test-me.c - what a person sees of himself, and leaving an app */

#include "core/session.h"

#include "people.h"

static void show(House *house, const Caller *caller, MeAnswer *ret_answer)
{
    const MeAsked asked = {.caller = caller};

    g_assert_cmpint(house_run(house, &me_show_act, &asked, ret_answer), ==, OUTCOME_GRANTED);
}

static const SessionAppRow *app_row(const MeAnswer *answer, guint index)
{
    return &g_array_index(answer->apps, SessionAppRow, index);
}

static void a_person_sees_his_own_address_sessions_and_apps(void)
{
    g_autoptr(House) house = house_new();
    g_autofree char *shop = people_app(house, house->tenant, "Shop");
    g_autofree char *mail = people_app(house, house->tenant, "Mail");
    Caller alice = people_sign_in(house, "alice@example.org");
    Caller again = people_sign_in_again(house, &alice);
    Caller bob = people_sign_in(house, "bob@example.org");
    TokenAnswer tokens = {0};
    TokenAnswer others = {0};
    MeAnswer answer = {0};

    people_tokens(house, &alice, shop, "openid", &tokens);
    people_tokens(house, &bob, mail, "openid", &others);
    show(house, &alice, &answer);
    g_assert_cmpstr(answer.email, ==, "alice@example.org");
    g_assert_cmpuint(answer.apps->len, ==, 1);
    g_assert_cmpstr(app_row(&answer, 0)->name, ==, "Shop");
    g_assert_cmpstr(app_row(&answer, 0)->slug, ==, tokens.subject);
    g_assert_cmpuint(answer.sessions->len, ==, 2);
    guint current = 0;
    for (guint i = 0; i < answer.sessions->len; i++) {
        const SessionRow *row = &g_array_index(answer.sessions, SessionRow, i);
        g_assert_cmpint(row->current, ==, id_equal(&row->id, &alice.session->id));
        current += row->current ? 1 : 0;
    }
    g_assert_cmpuint(current, ==, 1);
    house_clear(&me_show_act, &answer);
    token_answer_clear(&tokens);
    token_answer_clear(&others);
    caller_clear(&alice);
    caller_clear(&again);
    caller_clear(&bob);
}

static Reason leave(House *house, const Caller *caller, const Id *identity, const char *form)
{
    const MeAsked asked = {.caller = caller, .target = identity, .form_token = form};
    PlainAnswer answer;

    (void)house_run(house, &me_leave_act, &asked, &answer);
    return answer.reason;
}

static void leaving_an_app_wants_ones_own_form_and_ones_own_identity(void)
{
    g_autoptr(House) house = house_new();
    g_autofree char *shop = people_app(house, house->tenant, "Shop");
    Caller alice = people_sign_in(house, "alice@example.org");
    Caller bob = people_sign_in(house, "bob@example.org");
    TokenAnswer tokens = {0};
    MeAnswer mine = {0};
    MeAnswer his = {0};
    const Id unknown = {{1}};

    people_tokens(house, &alice, shop, "openid offline_access", &tokens);
    show(house, &alice, &mine);
    show(house, &bob, &his);
    const Id identity = app_row(&mine, 0)->identity;
    g_assert_cmpint(leave(house, &alice, &identity, NULL), ==, REASON_FORM_TOKEN);
    g_assert_cmpint(leave(house, &alice, &identity, his.form_token), ==, REASON_FORM_TOKEN);
    g_assert_cmpint(leave(house, &bob, &identity, his.form_token), ==, REASON_NOT_FOUND);
    g_assert_cmpint(leave(house, &alice, &unknown, mine.form_token), ==, REASON_NOT_FOUND);
    g_assert_cmpint(leave(house, &alice, NULL, mine.form_token), ==, REASON_NOT_FOUND);
    g_assert_true(people_access(house, tokens.access_token));
    g_assert_cmpint(leave(house, &alice, &identity, mine.form_token), ==, REASON_NONE);
    g_assert_false(people_access(house, tokens.access_token));
    house_clear(&me_show_act, &mine);
    show(house, &alice, &mine);
    g_assert_cmpuint(mine.apps->len, ==, 0);
    house_clear(&me_show_act, &mine);
    house_clear(&me_show_act, &his);
    token_answer_clear(&tokens);
    caller_clear(&alice);
    caller_clear(&bob);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define TEST(promise) g_test_add_func("/core/me/" #promise, promise)
    TEST(a_person_sees_his_own_address_sessions_and_apps);
    TEST(leaving_an_app_wants_ones_own_form_and_ones_own_identity);
    return g_test_run();
}
