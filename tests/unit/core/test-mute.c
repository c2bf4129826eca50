/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "core/mute.h"

#include "core/approval.h"
#include "core/event.h"
#include "core/one-time.h"

#include "host.h"
#include "people.h"

#include <string.h>

static Reason try_mute(Host *host, const Caller *caller, const char *code)
{
    g_autofree char *token = host_form_token(host, caller);
    const DeviceDecideAsked asked = {
        .caller = caller, .user_code = code, .form_token = token, .muted = TRUE};
    DeviceDecideAnswer answer;
    Outcome outcome = house_run(host->house, &device_decide_act, &asked, &answer);
    Reason reason = answer.reason;

    g_assert_cmpint(outcome == OUTCOME_GRANTED, ==, reason == REASON_NONE);
    house_clear(&device_decide_act, &answer);
    return reason;
}

static void mute_alice(Host *host)
{
    g_auto(DeviceOpenAnswer) device = host_opened(host, "alice");

    g_assert_cmpint(try_mute(host, &host->alice, device.user_code), ==, REASON_NONE);
    host_denied(host, &device.id, "", REASON_DECLINED);
}

static GPtrArray *rows_of(Host *host, const Caller *caller)
{
    g_autoptr(Txn) txn = house_begin(host->house, host->house->tenant);
    GPtrArray *rows = mute_rows(txn, &caller->account->id, NULL);

    house_commit(txn);
    g_assert_nonnull(rows);
    return rows;
}

static Reason end_it(Host *host, const Caller *caller, const Id *id)
{
    g_autofree char *token = host_form_token(host, caller);
    const MeAsked asked = {.caller = caller, .target = id, .form_token = token};
    PlainAnswer answer;

    house_run(host->house, &mute_end_act, &asked, &answer);
    return answer.reason;
}

/* Approved on the page a moment before, or by somebody whom the page doesn't tell. */
static void what_was_approved_is_refused_while_muted(void)
{
    g_auto(Host) host = {0};
    host_open(&host);
    g_auto(DeviceOpenAnswer) before = host_opened(&host, "alice");
    g_assert_cmpint(host_decide(&host, &host.alice, before.user_code, TRUE, NULL), ==, REASON_NONE);
    host.remote = "203.0.113.7";
    mute_alice(&host);

    host_denied(&host, &before.id, "", REASON_MUTED);
    g_auto(DeviceOpenAnswer) after = host_opened(&host, "alice");
    g_assert_nonnull(after.user_code); /* the prompt tells nobody */
    g_assert_cmpint(host_decide(&host, &host.alice, after.user_code, TRUE, NULL), ==, REASON_MUTED);
    host_outcome_is(&host, &after.id, "", OUTCOME_PENDING);
    g_assert_cmpint(host_decide(&host, &host.alice, after.user_code, FALSE, NULL), ==, REASON_NONE);
}

static void only_the_linked_account_mutes_and_others_see_no_difference(void)
{
    g_auto(Host) host = {0};
    host_open(&host);
    static const char *const users[] = {"alice", "carol"};
    DeviceLookAnswer page;

    for (guint i = 0; i < 2 * G_N_ELEMENTS(users); i++) {
        const char *user = users[i % 2];
        if (i == 2) {
            house_advance(host.house, 11 * USEC_PER_MINUTE);
            host.alice.session->signed_in_usec = host.house->now_usec;
            host.bob.session->signed_in_usec = host.house->now_usec;
            mute_alice(&host);
        }
        g_auto(DeviceOpenAnswer) device = host_opened(&host, user);
        g_test_message("%u", i);
        g_assert_cmpint(host_look(&host, &host.bob, device.user_code, &page), ==, OUTCOME_GRANTED);
        g_assert_false(page.may_mute);
        house_clear(&device_look_act, &page);
        g_assert_cmpint(try_mute(&host, &host.bob, device.user_code), ==, REASON_NOT_PERMITTED);
        host_outcome_is(&host, &device.id, NULL, OUTCOME_PENDING);
        g_assert_cmpint(
            host_decide(&host, &host.bob, device.user_code, TRUE, NULL), ==, REASON_NONE);
    }
    g_autoptr(GPtrArray) rows = rows_of(&host, &host.bob);
    g_assert_cmpuint(rows->len, ==, 0);
}

static void who_is_linked_sees_the_button_and_then_that_it_is_muted(void)
{
    g_auto(Host) host = {0};
    host_open(&host);
    DeviceLookAnswer page;
    g_auto(DeviceOpenAnswer) device = host_opened(&host, "alice");

    g_assert_cmpint(host_look(&host, &host.alice, device.user_code, &page), ==, OUTCOME_GRANTED);
    g_assert_true(page.may_mute);
    house_clear(&device_look_act, &page);
    mute_alice(&host);
    g_auto(DeviceOpenAnswer) muted = host_opened(&host, "alice");
    g_assert_cmpint(host_look(&host, &host.alice, muted.user_code, &page), ==, OUTCOME_DENIED);
    g_assert_cmpint(page.reason, ==, REASON_MUTED);
    house_clear(&device_look_act, &page);
    g_assert_cmpint(try_mute(&host, &host.alice, muted.user_code), ==, REASON_MUTED);
    g_auto(DeviceOpenAnswer) of_carol = host_opened(&host, "carol");
    g_assert_cmpint(host_look(&host, &host.alice, of_carol.user_code, &page), ==, OUTCOME_GRANTED);
    g_assert_false(page.may_mute);
    house_clear(&device_look_act, &page);
}

static void alice_is_let_in(Host *host)
{
    g_auto(DeviceOpenAnswer) device = host_opened(host, "alice");

    host->alice.session->signed_in_usec = host->house->now_usec;
    g_assert_cmpint(host_decide(host, &host->alice, device.user_code, TRUE, NULL), ==, REASON_NONE);
    host_outcome_is(host, &device.id, "", OUTCOME_GRANTED);
}

static void it_is_over_after_an_hour_or_by_hand_and_not_by_others(void)
{
    g_auto(Host) host = {0};
    host_open(&host);

    mute_alice(&host);
    house_advance(host.house, MUTE_USEC - 1);
    g_autoptr(GPtrArray) still = rows_of(&host, &host.alice);
    g_assert_cmpuint(still->len, ==, 1);
    house_advance(host.house, 1);
    g_autoptr(GPtrArray) over = rows_of(&host, &host.alice);
    g_assert_cmpuint(over->len, ==, 0);
    alice_is_let_in(&host);

    mute_alice(&host);
    g_autoptr(GPtrArray) rows = rows_of(&host, &host.alice);
    const Mute *mute = rows->pdata[0];
    g_assert_cmpstr(mute->local_user, ==, "alice");
    g_assert_cmpint(end_it(&host, &host.bob, &mute->id), ==, REASON_NOT_FOUND);
    g_assert_cmpint(end_it(&host, &host.alice, NULL), ==, REASON_NOT_FOUND);
    g_assert_cmpint(end_it(&host, &host.alice, &mute->id), ==, REASON_NONE);
    g_assert_cmpint(end_it(&host, &host.alice, &mute->id), ==, REASON_NOT_FOUND);
    alice_is_let_in(&host);
}

static void others_who_may_be_the_user_are_let_in(void)
{
    g_auto(Host) host = {0};
    host_open(&host);

    host_link(&host, "alice", "bob@example.org");
    mute_alice(&host);
    g_auto(DeviceOpenAnswer) device = host_opened(&host, "alice");
    g_assert_cmpint(
        host_decide(&host, &host.alice, device.user_code, TRUE, NULL), ==, REASON_MUTED);
    g_assert_cmpint(host_decide(&host, &host.bob, device.user_code, TRUE, NULL), ==, REASON_NONE);
    host_outcome_is(&host, &device.id, "", OUTCOME_GRANTED);
}

static void a_form_of_another_session_ends_nothing(void)
{
    g_auto(Host) host = {0};
    host_open(&host);
    mute_alice(&host);
    g_autoptr(GPtrArray) rows = rows_of(&host, &host.alice);
    g_autofree char *of_bob = host_form_token(&host, &host.bob);
    const MeAsked asked = {&host.alice, &((const Mute *)rows->pdata[0])->id, of_bob};
    PlainAnswer answer;

    g_assert_cmpint(house_run(host.house, &mute_end_act, &asked, &answer), ==, OUTCOME_DENIED);
    g_assert_cmpint(answer.reason, ==, REASON_FORM_TOKEN);
}

static void the_bus_neither_shows_nor_approves_what_is_muted(void)
{
    g_auto(Host) host = {0};
    host_open(&host);
    mute_alice(&host);
    host.remote = NULL;
    g_auto(DeviceOpenAnswer) device = host_opened(&host, "alice");
    ApprovalAsked asked = {
        .caller = &host.root, .own_user = "alice", .ids = &device.id, .n_ids = 1, .id = &device.id};
    ApprovalAnswer answer;

    g_assert_cmpint(
        house_run(host.house, &approval_list_act, &asked, &answer), ==, OUTCOME_GRANTED);
    g_assert_cmpuint(answer.rows->len, ==, 0);
    house_clear(&approval_list_act, &answer);
    g_assert_cmpint(
        house_run(host.house, &approval_news_act, &asked, &answer), ==, OUTCOME_GRANTED);
    g_assert_false(answer.from_here);
    house_clear(&approval_news_act, &answer);
    for (guint i = 0; i < 2; i++) {
        asked.everybody = i == 1;
        g_assert_cmpint(
            house_run(host.house, &approval_approve_act, &asked, &answer), ==, OUTCOME_DENIED);
        g_assert_cmpint(answer.reason, ==, REASON_ONLY_ON_PAGE);
        g_assert_nonnull(strstr(answer.problem, "muted"));
        house_clear(&approval_approve_act, &answer);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/core/mute/approved", what_was_approved_is_refused_while_muted);
    g_test_add_func(
        "/core/mute/P3_strangers", only_the_linked_account_mutes_and_others_see_no_difference);
    g_test_add_func("/core/mute/linked", who_is_linked_sees_the_button_and_then_that_it_is_muted);
    g_test_add_func("/core/mute/over", it_is_over_after_an_hour_or_by_hand_and_not_by_others);
    g_test_add_func("/core/mute/others", others_who_may_be_the_user_are_let_in);
    g_test_add_func("/core/mute/form", a_form_of_another_session_ends_nothing);
    g_test_add_func("/core/mute/bus", the_bus_neither_shows_nor_approves_what_is_muted);
    return g_test_run();
}
