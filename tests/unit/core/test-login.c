/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "desk.h"

#include "core/kinds.h"
#include "store/list.h"

static gboolean is_signed_in(Desk *desk, const char *cookie)
{
    g_autoptr(Txn) txn = house_begin(desk->house, desk->house->tenant);
    g_autoptr(Session) session = NULL;
    g_autoptr(Account) account = NULL;

    g_assert_true(session_find(txn, cookie, &session, &account, NULL));
    return session != NULL;
}

static const char *wrong_for(const Desk *desk)
{
    return g_str_equal(desk->code, "00000000") ? "00000001" : "00000000";
}

static void M1_looking_spends_nothing_and_the_button_works_once(void)
{
    g_auto(Desk) desk = {0};
    desk_open(&desk);
    g_assert_cmpint(desk_ask(&desk, ALICE, NULL), ==, REASON_NONE);
    g_assert_cmpstr(desk.to, ==, ALICE);

    for (guint i = 0; i < 5; i++) {
        g_autofree char *email = NULL;
        g_autofree char *elsewhere = NULL;
        g_assert_cmpint(desk_look(&desk, NULL, desk.link, &elsewhere), ==, REASON_LINK_ELSEWHERE);
        g_assert_cmpstr(elsewhere, ==, ALICE);
        g_assert_cmpint(desk_look(&desk, desk.cookie, desk.link, &email), ==, REASON_NONE);
        g_assert_cmpstr(email, ==, ALICE);
    }
    g_assert_cmpint(desk_redeem(&desk, desk.cookie, desk.link, NULL, NULL), ==, REASON_NONE);
    g_assert_cmpint(desk_redeem(&desk, desk.cookie, desk.link, NULL, NULL), ==, REASON_LINK_USED);
    g_assert_cmpint(desk_redeem(&desk, desk.cookie, NULL, desk.code, NULL), ==, REASON_LINK_USED);
    g_assert_cmpint(desk_look(&desk, desk.cookie, desk.link, NULL), ==, REASON_LINK_USED);
}

static void M2_another_browser_never_gets_a_session(void)
{
    g_auto(Desk) desk = {0};
    desk_open(&desk);
    g_assert_cmpint(desk_ask(&desk, "mallory@example.org", NULL), ==, REASON_NONE);
    g_autofree char *mallory = g_steal_pointer(&desk.cookie);
    g_assert_cmpint(desk_ask(&desk, ALICE, NULL), ==, REASON_NONE);

    g_assert_cmpint(desk_redeem(&desk, NULL, desk.link, NULL, NULL), ==, REASON_LINK_ELSEWHERE);
    g_assert_cmpint(desk_redeem(&desk, mallory, desk.link, NULL, NULL), ==, REASON_LINK_ELSEWHERE);
    g_assert_cmpint(desk_redeem(&desk, NULL, NULL, desk.code, NULL), ==, REASON_CODE_WRONG);
    g_assert_cmpint(desk_redeem(&desk, mallory, NULL, desk.code, NULL), ==, REASON_CODE_WRONG);
    g_assert_cmpint(desk_redeem(&desk, desk.cookie, NULL, NULL, NULL), ==, REASON_BAD_REQUEST);
    g_assert_cmpint(
        desk_redeem(&desk, desk.cookie, "made up", NULL, NULL), ==, REASON_LINK_UNKNOWN);
    g_assert_cmpint(desk_redeem(&desk, desk.cookie, NULL, desk.code, NULL), ==, REASON_NONE);
}

static void M2_the_fifth_wrong_code_ends_the_login(void)
{
    g_auto(Desk) desk = {0};
    desk_open(&desk);
    g_assert_cmpint(desk_ask(&desk, ALICE, NULL), ==, REASON_NONE);

    for (guint i = 1; i < LOGIN_CODE_TRIES_MAX; i++) {
        g_assert_cmpint(
            desk_redeem(&desk, desk.cookie, NULL, wrong_for(&desk), NULL), ==, REASON_CODE_WRONG);
    }
    g_assert_cmpint(
        desk_redeem(&desk, desk.cookie, NULL, wrong_for(&desk), NULL), ==, REASON_CODE_BURNT);
    g_assert_cmpint(desk_redeem(&desk, desk.cookie, NULL, desk.code, NULL), ==, REASON_CODE_BURNT);
    g_assert_cmpint(desk_redeem(&desk, desk.cookie, desk.link, NULL, NULL), ==, REASON_CODE_BURNT);
}

static void O6_a_form_of_another_browser_is_refused(void)
{
    g_auto(Desk) desk = {0};
    desk_open(&desk);
    g_assert_cmpint(desk_ask(&desk, ALICE, NULL), ==, REASON_NONE);
    g_autofree char *strangers = desk_form(&desk, NULL);
    const char *const forms[] = {NULL, "", strangers};

    for (guint i = 0; i < 2 * G_N_ELEMENTS(forms); i++) {
        Caller caller = house_caller(desk.house, CALLER_SESSION_MAYBE);
        const LoginRedeemAsked asked = {
            .caller = &caller,
            .link = i % 2 ? desk.link : NULL,
            .code = i % 2 ? NULL : desk.code,
            .form_token = forms[i / 2]};
        LoginRedeemAnswer answer;
        caller.browser = desk.cookie;
        g_assert_cmpint(
            house_run(desk.house, &login_redeem_act, &asked, &answer), ==, OUTCOME_DENIED);
        g_assert_cmpint(answer.reason, ==, REASON_FORM_TOKEN);
        house_clear(&login_redeem_act, &answer);
    }
    g_assert_cmpint(desk_redeem(&desk, desk.cookie, desk.link, NULL, NULL), ==, REASON_NONE);
}

static void M4_a_login_lives_ten_minutes(void)
{
    g_auto(Desk) desk = {0};
    desk_open(&desk);
    g_assert_cmpint(desk_ask(&desk, ALICE, NULL), ==, REASON_NONE);

    house_advance(desk.house, LOGIN_LIFE_USEC - 1);
    g_assert_cmpint(desk_look(&desk, desk.cookie, NULL, NULL), ==, REASON_NONE);
    house_advance(desk.house, 1);
    g_assert_cmpint(desk_look(&desk, desk.cookie, desk.link, NULL), ==, REASON_LINK_EXPIRED);
    g_assert_cmpint(
        desk_redeem(&desk, desk.cookie, desk.link, NULL, NULL), ==, REASON_LINK_EXPIRED);
    g_assert_cmpint(
        desk_redeem(&desk, desk.cookie, NULL, desk.code, NULL), ==, REASON_CODE_EXPIRED);
}

static void M4_a_newer_link_ends_the_older_one_of_its_browser(void)
{
    g_auto(Desk) desk = {0};
    desk_open(&desk);
    g_assert_cmpint(desk_ask(&desk, ALICE, NULL), ==, REASON_NONE);
    g_autofree char *cookie = g_strdup(desk.cookie);
    g_autofree char *link = g_strdup(desk.link);

    g_assert_cmpint(desk_ask(&desk, ALICE, cookie), ==, REASON_NONE);
    g_assert_cmpint(desk_redeem(&desk, cookie, link, NULL, NULL), ==, REASON_LINK_REPLACED);
    g_assert_cmpint(desk_look(&desk, cookie, link, NULL), ==, REASON_LINK_REPLACED);
    g_assert_cmpint(desk_redeem(&desk, desk.cookie, desk.link, NULL, NULL), ==, REASON_NONE);
}

static void M9_five_logins_of_an_address_live_and_the_oldest_goes(void)
{
    g_auto(Desk) desk = {0};
    g_autoptr(GPtrArray) cookies = g_ptr_array_new_with_free_func(g_free);
    desk_open(&desk);
    Tenant *tenant = desk.house->config->tenants->pdata[0];
    tenant->limits[LIMIT_LINK_ADDRESS] = tenant->limits[LIMIT_LINK_CLIENT] = (LimitRate){100, 60};

    for (guint i = 0; i < LOGINS_OF_EMAIL_MAX + 1; i++) {
        g_assert_cmpint(desk_ask(&desk, ALICE, NULL), ==, REASON_NONE);
        g_ptr_array_add(cookies, g_strdup(desk.cookie));
        house_advance(desk.house, USEC_PER_SEC);
    }
    for (guint i = 0; i < cookies->len; i++) {
        g_assert_cmpint(
            desk_look(&desk, cookies->pdata[i], NULL, NULL), ==,
            i ? REASON_NONE : REASON_LINK_REPLACED);
    }
}

static guint listed(House *house, const char *mail)
{
    g_autoptr(Txn) txn = house_begin(house, house->tenant);
    guint8 mac[SHA256_BYTES];

    account_lookup_mac(txn, mail, mac);
    const ListName name = {LIST_LOGINS_OF_EMAIL, mac, sizeof(mac)};
    g_autoptr(GArray) ids = list_take(txn, &name, NULL, LOGINS_OF_EMAIL_MAX, NULL);

    return ids->len;
}

static void M9_addresses_that_strangers_name_are_forgotten(void)
{
    g_auto(Desk) desk = {0};
    desk_open(&desk);

    g_assert_cmpint(desk_ask(&desk, "nobody@example.org", NULL), ==, REASON_NONE);
    g_assert_cmpuint(listed(desk.house, "nobody@example.org"), ==, 1);
    house_advance(desk.house, LOGIN_LIFE_USEC);
    g_assert_cmpuint(listed(desk.house, "nobody@example.org"), ==, 0);
}

static void M5_an_unknown_address_meets_the_same_and_gets_no_mail(void)
{
    g_auto(Desk) desk = {0};
    desk_open(&desk);

    g_assert_cmpint(desk_ask(&desk, "nobody@example.org", NULL), ==, REASON_NONE);
    g_assert_cmpstr(desk.to, ==, "");
    g_assert_cmpint(desk_look(&desk, desk.cookie, NULL, NULL), ==, REASON_NONE);
    g_assert_cmpint(desk_redeem(&desk, desk.cookie, NULL, desk.code, NULL), ==, REASON_CODE_WRONG);
    g_assert_cmpint(
        desk_redeem(&desk, desk.cookie, desk.link, NULL, NULL), ==, REASON_LINK_UNKNOWN);
}

static void M5_a_suspended_account_meets_the_same_and_gets_no_mail(void)
{
    g_auto(Desk) desk = {0};
    desk_open(&desk);
    g_assert_cmpint(desk_ask(&desk, ALICE, NULL), ==, REASON_NONE);
    people_suspend(desk.house, &desk.alice);

    g_assert_cmpint(desk_redeem(&desk, desk.cookie, NULL, desk.code, NULL), ==, REASON_CODE_WRONG);
    g_assert_cmpint(
        desk_redeem(&desk, desk.cookie, desk.link, NULL, NULL), ==, REASON_LINK_UNKNOWN);
    g_assert_cmpint(desk_ask(&desk, ALICE, NULL), ==, REASON_NONE);
    g_assert_cmpstr(desk.to, ==, "");
}

static void M9_an_address_has_a_budget_and_a_known_browser_its_own(void)
{
    g_auto(Desk) desk = {0};
    desk_open(&desk);
    Tenant *tenant = desk.house->config->tenants->pdata[0];
    tenant->limits[LIMIT_LINK_ADDRESS] = (LimitRate){2, 3600};
    tenant->limits[LIMIT_LINK_CLIENT] = (LimitRate){100, 60};

    g_assert_cmpint(desk_ask(&desk, ALICE, NULL), ==, REASON_NONE);
    g_assert_cmpint(desk_redeem(&desk, desk.cookie, desk.link, NULL, NULL), ==, REASON_NONE);
    g_autofree char *known = g_strdup(desk.cookie);
    g_assert_cmpint(desk_ask(&desk, ALICE, NULL), ==, REASON_NONE);
    g_assert_cmpint(desk_ask(&desk, ALICE, NULL), ==, REASON_TOO_MANY);
    g_assert_cmpint(desk_ask(&desk, ALICE, known), ==, REASON_NONE);
    g_assert_cmpint(desk_ask(&desk, ALICE, known), ==, REASON_TOO_MANY); /* the cookie moved on */
    g_autofree char *moved = g_strdup(desk.cookie);
    g_assert_cmpint(desk_ask(&desk, ALICE, moved), ==, REASON_NONE);
    g_autofree char *again = g_strdup(desk.cookie);
    g_assert_cmpint(desk_ask(&desk, ALICE, again), ==, REASON_TOO_MANY);
    tenant->limits[LIMIT_LINK_CLIENT] = (LimitRate){1, 3600};
    g_assert_cmpint(desk_ask(&desk, "bob@example.org", NULL), ==, REASON_TOO_MANY);
    house_advance(desk.house, G_GINT64_CONSTANT(1800) * USEC_PER_SEC); /* gives back one */
    g_assert_cmpint(desk_ask(&desk, "bob@example.org", NULL), ==, REASON_NONE);
    g_assert_cmpint(desk_ask(&desk, "bob@example.org", again), ==, REASON_TOO_MANY); /* not his */
    g_assert_cmpint(desk_ask(&desk, ALICE, again), ==, REASON_NONE);
}

static Reason ask_from(Desk *desk, const char *address, const char *email)
{
    Caller caller = house_caller(desk->house, CALLER_NONE);
    const LoginAskAsked asked = {.caller = &caller, .email = email, .locale = "en"};
    LoginAskAnswer answer;

    caller.address = address;
    (void)house_run(desk->house, &login_ask_act, &asked, &answer);
    Reason reason = answer.reason;
    house_clear(&login_ask_act, &answer);
    return reason;
}

static void M9_all_addresses_of_an_ipv6_64_have_one_budget(void)
{
    g_auto(Desk) desk = {0};
    desk_open(&desk);
    Tenant *tenant = desk.house->config->tenants->pdata[0];
    tenant->limits[LIMIT_LINK_CLIENT] = (LimitRate){1, 3600};

    g_assert_cmpint(ask_from(&desk, "2001:db8::1", "a@example.org"), ==, REASON_NONE);
    g_assert_cmpint(ask_from(&desk, "2001:db8::2", "b@example.org"), ==, REASON_TOO_MANY);
    g_assert_cmpint(ask_from(&desk, "2001:db8:0:1::1", "c@example.org"), ==, REASON_NONE);
}

static void M2_all_addresses_of_an_ipv6_64_try_codes_together(void)
{
    g_auto(Desk) desk = {0};
    LoginRedeemAnswer answer;
    desk_open(&desk);
    Tenant *tenant = desk.house->config->tenants->pdata[0];
    tenant->limits[LIMIT_CODE_TRIES] = (LimitRate){1, 3600};
    g_assert_cmpint(desk_ask(&desk, ALICE, NULL), ==, REASON_NONE);
    g_autofree char *form = desk_form(&desk, desk.cookie);

    for (guint i = 0; i < 2; i++) {
        Caller caller = house_caller(desk.house, CALLER_SESSION_MAYBE);
        const LoginRedeemAsked asked = {.caller = &caller, .code = "x", .form_token = form};
        caller.browser = desk.cookie;
        caller.address = i ? "2001:db8::2" : "2001:db8::1";
        (void)house_run(desk.house, &login_redeem_act, &asked, &answer);
        g_assert_cmpint(answer.reason, ==, i ? REASON_TOO_MANY : REASON_CODE_WRONG);
        house_clear(&login_redeem_act, &answer);
    }
}

static void M10_a_sign_in_ends_the_session_that_the_browser_held(void)
{
    g_auto(Desk) desk = {0};
    g_autofree char *old = NULL;
    desk_open(&desk);
    g_assert_cmpint(desk_ask(&desk, ALICE, NULL), ==, REASON_NONE);
    g_assert_cmpint(desk_redeem(&desk, desk.cookie, desk.link, NULL, &old), ==, REASON_NONE);
    g_assert_true(is_signed_in(&desk, old));

    g_assert_cmpint(desk_ask(&desk, ALICE, NULL), ==, REASON_NONE);
    g_autofree char *form = desk_form(&desk, desk.cookie);
    Caller caller = house_caller(desk.house, CALLER_SESSION_MAYBE);
    const LoginRedeemAsked asked = {.caller = &caller, .code = desk.code, .form_token = form};
    LoginRedeemAnswer answer;
    caller.browser = desk.cookie;
    caller.credential = old;
    g_assert_cmpint(house_run(desk.house, &login_redeem_act, &asked, &answer), ==, OUTCOME_GRANTED);
    g_assert_cmpstr(answer.session_cookie, !=, old);
    g_assert_true(is_signed_in(&desk, answer.session_cookie));
    g_assert_false(is_signed_in(&desk, old));
    house_clear(&login_redeem_act, &answer);
}

static void M7_a_bad_address_is_refused_and_writes_nothing(void)
{
    static const char *const bad[] = {NULL, "", "alice", "a\r\nBcc: b@example.org", "a@b@c"};
    g_auto(Desk) desk = {0};
    desk_open(&desk);

    for (guint i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_assert_cmpint(desk_ask(&desk, bad[i], NULL), ==, REASON_ADDRESS_BAD);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define TEST(promise) g_test_add_func("/core/login/" #promise, promise)
    TEST(M1_looking_spends_nothing_and_the_button_works_once);
    TEST(M2_another_browser_never_gets_a_session);
    TEST(M2_the_fifth_wrong_code_ends_the_login);
    TEST(O6_a_form_of_another_browser_is_refused);
    TEST(M4_a_login_lives_ten_minutes);
    TEST(M4_a_newer_link_ends_the_older_one_of_its_browser);
    TEST(M9_five_logins_of_an_address_live_and_the_oldest_goes);
    TEST(M9_addresses_that_strangers_name_are_forgotten);
    TEST(M5_an_unknown_address_meets_the_same_and_gets_no_mail);
    TEST(M5_a_suspended_account_meets_the_same_and_gets_no_mail);
    TEST(M9_an_address_has_a_budget_and_a_known_browser_its_own);
    TEST(M9_all_addresses_of_an_ipv6_64_have_one_budget);
    TEST(M2_all_addresses_of_an_ipv6_64_try_codes_together);
    TEST(M10_a_sign_in_ends_the_session_that_the_browser_held);
    TEST(M7_a_bad_address_is_refused_and_writes_nothing);
    return g_test_run();
}
