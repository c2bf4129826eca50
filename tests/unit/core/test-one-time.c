/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "core/one-time.h"

#include "core/session.h"

#include "host.h"
#include "people.h"

#include <string.h>

/* As whom the service knows a person. */
static Id identity_at_host(Host *host, const Caller *caller)
{
    const MeAsked asked = {.caller = caller};
    MeAnswer answer;
    Id identity = ID_NONE;

    g_assert_cmpint(house_run(host->house, &me_show_act, &asked, &answer), ==, OUTCOME_GRANTED);
    for (guint i = 0; i < answer.apps->len; i++) {
        const SessionAppRow *row = &g_array_index(answer.apps, SessionAppRow, i);
        identity = row->takes_code ? row->identity : identity;
    }
    house_clear(&me_show_act, &answer);
    return identity;
}

static Reason try_draw(Host *host, const Caller *caller, const Id *identity, char **ret_code)
{
    g_autofree char *token = host_form_token(host, caller);
    const OneTimeDrawAsked asked = {caller, token, identity};
    OneTimeDrawAnswer answer;
    Outcome outcome = house_run(host->house, &one_time_draw_act, &asked, &answer);
    Reason reason = answer.reason;

    g_assert_cmpint(outcome == OUTCOME_GRANTED, ==, answer.code != NULL);
    *ret_code = g_strdup(answer.code);
    house_clear(&one_time_draw_act, &answer);
    return reason;
}

static char *draw(Host *host)
{
    const Id identity = identity_at_host(host, &host->alice);
    char *code = NULL;

    g_assert_cmpint(try_draw(host, &host->alice, &identity, &code), ==, REASON_NONE);
    return code;
}

/* One that nobody drew. */
static char *bent(const char *code)
{
    char *other = g_strdup(code);

    other[0] = other[0] == 'B' ? 'C' : 'B';
    return other;
}

/* By users whom nobody may be; tells how many were just wrong, before it was too often. */
static guint wrong_tries(Host *host, const char *typed)
{
    Reason reason = REASON_ONE_TIME_WRONG;
    guint tried = 0;

    for (; reason == REASON_ONE_TIME_WRONG; tried++) {
        g_autofree char *user = g_strdup_printf("user%u", tried);
        g_auto(DeviceOpenAnswer) device = host_opened(host, user);
        const DeviceAnswerAsked asked = {&host->root, &device.id, typed};
        DeviceAnswerAnswer answer;
        (void)house_run(host->house, &device_answer_act, &asked, &answer);
        reason = answer.reason;
        house_clear(&device_answer_act, &answer);
    }
    g_assert_cmpint(reason, ==, REASON_TOO_MANY);
    return tried - 1;
}

static void P2_nor_does_it_let_him_in_when_he_is_back(void)
{
    g_auto(Host) host = {0};
    host_open(&host);
    g_autofree char *code = draw(&host);
    EndingPlace place = {ID_NONE, ID_NONE};

    people_suspend(host.house, &host.alice);
    while (people_clear_one(host.house, &place)) {
    }
    house_advance(host.house, GRANT_LIFE_USEC + 1);
    g_assert_cmpint(people_resume(host.house, &host.alice), ==, REASON_NONE);
    g_auto(DeviceOpenAnswer) prompt = host_opened(&host, "alice");
    host_denied(&host, &prompt.id, code, REASON_ONE_TIME_WRONG); /* its session is gone */
}

static void it_lets_in_once_however_it_is_typed(void)
{
    g_auto(Host) host = {0};
    host_open(&host);
    g_auto(DeviceOpenAnswer) first = host_opened(&host, "alice");
    g_autofree char *code = draw(&host);

    g_assert_cmpuint(strlen(code), ==, ONE_TIME_CHARS + 1);
    for (char *letter = code; *letter; letter++) {
        *letter = *letter == '-' ? ' ' : g_ascii_tolower(*letter);
    }
    host_outcome_is(&host, &first.id, code, OUTCOME_GRANTED);
    g_auto(DeviceOpenAnswer) second = host_opened(&host, "alice");
    host_denied(&host, &second.id, code, REASON_ONE_TIME_WRONG);
    host_denied(&host, &second.id, "", REASON_ONE_TIME_WRONG); /* the conversation is over */
}

static void a_wrong_old_or_replaced_one_does_not(void)
{
    g_auto(Host) host = {0};
    host_open(&host);
    g_autofree char *replaced = draw(&host);
    g_autofree char *code = draw(&host);
    g_autofree char *wrong = bent(code);
    const char *const typed[] = {wrong, replaced};

    for (guint i = 0; i < G_N_ELEMENTS(typed); i++) {
        g_auto(DeviceOpenAnswer) device = host_opened(&host, "alice");
        host_denied(&host, &device.id, typed[i], REASON_ONE_TIME_WRONG);
    }
    house_advance(host.house, ONE_TIME_LIFE_USEC);
    g_auto(DeviceOpenAnswer) late = host_opened(&host, "alice");
    host_denied(&host, &late.id, code, REASON_ONE_TIME_WRONG);
}

static void it_is_for_the_linked_user_alone(void)
{
    static const char *const users[] = {"carol", "root", "", "\xff\n/"};
    g_auto(Host) host = {0};
    host_open(&host);
    g_autofree char *code = draw(&host);

    for (guint i = 0; i < G_N_ELEMENTS(users); i++) {
        g_auto(DeviceOpenAnswer) device = host_opened(&host, users[i]);
        host_denied(&host, &device.id, code, REASON_ONE_TIME_WRONG);
    }
    g_auto(DeviceOpenAnswer) device = host_opened(&host, "alice");
    host_outcome_is(&host, &device.id, code, OUTCOME_GRANTED);
}

static void who_has_signed_out_since_stays_outside(void)
{
    g_auto(Host) host = {0};
    host_open(&host);
    g_autofree char *code = draw(&host);
    g_autofree char *token = host_form_token(&host, &host.alice);
    const MeAsked asked = {.caller = &host.alice, .form_token = token};
    PlainAnswer answer;
    g_auto(DeviceOpenAnswer) device = host_opened(&host, "alice");

    g_assert_cmpint(
        house_run(host.house, &session_sign_out_act, &asked, &answer), ==, OUTCOME_GRANTED);
    host_denied(&host, &device.id, code, REASON_ONE_TIME_WRONG);
}

static void uid_0_wants_one_of_a_sign_in_made_since_the_prompt(void)
{
    g_auto(Host) host = {0};
    host_open(&host);

    host.superuser = TRUE;
    host.alice.session->signed_in_usec = host.house->now_usec - 1;
    g_autofree char *before = draw(&host);
    g_auto(DeviceOpenAnswer) first = host_opened(&host, "alice");
    host_denied(&host, &first.id, before, REASON_NEW_SIGN_IN);
    g_auto(DeviceOpenAnswer) second = host_opened(&host, "alice");
    host.alice.session->signed_in_usec = host.house->now_usec;
    g_autofree char *after = draw(&host);
    host_outcome_is(&host, &second.id, after, OUTCOME_GRANTED);
}

/* sshd makes of what a stranger types something else; no shape must be told from another. */
static void whatever_is_typed_is_wrong_alike(void)
{
    static const char *const typed[] = {"?", "12", "BCDFG-HJKLM", "a password"};
    g_auto(Host) host = {0};
    host_open(&host);

    for (guint i = 0; i < G_N_ELEMENTS(typed); i++) {
        g_autofree char *remote = g_strdup_printf("203.0.113.%u", i);
        host.remote = remote;
        g_assert_cmpuint(wrong_tries(&host, typed[i]), ==, 10);
    }
}

/* On the host itself each asker has tries of his own. */
static void who_sits_at_the_host_spends_nobody_elses_tries(void)
{
    g_auto(Host) host = {0};
    host_open(&host);
    g_autofree char *code = draw(&host);

    host.remote = "";
    host.asker = "mallory";
    g_assert_cmpuint(wrong_tries(&host, "BCDFG-HJKLM"), ==, 10);
    host.asker = "alice";
    g_auto(DeviceOpenAnswer) device = host_opened(&host, "alice");
    host_outcome_is(&host, &device.id, code, OUTCOME_GRANTED);
}

static void who_is_suspended_meanwhile_stays_outside(void)
{
    g_auto(Host) host = {0};
    host_open(&host);
    g_autofree char *code = draw(&host);
    g_auto(DeviceOpenAnswer) device = host_opened(&host, "alice");

    people_suspend(host.house, &host.alice);
    host_denied(&host, &device.id, code, REASON_SUSPENDED);
}

static void wrong_ones_are_counted_and_right_ones_are_not(void)
{
    g_auto(Host) host = {0};
    host_open(&host);

    for (guint i = 0; i < 2; i++) {
        g_autofree char *right = draw(&host);
        g_auto(DeviceOpenAnswer) device = host_opened(&host, "alice");
        host_outcome_is(&host, &device.id, right, OUTCOME_GRANTED);
    }
    g_autofree char *code = draw(&host);
    g_autofree char *wrong = bent(code);
    g_assert_cmpuint(wrong_tries(&host, wrong), ==, 10);
    g_auto(DeviceOpenAnswer) same = host_opened(&host, "alice");
    host_denied(&host, &same.id, code, REASON_TOO_MANY); /* right, too */
    host.remote = "203.0.113.7";
    g_auto(DeviceOpenAnswer) elsewhere = host_opened(&host, "alice");
    host_outcome_is(&host, &elsewhere.id, code, OUTCOME_GRANTED);
}

static Reason wrong_from(Host *host, const char *remote)
{
    host->remote = remote;
    g_auto(DeviceOpenAnswer) device = host_opened(host, "alice");
    const DeviceAnswerAsked asked = {&host->root, &device.id, "BCDFG-HJKLM"};
    DeviceAnswerAnswer answer;
    (void)house_run(host->house, &device_answer_act, &asked, &answer);
    Reason reason = answer.reason;

    house_clear(&device_answer_act, &answer);
    return reason;
}

static void P13_wrong_codes_from_everywhere_leave_each_address_one_try(void)
{
    g_auto(Host) host = {0};
    host_open(&host);

    for (guint i = 0; i < 300; i++) {
        g_autofree char *remote = g_strdup_printf("10.0.%u.%u", i / 250, i % 250);
        g_assert_cmpint(wrong_from(&host, remote), ==, REASON_ONE_TIME_WRONG);
    }
    g_assert_cmpint(wrong_from(&host, "10.1.0.1"), ==, REASON_ONE_TIME_WRONG); /* its one */
    g_assert_cmpint(wrong_from(&host, "10.1.0.1"), ==, REASON_TOO_MANY);
    for (guint i = 0; i < 2; i++) {
        g_autofree char *code = draw(&host);
        host.remote = "203.0.113.7";
        g_auto(DeviceOpenAnswer) device = host_opened(&host, "alice");
        host_outcome_is(&host, &device.id, code, OUTCOME_GRANTED); /* a right one costs nothing */
    }
}

static void P13_who_knocks_takes_the_pages_code_but_not_these(void)
{
    g_auto(Host) host = {0};
    host_open(&host);
    g_autofree char *code = draw(&host);

    for (guint i = 0; i < 30; i++) {
        g_autofree char *remote = g_strdup_printf("198.51.100.%u", i);
        host.remote = remote;
        g_auto(DeviceOpenAnswer) knock = host_opened(&host, "alice");
        g_assert_nonnull(knock.user_code);
    }
    host.remote = "203.0.113.7";
    g_auto(DeviceOpenAnswer) device = host_opened(&host, "alice");
    g_assert_null(device.user_code);
    g_assert_null(device.device_code);
    host_outcome_is(&host, &device.id, code, OUTCOME_GRANTED);
}

static void drawing_needs_form_token_fresh_sign_in_and_ones_own_name(void)
{
    g_auto(Host) host = {0};
    host_open(&host);
    const Id identity = identity_at_host(&host, &host.alice);
    const OneTimeDrawAsked bad = {&host.alice, "AAAA", &identity};
    OneTimeDrawAnswer answer;
    g_autofree char *code = NULL;

    g_assert_cmpint(house_run(host.house, &one_time_draw_act, &bad, &answer), ==, OUTCOME_DENIED);
    g_assert_cmpint(answer.reason, ==, REASON_FORM_TOKEN);
    house_clear(&one_time_draw_act, &answer);
    g_assert_cmpint(try_draw(&host, &host.bob, &identity, &code), ==, REASON_NOT_FOUND);
    g_assert_cmpint(try_draw(&host, &host.alice, &ID_NONE, &code), ==, REASON_NOT_FOUND);
    house_advance(host.house, 16 * USEC_PER_MINUTE);
    g_assert_cmpint(try_draw(&host, &host.alice, &identity, &code), ==, REASON_STALE_SIGN_IN);
}

static void an_app_has_none(void)
{
    g_auto(Host) host = {0};
    host_open(&host);
    g_autofree char *shop = people_app(host.house, host.house->tenant, "Shop");
    const MeAsked asked = {.caller = &host.bob};
    TokenAnswer tokens = {0};
    MeAnswer me;
    g_autofree char *code = NULL;

    people_tokens(host.house, &host.bob, shop, "openid", &tokens);
    g_assert_cmpint(house_run(host.house, &me_show_act, &asked, &me), ==, OUTCOME_GRANTED);
    const SessionAppRow *row = &g_array_index(me.apps, SessionAppRow, 0);
    g_assert_false(row->takes_code);
    g_assert_cmpint(try_draw(&host, &host.bob, &row->identity, &code), ==, REASON_NOT_FOUND);
    house_clear(&me_show_act, &me);
    token_answer_clear(&tokens);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define TEST(promise) g_test_add_func("/core/one-time/" #promise, promise)
    TEST(it_lets_in_once_however_it_is_typed);
    TEST(a_wrong_old_or_replaced_one_does_not);
    TEST(it_is_for_the_linked_user_alone);
    TEST(who_has_signed_out_since_stays_outside);
    TEST(uid_0_wants_one_of_a_sign_in_made_since_the_prompt);
    TEST(whatever_is_typed_is_wrong_alike);
    TEST(who_sits_at_the_host_spends_nobody_elses_tries);
    TEST(who_is_suspended_meanwhile_stays_outside);
    TEST(P2_nor_does_it_let_him_in_when_he_is_back);
    TEST(wrong_ones_are_counted_and_right_ones_are_not);
    TEST(P13_wrong_codes_from_everywhere_leave_each_address_one_try);
    TEST(P13_who_knocks_takes_the_pages_code_but_not_these);
    TEST(drawing_needs_form_token_fresh_sign_in_and_ones_own_name);
    TEST(an_app_has_none);
    return g_test_run();
}
