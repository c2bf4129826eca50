/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "core/account.h"
#include "core/link-request.h"
#include "core/outbox.h"
#include "core/session.h"

#include "host.h"
#include "people.h"

#include <string.h>

#define ALICE_UID   1000U
#define MALLORY_UID 1001U

typedef struct Desk {
    Host host;   /* sshd and sudo are enabled; alice's account is linked by an administrator */
    Caller user; /* the bus: somebody who is logged in as carol */
} Desk;

static void enable(Desk *desk, const char *name)
{
    const ServiceAsked asked = {&desk->host.root, name};
    PlainAnswer answer;

    g_assert_cmpint(
        house_run(desk->host.house, &service_enable_act, &asked, &answer), ==, OUTCOME_GRANTED);
}

static void desk_open(Desk *desk)
{
    host_open(&desk->host);
    enable(desk, "sudo");
    enable(desk, "login");
    desk->user = house_caller(desk->host.house, CALLER_BUS);
    desk->user.uid = ALICE_UID;
}

static void desk_close(Desk *desk)
{
    host_close(&desk->host);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Desk, desk_close)

static void asking_clear(LinkRequestAnswer *answer)
{
    house_clear(&link_request_open_act, answer);
}
typedef LinkRequestAnswer Asking;
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Asking, asking_clear)

static Reason try_ask(Desk *desk, const char *user, const char *const *services, Asking *ret_answer)
{
    const LinkAsked asked = {.caller = &desk->user, .local_user = user, .services = services};
    Outcome outcome = house_run(desk->host.house, &link_request_open_act, &asked, ret_answer);

    g_assert_cmpint(outcome == OUTCOME_GRANTED, ==, ret_answer->reason == REASON_NONE);
    return ret_answer->reason;
}

static Asking ask(Desk *desk, const char *user)
{
    Asking answer;

    g_assert_cmpint(try_ask(desk, user, NULL, &answer), ==, REASON_NONE);
    return answer;
}

static Reason look(Desk *desk, const Caller *person, const char *code)
{
    const LinkPageAsked asked = {.caller = person, .user_code = code};
    LinkPageAnswer answer;

    (void)house_run(desk->host.house, &link_request_look_act, &asked, &answer);
    Reason reason = answer.reason;
    house_clear(&link_request_look_act, &answer);
    return reason;
}

/* *ret_number: (out) (optional) (transfer full) */
static Reason
decide(Desk *desk, const Caller *person, const char *code, gboolean approved, char **ret_number)
{
    g_autofree char *token = host_form_token(&desk->host, person);
    const LinkPageAsked asked = {person, code, token, approved};
    LinkPageAnswer answer;
    Outcome outcome = house_run(desk->host.house, &link_request_decide_act, &asked, &answer);
    Reason reason = answer.reason;

    g_assert_cmpint(outcome == OUTCOME_GRANTED, ==, reason == REASON_NONE);
    g_assert_cmpint(outcome == OUTCOME_GRANTED && approved, ==, answer.number != NULL);
    if (ret_number) {
        *ret_number = g_strdup(answer.number);
    }
    house_clear(&link_request_decide_act, &answer);
    return reason;
}

static Outcome finish(Desk *desk, const Id *id, const char *typed, Reason *ret_reason)
{
    const LinkFinishAsked asked = {.caller = &desk->user, .id = id, .typed = typed};
    LinkAnswer answer;
    Outcome outcome = house_run(desk->host.house, &link_request_finish_act, &asked, &answer);

    *ret_reason = answer.reason;
    g_assert_cmpint(outcome == OUTCOME_DENIED, ==, answer.reason != REASON_NONE);
    house_clear(&link_request_finish_act, &answer);
    return outcome;
}

static void finish_is(Desk *desk, const Id *id, const char *typed, Outcome wanted, Reason why)
{
    Reason reason = REASON_NONE;

    g_assert_cmpint(finish(desk, id, typed, &reason), ==, wanted);
    g_assert_cmpint(reason, ==, why);
}

/* The whole way. */
static void link_by_himself(Desk *desk, const char *user, const Caller *person)
{
    g_auto(Asking) asking = ask(desk, user);
    g_autofree char *number = NULL;

    g_assert_cmpint(decide(desk, person, asking.user_code, TRUE, &number), ==, REASON_NONE);
    finish_is(desk, &asking.id, number, OUTCOME_GRANTED, REASON_NONE);
}

static gboolean may(Desk *desk, const Caller *person, const char *service, const char *user)
{
    g_autoptr(Txn) txn = house_begin(desk->host.house, desk->host.house->tenant);
    Id identity = ID_NONE;

    g_assert_true(link_find(txn, &person->account->id, service, user, &identity, NULL));
    house_commit(txn);
    return !id_is_none(&identity);
}

static gboolean anybody_may(Desk *desk, const char *service, const char *user)
{
    DeviceAccountAnswer answer;
    Outcome outcome = host_account(&desk->host, service, user, &answer);

    house_clear(&device_account_act, &answer);
    return outcome == OUTCOME_GRANTED;
}

static void an_account_is_linked_when_both_have_agreed(void)
{
    g_auto(Desk) desk = {0};
    desk_open(&desk);
    g_auto(Asking) asking = ask(&desk, "carol");
    g_autofree char *number = NULL;

    finish_is(&desk, &asking.id, "", OUTCOME_PENDING, REASON_NONE);
    finish_is(&desk, &asking.id, "00", OUTCOME_PENDING, REASON_NONE);
    g_assert_cmpint(look(&desk, &desk.host.bob, asking.user_code), ==, REASON_NONE);
    g_assert_cmpint(
        decide(&desk, &desk.host.bob, asking.user_code, TRUE, &number), ==, REASON_NONE);
    g_assert_false(may(&desk, &desk.host.bob, "sshd", "carol"));
    finish_is(&desk, &asking.id, "", OUTCOME_PENDING, REASON_NONE);
    g_assert_false(may(&desk, &desk.host.bob, "sshd", "carol"));
    finish_is(&desk, &asking.id, number, OUTCOME_GRANTED, REASON_NONE);
    g_assert_true(may(&desk, &desk.host.bob, "sshd", "carol"));
    g_assert_true(may(&desk, &desk.host.bob, "login", "carol"));
    g_assert_false(may(&desk, &desk.host.bob, "sshd", "alice"));
    finish_is(&desk, &asking.id, number, OUTCOME_DENIED, REASON_CODE_EXPIRED); /* a replay */
}

static void what_an_administrator_links_nobody_gives_himself(void)
{
    static const char *const reserved[] = {"sudo", "sudo-i", "su", "su-l", "polkit-1", "doas"};
    g_auto(Desk) desk = {0};
    desk_open(&desk);

    for (guint i = 0; i < G_N_ELEMENTS(reserved); i++) {
        const char *const names[] = {"sshd", reserved[i], NULL};
        g_auto(Asking) asking = {0};
        g_assert_cmpint(try_ask(&desk, "carol", names, &asking), ==, REASON_LINK_RESERVED);
    }
    link_by_himself(&desk, "carol", &desk.host.bob);
    g_assert_false(may(&desk, &desk.host.bob, "sudo", "carol"));
    g_assert_false(may(&desk, &desk.host.bob, "sudo-i", "carol"));
}

static void a_privileged_user_is_refused_at_the_beginning_and_at_the_end(void)
{
    g_auto(Desk) desk = {0};
    desk_open(&desk);
    const LinkAsked root = {.caller = &desk.user, .local_user = "root", .privileged = TRUE};
    LinkRequestAnswer refused;

    g_assert_cmpint(
        house_run(desk.host.house, &link_request_open_act, &root, &refused), ==, OUTCOME_DENIED);
    g_assert_cmpint(refused.reason, ==, REASON_LINK_RESERVED);
    house_clear(&link_request_open_act, &refused);

    g_auto(Asking) asking = ask(&desk, "carol"); /* and then carol comes into the group sudo */
    g_autofree char *number = NULL;
    g_assert_cmpint(
        decide(&desk, &desk.host.bob, asking.user_code, TRUE, &number), ==, REASON_NONE);
    const LinkFinishAsked late = {&desk.user, &asking.id, number, TRUE};
    LinkAnswer answer;
    g_assert_cmpint(
        house_run(desk.host.house, &link_request_finish_act, &late, &answer), ==, OUTCOME_DENIED);
    g_assert_cmpint(answer.reason, ==, REASON_LINK_RESERVED);
    house_clear(&link_request_finish_act, &answer);
    finish_is(&desk, &asking.id, number, OUTCOME_DENIED, REASON_CODE_EXPIRED);
    g_assert_false(may(&desk, &desk.host.bob, "sshd", "carol"));
}

static void who_sees_or_guesses_a_code_links_nothing(void)
{
    g_auto(Desk) desk = {0};
    desk_open(&desk);
    g_auto(Asking) asking = ask(&desk, "carol");
    g_autofree char *of_mallory = NULL;

    /* mallory was first: carol's own page says so, and she has no number */
    g_assert_cmpint(
        decide(&desk, &desk.host.bob, asking.user_code, TRUE, &of_mallory), ==, REASON_NONE);
    g_assert_cmpint(look(&desk, &desk.host.alice, asking.user_code), ==, REASON_CODE_WRONG);
    g_assert_cmpint(
        decide(&desk, &desk.host.alice, asking.user_code, TRUE, NULL), ==, REASON_CODE_WRONG);
    finish_is(
        &desk, &asking.id, g_str_equal(of_mallory, "00") ? "01" : "00", OUTCOME_DENIED,
        REASON_NUMBER_WRONG);
    finish_is(&desk, &asking.id, of_mallory, OUTCOME_DENIED, REASON_CODE_EXPIRED);
    g_assert_false(may(&desk, &desk.host.bob, "sshd", "carol"));
}

static void a_request_is_its_own_users_and_ends(void)
{
    g_auto(Desk) desk = {0};
    desk_open(&desk);
    g_auto(Asking) asking = ask(&desk, "carol");
    g_auto(Asking) cancelled = ask(&desk, "carol");
    g_autofree char *number = NULL;
    const LinkFinishAsked cancel = {.caller = &desk.user, .id = &cancelled.id};
    PlainAnswer answer;

    g_assert_cmpint(
        decide(&desk, &desk.host.bob, asking.user_code, TRUE, &number), ==, REASON_NONE);
    desk.user.uid = MALLORY_UID;
    finish_is(&desk, &asking.id, number, OUTCOME_DENIED, REASON_CODE_EXPIRED);
    desk.user.uid = ALICE_UID;
    house_advance(desk.host.house, LINK_REQUEST_LIFE_USEC);
    finish_is(&desk, &asking.id, number, OUTCOME_DENIED, REASON_CODE_EXPIRED);
    g_assert_cmpint(
        decide(&desk, &desk.host.bob, cancelled.user_code, TRUE, NULL), ==, REASON_CODE_WRONG);

    g_auto(Asking) third = ask(&desk, "carol");
    const LinkFinishAsked gone = {.caller = &desk.user, .id = &third.id};
    (void)house_run(desk.host.house, &link_request_cancel_act, &cancel, &answer);
    g_assert_cmpint(
        house_run(desk.host.house, &link_request_cancel_act, &gone, &answer), ==, OUTCOME_GRANTED);
    g_assert_cmpint(
        decide(&desk, &desk.host.bob, third.user_code, TRUE, NULL), ==, REASON_CODE_WRONG);
    g_assert_cmpint(
        house_run(desk.host.house, &link_request_cancel_act, &gone, &answer), ==, OUTCOME_DENIED);
}

static void the_page_wants_a_fresh_sign_in_and_its_own_form(void)
{
    g_auto(Desk) desk = {0};
    desk_open(&desk);
    g_autofree char *of_alice = host_form_token(&desk.host, &desk.host.alice);
    LinkPageAnswer answer;

    house_advance(desk.host.house, 16 * USEC_PER_MINUTE);
    g_auto(Asking) asking = ask(&desk, "carol");
    g_assert_cmpint(look(&desk, &desk.host.bob, asking.user_code), ==, REASON_STALE_SIGN_IN);
    g_assert_cmpint(
        decide(&desk, &desk.host.bob, asking.user_code, TRUE, NULL), ==, REASON_STALE_SIGN_IN);
    desk.host.bob.session->signed_in_usec = desk.host.house->now_usec;
    const LinkPageAsked forged = {&desk.host.bob, asking.user_code, of_alice, TRUE};
    g_assert_cmpint(
        house_run(desk.host.house, &link_request_decide_act, &forged, &answer), ==, OUTCOME_DENIED);
    g_assert_cmpint(answer.reason, ==, REASON_FORM_TOKEN);
    house_clear(&link_request_decide_act, &answer);
    g_assert_cmpint(decide(&desk, &desk.host.bob, asking.user_code, FALSE, NULL), ==, REASON_NONE);
    finish_is(&desk, &asking.id, "00", OUTCOME_DENIED, REASON_DECLINED);
}

static void wrong_codes_are_counted_and_a_sign_ins_code_is_no_links(void)
{
    g_auto(Desk) desk = {0};
    desk_open(&desk);
    g_auto(Asking) asking = ask(&desk, "carol");
    g_auto(DeviceOpenAnswer) device = host_opened(&desk.host, "alice");

    g_assert_cmpint(
        host_decide(&desk.host, &desk.host.bob, asking.user_code, TRUE, NULL), ==,
        REASON_LINK_ASKED);
    finish_is(&desk, &asking.id, "00", OUTCOME_PENDING, REASON_NONE);
    g_assert_cmpint(
        decide(&desk, &desk.host.alice, device.user_code, TRUE, NULL), ==, REASON_CODE_WRONG);
    host_outcome_is(&desk.host, &device.id, "", OUTCOME_PENDING);
    for (guint i = 0; i < 6; i++) {
        g_assert_cmpint(
            look(&desk, &desk.host.bob, "BBBB-BBBB"), ==,
            i < 5 ? REASON_CODE_WRONG : REASON_TOO_MANY);
    }
    g_assert_cmpint(
        decide(&desk, &desk.host.bob, asking.user_code, TRUE, NULL), ==, REASON_TOO_MANY);
}

static void asking_is_limited_by_local_user(void)
{
    g_auto(Desk) desk = {0};
    desk_open(&desk);
    const guint count = desk.host.house->tenant->limits[LIMIT_OWN_LINK].count;

    for (guint i = 0; i < count; i++) {
        g_auto(Asking) asking = ask(&desk, "carol");
    }
    g_auto(Asking) refused = {0};
    g_assert_cmpint(try_ask(&desk, "carol", NULL, &refused), ==, REASON_TOO_MANY);
    g_auto(Asking) other = ask(&desk, "dave");
}

static gint by_text(gconstpointer a, gconstpointer b)
{
    return g_strcmp0(*(char *const *)a, *(char *const *)b);
}

/* Addresses of the mails that wait, in order; taken. */
static char *mails(Desk *desk)
{
    const Caller caller = house_caller(desk->host.house, CALLER_DAEMON);
    const OutboxAsked asked = {.caller = &caller, .max = 10};
    OutboxAnswer answer;
    g_autoptr(GPtrArray) words = g_ptr_array_new_with_free_func(g_free);

    g_assert_cmpint(
        house_run(desk->host.house, &outbox_take_act, &asked, &answer), ==, OUTCOME_GRANTED);
    for (guint i = 0; i < answer.entries->len; i++) {
        const OutboxEntry *entry = answer.entries->pdata[i];
        g_assert_cmpint(entry->kind, ==, OUTBOX_MAIL_LINKED);
        g_assert_cmpstr(entry->local_user, ==, "alice");
        g_assert_nonnull(strstr(entry->services, "sshd"));
        g_assert_null(strstr(entry->services, "sudo"));
        g_ptr_array_add(words, g_strdup(entry->to));
    }
    g_ptr_array_sort(words, by_text);
    g_ptr_array_add(words, NULL);
    house_clear(&outbox_take_act, &answer);
    return g_strjoinv(" ", (char **)words->pdata);
}

static void suspend(Desk *desk, const Caller *person)
{
    const AccountAsked asked = {.caller = &desk->host.root, .id = &person->account->id};
    AccountAnswer answer;

    g_assert_cmpint(
        house_run(desk->host.house, &account_suspend_act, &asked, &answer), ==, OUTCOME_GRANTED);
    house_clear(&account_suspend_act, &answer);
}

static void those_who_may_be_the_user_are_told_and_nobody_else(void)
{
    g_auto(Desk) desk = {0};
    desk_open(&desk);
    link_by_himself(&desk, "alice", &desk.host.bob); /* alice's account was linked before */
    g_autofree char *told = mails(&desk);

    g_assert_cmpstr(told, ==, "alice@example.org bob@example.org");
    suspend(&desk, &desk.host.alice);
    house_advance(desk.host.house, OUTBOX_LEASE_USEC / 2);
    desk.host.bob.session->signed_in_usec = desk.host.house->now_usec;
    link_by_himself(&desk, "alice", &desk.host.bob);
    g_autofree char *later = mails(&desk);
    g_assert_cmpstr(later, ==, "bob@example.org");
}

static void a_link_that_is_not_made_is_not_told(void)
{
    g_auto(Desk) desk = {0};
    desk_open(&desk);
    g_auto(Asking) asking = ask(&desk, "alice");
    g_autofree char *number = NULL;

    /* an administrator's link is not replaced, which would make it smaller */
    g_assert_cmpint(
        decide(&desk, &desk.host.alice, asking.user_code, TRUE, &number), ==, REASON_NONE);
    finish_is(&desk, &asking.id, number, OUTCOME_DENIED, REASON_LINK_STANDS);
    g_autofree char *told = mails(&desk);
    g_assert_cmpstr(told, ==, "");
    g_assert_true(may(&desk, &desk.host.alice, "sshd", "alice"));
}

static void who_was_suspended_after_the_approval_is_not_linked(void)
{
    g_auto(Desk) desk = {0};
    desk_open(&desk);
    g_auto(Asking) asking = ask(&desk, "carol");
    g_autofree char *number = NULL;

    g_assert_cmpint(
        decide(&desk, &desk.host.bob, asking.user_code, TRUE, &number), ==, REASON_NONE);
    house_advance(desk.host.house, USEC_PER_SEC);
    suspend(&desk, &desk.host.bob);
    finish_is(&desk, &asking.id, number, OUTCOME_DENIED, REASON_SUSPENDED);
    g_assert_false(may(&desk, &desk.host.bob, "sshd", "carol"));
}

static void leave(Desk *desk, const Caller *person, const char *service)
{
    g_autofree char *token = host_form_token(&desk->host, person);
    g_autoptr(Txn) txn = house_begin(desk->host.house, desk->host.house->tenant);
    Id identity = ID_NONE;
    PlainAnswer answer;

    g_assert_true(link_find(txn, &person->account->id, service, "carol", &identity, NULL));
    house_commit(txn);
    const MeAsked asked = {.caller = person, .target = &identity, .form_token = token};
    g_assert_cmpint(
        house_run(desk->host.house, &me_leave_act, &asked, &answer), ==, OUTCOME_GRANTED);
}

static void who_leaves_or_is_suspended_loses_such_a_link_at_once(void)
{
    g_auto(Desk) desk = {0};
    desk_open(&desk);
    link_by_himself(&desk, "carol", &desk.host.bob);
    g_assert_true(anybody_may(&desk, "sshd", "carol"));
    g_assert_true(anybody_may(&desk, "login", "carol"));
    leave(&desk, &desk.host.bob, "sshd");
    g_assert_false(anybody_may(&desk, "sshd", "carol"));
    g_assert_true(anybody_may(&desk, "login", "carol"));

    /* approving once more makes a new identity, which is not the linked one */
    g_auto(DeviceOpenAnswer) device = host_opened(&desk.host, "carol");
    host_decide(&desk.host, &desk.host.bob, device.user_code, TRUE, NULL);
    host_denied(&desk.host, &device.id, "", REASON_NO_LINK);

    suspend(&desk, &desk.host.bob);
    g_assert_false(anybody_may(&desk, "login", "carol"));
}

static guint own_links(Desk *desk, const char *user)
{
    const LinkAsked asked = {.caller = &desk->user, .local_user = user};
    LinkAnswer answer;

    g_assert_cmpint(
        house_run(desk->host.house, &link_own_list_act, &asked, &answer), ==, OUTCOME_GRANTED);
    for (guint i = 0; i < answer.rows->len; i++) {
        g_assert_null(g_array_index(answer.rows, LinkRow, i).email);
    }
    guint rows = answer.rows->len;
    house_clear(&link_own_list_act, &answer);
    return rows;
}

static Reason own_remove(Desk *desk, const char *user, const Id *id)
{
    const LinkAsked asked = {.caller = &desk->user, .local_user = user, .id = id};
    PlainAnswer answer;

    (void)house_run(desk->host.house, &link_own_remove_act, &asked, &answer);
    return answer.reason;
}

static void a_person_sees_his_links_without_addresses_and_removes_his_own(void)
{
    g_auto(Desk) desk = {0};
    const Id other = {.bytes = {1}};

    desk_open(&desk);
    link_by_himself(&desk, "alice", &desk.host.bob);
    g_assert_cmpuint(own_links(&desk, "alice"), ==, 2);
    g_assert_cmpuint(own_links(&desk, "carol"), ==, 0);
    g_assert_cmpint(own_remove(&desk, "carol", NULL), ==, REASON_NOT_FOUND);
    g_assert_cmpint(own_remove(&desk, "alice", &other), ==, REASON_NOT_FOUND);
    g_assert_cmpint(own_remove(&desk, "alice", NULL), ==, REASON_NONE);
    g_assert_false(may(&desk, &desk.host.bob, "sshd", "alice"));
    g_assert_true(may(&desk, &desk.host.alice, "sshd", "alice")); /* an administrator's */
    g_assert_cmpint(own_remove(&desk, "alice", NULL), ==, REASON_NOT_FOUND);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/core/link-request/whole", an_account_is_linked_when_both_have_agreed);
    g_test_add_func(
        "/core/link-request/reserved", what_an_administrator_links_nobody_gives_himself);
    g_test_add_func(
        "/core/link-request/privileged",
        a_privileged_user_is_refused_at_the_beginning_and_at_the_end);
    g_test_add_func("/core/link-request/code-seen", who_sees_or_guesses_a_code_links_nothing);
    g_test_add_func("/core/link-request/ends", a_request_is_its_own_users_and_ends);
    g_test_add_func("/core/link-request/page", the_page_wants_a_fresh_sign_in_and_its_own_form);
    g_test_add_func(
        "/core/link-request/counted", wrong_codes_are_counted_and_a_sign_ins_code_is_no_links);
    g_test_add_func("/core/link-request/limit", asking_is_limited_by_local_user);
    g_test_add_func("/core/link-request/told", those_who_may_be_the_user_are_told_and_nobody_else);
    g_test_add_func("/core/link-request/not-told", a_link_that_is_not_made_is_not_told);
    g_test_add_func(
        "/core/link-request/suspended", who_was_suspended_after_the_approval_is_not_linked);
    g_test_add_func(
        "/core/link-request/leaves", who_leaves_or_is_suspended_loses_such_a_link_at_once);
    g_test_add_func(
        "/core/link-request/own", a_person_sees_his_links_without_addresses_and_removes_his_own);
    return g_test_run();
}
