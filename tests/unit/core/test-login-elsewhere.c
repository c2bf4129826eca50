/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "core/limit.h"

#include "desk.h"

#include <string.h>

static char *another(const char *number)
{
    return g_strdup(g_str_equal(number, "00") ? "01" : "00");
}

static void opened(Desk *desk)
{
    desk_open(desk);
    Tenant *tenant = desk->house->config->tenants->pdata[0];
    tenant->limits[LIMIT_LINK_ADDRESS] = tenant->limits[LIMIT_LINK_CLIENT] = (LimitRate){100, 60};
}

static void asked(Desk *desk)
{
    opened(desk);
    g_assert_cmpint(desk_ask(desk, ALICE, NULL), ==, REASON_NONE);
}

static void M2_a_drawn_number_signs_in_the_browser_that_asked_once(void)
{
    g_auto(Desk) desk = {0};
    g_autofree char *number = NULL;
    asked(&desk);

    g_assert_cmpint(desk_draw(&desk, NULL, desk.link, &number), ==, REASON_NONE);
    g_assert_cmpuint(strlen(number), ==, LOGIN_NUMBER_CHARS);
    g_assert_cmpint(desk_type_number(&desk, NULL, number), ==, REASON_CODE_WRONG);
    g_assert_cmpint(desk_type_number(&desk, desk.cookie, number), ==, REASON_NONE);
    g_assert_cmpint(desk_type_number(&desk, desk.cookie, number), ==, REASON_LINK_USED);
    g_assert_cmpint(desk_draw(&desk, NULL, desk.link, NULL), ==, REASON_LINK_USED);
}

static void M2_a_wrong_number_ends_the_login(void)
{
    g_auto(Desk) desk = {0};
    g_autofree char *number = NULL;
    asked(&desk);

    g_assert_cmpint(desk_draw(&desk, NULL, desk.link, &number), ==, REASON_NONE);
    g_autofree char *wrong = another(number);
    g_assert_cmpint(desk_type_number(&desk, desk.cookie, wrong), ==, REASON_LINK_MISSED);
    g_assert_cmpint(desk_type_number(&desk, desk.cookie, number), ==, REASON_LINK_MISSED);
    g_assert_cmpint(desk_redeem(&desk, desk.cookie, NULL, desk.code, NULL), ==, REASON_LINK_MISSED);
    g_assert_cmpint(desk_redeem(&desk, desk.cookie, desk.link, NULL, NULL), ==, REASON_LINK_MISSED);
}

static void M2_a_number_before_any_was_drawn_ends_the_login(void)
{
    for (guint i = 0; i < 100; i += 33) {
        g_auto(Desk) desk = {0};
        g_autofree char *number = g_strdup_printf("%02u", i);
        asked(&desk);
        g_assert_cmpint(desk_type_number(&desk, desk.cookie, number), ==, REASON_LINK_MISSED);
        g_assert_cmpint(desk_draw(&desk, NULL, desk.link, NULL), ==, REASON_LINK_MISSED);
    }
}

static void M2_of_two_drawn_numbers_the_newer_counts(void)
{
    g_auto(Desk) desk = {0};
    g_autofree char *first = NULL;
    g_autofree char *second = NULL;
    asked(&desk);

    do {
        g_clear_pointer(&first, g_free);
        g_assert_cmpint(desk_draw(&desk, NULL, desk.link, &first), ==, REASON_NONE);
        g_clear_pointer(&second, g_free);
        g_assert_cmpint(desk_draw(&desk, NULL, desk.link, &second), ==, REASON_NONE);
    } while (g_str_equal(first, second));
    g_assert_cmpint(desk_type_number(&desk, desk.cookie, first), ==, REASON_LINK_MISSED);
}

static void M2_drawing_is_counted_with_the_codes_that_one_types(void)
{
    g_auto(Desk) desk = {0};
    asked(&desk);
    Tenant *tenant = desk.house->config->tenants->pdata[0];
    tenant->limits[LIMIT_CODE_TRIES] = (LimitRate){2, 3600};

    g_assert_cmpint(desk_draw(&desk, NULL, desk.link, NULL), ==, REASON_NONE);
    g_assert_cmpint(desk_draw(&desk, NULL, desk.link, NULL), ==, REASON_NONE);
    g_assert_cmpint(desk_draw(&desk, NULL, desk.link, NULL), ==, REASON_TOO_MANY);
    g_assert_cmpint(desk_type_number(&desk, desk.cookie, "00"), ==, REASON_TOO_MANY);
}

static void M2_a_number_of_another_login_is_wrong(void)
{
    g_auto(Desk) desk = {0};
    g_autofree char *number = NULL;
    asked(&desk);
    g_autofree char *mine = g_steal_pointer(&desk.link);
    g_autofree char *my_cookie = g_steal_pointer(&desk.cookie);
    g_assert_cmpint(desk_ask(&desk, "mallory@example.org", NULL), ==, REASON_NONE);

    g_assert_cmpint(desk_draw(&desk, my_cookie, mine, &number), ==, REASON_NONE);
    g_assert_cmpint(desk_type_number(&desk, desk.cookie, number), ==, REASON_LINK_MISSED);
    g_assert_cmpint(desk_type_number(&desk, my_cookie, number), ==, REASON_NONE);
}

static void M4_what_is_over_draws_no_number_and_is_not_disowned(void)
{
    g_auto(Desk) desk = {0};
    asked(&desk);

    g_assert_cmpint(desk_draw(&desk, NULL, "made up", NULL), ==, REASON_LINK_UNKNOWN);
    g_assert_cmpint(desk_disown(&desk, NULL, desk.cookie), ==, REASON_LINK_UNKNOWN);
    house_advance(desk.house, LOGIN_LIFE_USEC);
    g_assert_cmpint(desk_draw(&desk, NULL, desk.link, NULL), ==, REASON_LINK_EXPIRED);
    g_assert_cmpint(desk_disown(&desk, NULL, desk.link), ==, REASON_LINK_EXPIRED);
}

static void O6_a_form_of_another_browser_draws_nothing_and_disowns_nothing(void)
{
    g_auto(Desk) desk = {0};
    asked(&desk);
    g_autofree char *owners = desk_form(&desk, desk.cookie);
    const char *const forms[] = {NULL, "", owners};
    static const ActType *const acts[] = {&login_draw_number_act, &login_disown_act};

    for (guint i = 0; i < 2 * G_N_ELEMENTS(forms); i++) {
        Caller caller = house_caller(desk.house, CALLER_NONE);
        const LoginElsewhereAsked wanted = {
            .caller = &caller, .link = desk.link, .form_token = forms[i / 2]};
        LoginElsewhereAnswer answer;
        g_assert_cmpint(house_run(desk.house, acts[i % 2], &wanted, &answer), ==, OUTCOME_DENIED);
        g_assert_cmpint(answer.reason, ==, REASON_FORM_TOKEN);
        house_clear(acts[i % 2], &answer);
    }
    g_assert_cmpint(desk_redeem(&desk, desk.cookie, desk.link, NULL, NULL), ==, REASON_NONE);
}

/* Two browsers asked; the mail of one of them is enough. */
static void M2_disowning_ends_all_pending_logins_of_the_address(void)
{
    g_auto(Desk) desk = {0};
    g_autofree char *number = NULL;
    asked(&desk);
    g_assert_cmpint(desk_draw(&desk, NULL, desk.link, &number), ==, REASON_NONE);
    g_autofree char *link = g_steal_pointer(&desk.link);
    g_autofree char *code = g_steal_pointer(&desk.code);
    g_autofree char *cookie = g_steal_pointer(&desk.cookie);
    g_assert_cmpint(desk_ask(&desk, ALICE, NULL), ==, REASON_NONE);

    g_assert_cmpint(desk_disown(&desk, NULL, desk.link), ==, REASON_NONE);
    g_assert_cmpint(desk_look(&desk, NULL, link, NULL), ==, REASON_LINK_DISOWNED);
    g_assert_cmpint(desk_redeem(&desk, cookie, link, NULL, NULL), ==, REASON_LINK_DISOWNED);
    g_assert_cmpint(desk_redeem(&desk, cookie, NULL, code, NULL), ==, REASON_CODE_WRONG);
    g_assert_cmpint(desk_type_number(&desk, cookie, number), ==, REASON_LINK_MISSED);
    g_assert_cmpint(
        desk_redeem(&desk, desk.cookie, desk.link, NULL, NULL), ==, REASON_LINK_DISOWNED);
    g_assert_cmpint(desk_disown(&desk, NULL, desk.link), ==, REASON_LINK_DISOWNED);
    g_assert_cmpint(desk_draw(&desk, NULL, desk.link, NULL), ==, REASON_LINK_DISOWNED);
}

static void M2_disowning_ends_nothing_of_another_address(void)
{
    g_auto(Desk) desk = {0};
    asked(&desk);
    g_autofree char *cookie = g_steal_pointer(&desk.cookie);
    g_autofree char *code = g_steal_pointer(&desk.code);

    g_assert_cmpint(desk_ask(&desk, "mallory@example.org", NULL), ==, REASON_NONE);
    g_assert_cmpint(desk_disown(&desk, NULL, desk.link), ==, REASON_NONE);
    g_assert_cmpint(desk_redeem(&desk, cookie, NULL, code, NULL), ==, REASON_NONE);
}

/* To whoever asked it looks as before, as an address without account does: five tries of a code
 * that is never right. */
static void M5_whoever_asked_is_not_told_that_it_was_disowned(void)
{
    g_auto(Desk) desk = {0};
    asked(&desk);
    g_assert_cmpint(desk_disown(&desk, NULL, desk.link), ==, REASON_NONE);

    for (guint i = 1; i < LOGIN_CODE_TRIES_MAX; i++) {
        g_assert_cmpint(desk_look(&desk, desk.cookie, NULL, NULL), ==, REASON_NONE);
        g_assert_cmpint(
            desk_redeem(&desk, desk.cookie, NULL, desk.code, NULL), ==, REASON_CODE_WRONG);
    }
    g_assert_cmpint(desk_redeem(&desk, desk.cookie, NULL, desk.code, NULL), ==, REASON_CODE_BURNT);
}

/* Nor by how many of his logins live on when he asks for more. */
static void M5_a_disowned_login_is_one_of_the_five(void)
{
    g_auto(Desk) desk = {0};
    asked(&desk);
    g_autofree char *cookie = g_strdup(desk.cookie);
    g_assert_cmpint(desk_disown(&desk, NULL, desk.link), ==, REASON_NONE);

    for (guint i = 0; i < LOGINS_OF_EMAIL_MAX; i++) {
        g_assert_cmpint(desk_look(&desk, cookie, NULL, NULL), ==, REASON_NONE);
        house_advance(desk.house, USEC_PER_SEC);
        g_assert_cmpint(desk_ask(&desk, ALICE, NULL), ==, REASON_NONE);
    }
    g_assert_cmpint(desk_look(&desk, cookie, NULL, NULL), ==, REASON_LINK_REPLACED);
}

/* Before and after, asking anew in the same browser ends the older login. */
static void M5_asking_anew_replaces_a_disowned_login(void)
{
    g_auto(Desk) desk = {0};
    asked(&desk);
    g_autofree char *cookie = g_strdup(desk.cookie);
    g_autofree char *link = g_strdup(desk.link);

    g_assert_cmpint(desk_disown(&desk, NULL, link), ==, REASON_NONE);
    g_assert_cmpint(desk_ask(&desk, ALICE, cookie), ==, REASON_NONE);
    g_assert_cmpint(desk_look(&desk, cookie, NULL, NULL), ==, REASON_LINK_REPLACED);
    g_assert_cmpint(desk_redeem(&desk, desk.cookie, desk.link, NULL, NULL), ==, REASON_NONE);
}

static void M9_strangers_push_out_no_login_of_a_known_browser(void)
{
    g_auto(Desk) desk = {0};
    asked(&desk);
    g_assert_cmpint(desk_redeem(&desk, desk.cookie, desk.link, NULL, NULL), ==, REASON_NONE);
    g_autofree char *before = g_strdup(desk.cookie);
    g_assert_cmpint(desk_ask(&desk, ALICE, before), ==, REASON_NONE);
    g_autofree char *known = g_strdup(desk.cookie);

    for (guint i = 0; i < 2 * LOGINS_OF_EMAIL_MAX; i++) {
        house_advance(desk.house, USEC_PER_SEC);
        g_assert_cmpint(desk_ask(&desk, ALICE, NULL), ==, REASON_NONE);
    }
    g_assert_cmpint(desk_look(&desk, known, NULL, NULL), ==, REASON_NONE);
}

/* Each from an address of his own. */
static void M9_all_strangers_together_have_a_budget_and_a_known_browser_its_own(void)
{
    g_auto(Desk) desk = {0};
    guint allowed = 0;
    opened(&desk);
    Tenant *tenant = desk.house->config->tenants->pdata[0];
    tenant->limits[LIMIT_LINK_CLIENT] = (LimitRate){1, 86400};
    g_assert_cmpint(desk_ask(&desk, ALICE, NULL), ==, REASON_NONE);
    g_assert_cmpint(desk_redeem(&desk, desk.cookie, desk.link, NULL, NULL), ==, REASON_NONE);

    for (; allowed <= LIMIT_EVERYBODY_TIMES; allowed++) {
        Caller caller = house_caller(desk.house, CALLER_NONE);
        g_autofree char *email = g_strdup_printf("stranger%u@example.org", allowed);
        g_autofree char *address = g_strdup_printf("198.51.%u.%u", allowed / 256, allowed % 256);
        const LoginAskAsked wanted = {.caller = &caller, .email = email, .locale = "en"};
        LoginAskAnswer answer;
        caller.address = address;
        Outcome outcome = house_run(desk.house, &login_ask_act, &wanted, &answer);
        g_assert_cmpint(outcome == OUTCOME_DENIED, ==, answer.retry_seconds > 0);
        house_clear(&login_ask_act, &answer);
        if (outcome != OUTCOME_GRANTED) {
            break;
        }
    }
    g_assert_cmpuint(allowed, ==, LIMIT_EVERYBODY_TIMES - 1); /* one was hers */
    Caller caller = house_caller(desk.house, CALLER_NONE);
    const LoginAskAsked wanted = {.caller = &caller, .email = ALICE, .locale = "en"};
    LoginAskAnswer answer;
    caller.browser = desk.cookie;
    g_assert_cmpint(house_run(desk.house, &login_ask_act, &wanted, &answer), ==, OUTCOME_GRANTED);
    house_clear(&login_ask_act, &answer);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define TEST(promise) g_test_add_func("/core/login-elsewhere/" #promise, promise)
    TEST(M2_a_drawn_number_signs_in_the_browser_that_asked_once);
    TEST(M2_a_wrong_number_ends_the_login);
    TEST(M2_a_number_before_any_was_drawn_ends_the_login);
    TEST(M2_of_two_drawn_numbers_the_newer_counts);
    TEST(M2_drawing_is_counted_with_the_codes_that_one_types);
    TEST(M2_a_number_of_another_login_is_wrong);
    TEST(M4_what_is_over_draws_no_number_and_is_not_disowned);
    TEST(O6_a_form_of_another_browser_draws_nothing_and_disowns_nothing);
    TEST(M2_disowning_ends_all_pending_logins_of_the_address);
    TEST(M2_disowning_ends_nothing_of_another_address);
    TEST(M5_whoever_asked_is_not_told_that_it_was_disowned);
    TEST(M5_a_disowned_login_is_one_of_the_five);
    TEST(M5_asking_anew_replaces_a_disowned_login);
    TEST(M9_strangers_push_out_no_login_of_a_known_browser);
    TEST(M9_all_strangers_together_have_a_budget_and_a_known_browser_its_own);
    return g_test_run();
}
