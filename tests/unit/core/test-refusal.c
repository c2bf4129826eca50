/* SPDX-License-Identifier: GPL-3.0-or-later */

/* test-refusal.c - each refusal that a prompt is told has its event, and few of them are written */

#include "core/refusal.h"

#include "host.h"

#include <string.h>

static void open_web01(Host *host)
{
    host_open(host);
    g_free(host->house->config->host_name);
    host->house->config->host_name = g_strdup("web01");
}

/* What is known of an id; NULL: nothing. (transfer full) */
static Event *explained(Host *host, const char *id)
{
    const EventAsked asked = {&host->root, id};
    EventAnswer answer;

    house_run(host->house, &event_explain_act, &asked, &answer);
    Event *event = g_steal_pointer(&answer.event);
    house_clear(&event_explain_act, &answer);
    return event;
}

static void is_told(Host *host, const char *id, Reason reason, const char *detail)
{
    g_autoptr(Event) event = explained(host, id);

    g_assert_nonnull(event);
    g_assert_cmpuint(event->what, ==, EVENT_REFUSAL);
    g_assert_cmpuint(event->outcome, ==, OUTCOME_DENIED);
    g_assert_cmpuint(event->reason, ==, reason);
    g_assert_cmpstr(event->detail, ==, detail);
}

static void is_not_told(Host *host, const char *id)
{
    g_autoptr(Event) event = explained(host, id);

    g_assert_null(event);
}

/* The account phase's refusal: its id. (transfer full) */
static char *account_refused(Host *host, const char *user, gboolean is_new)
{
    DeviceAccountAnswer answer;

    g_assert_cmpint(host_account(host, "sshd", user, &answer), ==, OUTCOME_DENIED);
    g_assert_cmpint(answer.reason, ==, REASON_NO_LINK);
    g_assert_cmpint(answer.event_is_new, ==, is_new);
    char *event = g_steal_pointer(&answer.event);
    house_clear(&device_account_act, &answer);
    g_assert_nonnull(event);
    return event;
}

static void note(Host *host, const char *user, const char *event)
{
    const DeviceAccountAsked asked = {&host->root, "sshd", user, event};
    PlainAnswer answer;

    g_assert_cmpint(
        house_run(host->house, &device_account_note_act, &asked, &answer), ==, OUTCOME_GRANTED);
}

/* Both steps. */
static char *account_noted(Host *host, const char *user)
{
    char *event = account_refused(host, user, TRUE);

    note(host, user, event);
    return event;
}

static void the_account_phase_tells_one_id_a_minute(void)
{
    g_auto(Host) host = {0};
    open_web01(&host);
    g_autofree char *first = account_noted(&host, "carol");

    is_told(&host, first, REASON_NO_LINK, "web01 sshd carol");
    house_advance(host.house, REFUSAL_USEC - 1);
    g_autofree char *again = account_refused(&host, "carol", FALSE);
    g_assert_cmpstr(again, ==, first);
    note(&host, "carol", again); /* who asks all the same changes nothing */
    is_told(&host, first, REASON_NO_LINK, "web01 sshd carol");
    g_autofree char *of_dave = account_noted(&host, "dave");
    g_assert_cmpstr(of_dave, !=, first);
    house_advance(host.house, 1);
    g_autofree char *later = account_noted(&host, "carol");
    g_assert_cmpstr(later, !=, first);
    is_told(&host, later, REASON_NO_LINK, "web01 sshd carol");
    is_told(&host, first, REASON_NO_LINK, "web01 sshd carol");
}

static void the_account_phase_itself_keeps_nothing(void)
{
    g_auto(Host) host = {0};
    open_web01(&host);
    DeviceAccountAnswer answer;
    g_autofree char *first = account_refused(&host, "carol", TRUE);
    g_autofree char *second = account_refused(&host, "carol", TRUE);

    is_not_told(&host, first);
    is_not_told(&host, second);
    g_assert_cmpint(host_account(&host, "sshd", "alice", &answer), ==, OUTCOME_GRANTED);
    g_assert_null(answer.event);
    g_assert_false(answer.event_is_new);
    house_clear(&device_account_act, &answer);
    g_assert_cmpint(host_account(&host, "login", "alice", &answer), ==, OUTCOME_DENIED);
    g_assert_null(answer.event);
    house_clear(&device_account_act, &answer);
}

static void both_that_were_told_before_either_was_kept_are_explained(void)
{
    g_auto(Host) host = {0};
    open_web01(&host);
    g_autofree char *first = account_refused(&host, "carol", TRUE);
    g_autofree char *second = account_refused(&host, "carol", TRUE);

    g_assert_cmpstr(first, !=, second);
    note(&host, "carol", first);
    note(&host, "carol", second);
    is_told(&host, first, REASON_NO_LINK, "web01 sshd carol");
    is_told(&host, second, REASON_NO_LINK, "web01 sshd carol");
    g_autofree char *again = account_refused(&host, "carol", FALSE);
    g_assert_cmpstr(again, ==, first);
}

static void an_id_that_another_event_has_is_not_taken_from_it(void)
{
    g_auto(Host) host = {0};
    open_web01(&host);
    g_autofree char *of_carol = account_noted(&host, "carol");
    const DeviceAccountAsked asked = {&host.root, "sshd", "dave", of_carol};
    g_autoptr(Txn) txn = house_begin(host.house, host.house->tenant);
    g_autoptr(GError) error = NULL;
    PlainAnswer answer = {REASON_NONE};

    g_assert_cmpint(device_account_note(txn, &asked, &answer, &error), ==, OUTCOME_BROKEN);
    g_assert_nonnull(error);
}

/* Of the first "too many" of a user, after whatever else could be begun. (transfer full) */
static char *knocked_until_too_many(Host *host, const char *user)
{
    DeviceOpenAnswer answer;
    guint tries = 0;

    while (host_try_open(host, user, &answer) == OUTCOME_GRANTED) {
        g_assert_null(answer.event);
        house_clear(&device_open_act, &answer);
        g_assert_cmpuint(++tries, <, 100);
    }
    g_assert_cmpint(answer.reason, ==, REASON_TOO_MANY);
    char *event = g_steal_pointer(&answer.event);
    house_clear(&device_open_act, &answer);
    g_assert_nonnull(event);
    return event;
}

static void P3_too_many_is_told_alike_of_whoever_it_is(void)
{
    static const char *const users[] = {"alice", "carol", "nobody-at-all", ""};
    g_auto(Host) host = {0};
    open_web01(&host);

    for (guint i = 0; i < G_N_ELEMENTS(users); i++) {
        g_autofree char *detail = g_strdup_printf("web01 sshd %s", users[i]);
        host.remote = "198.51.100.7";
        g_autofree char *first = knocked_until_too_many(&host, users[i]);
        g_autofree char *again = knocked_until_too_many(&host, users[i]);
        g_assert_cmpstr(again, ==, first);
        is_told(&host, first, REASON_TOO_MANY, detail);
        g_autofree char *account = i > 0 ? account_noted(&host, users[i]) : NULL;
        g_assert_cmpstr(account, !=, first); /* another reason */
        house_advance(host.house, REFUSAL_USEC);
        g_autofree char *later = knocked_until_too_many(&host, users[i]);
        g_assert_cmpstr(later, !=, first);
        is_told(&host, later, REASON_TOO_MANY, detail);
    }
}

static void many_names_of_a_minute_share_one_event(void)
{
    g_auto(Host) host = {0};
    open_web01(&host);
    g_autofree char *first = account_noted(&host, "carol");

    for (guint i = 1; i < REFUSALS_OF_SERVICE_MAX; i++) {
        g_autofree char *user = g_strdup_printf("user%u", i);
        g_autofree char *detail = g_strdup_printf("web01 sshd %s", user);
        g_autofree char *event = account_noted(&host, user);
        is_told(&host, event, REASON_NO_LINK, detail);
    }
    g_autofree char *shared = account_noted(&host, "one too many");
    is_told(&host, shared, REASON_NO_LINK, "web01 sshd (many)");
    g_autofree char *another = account_refused(&host, "two too many", FALSE);
    g_assert_cmpstr(another, ==, shared);
    g_autofree char *still = account_refused(&host, "carol", FALSE);
    g_assert_cmpstr(still, ==, first);
    host.root.uid = 1000; /* whom nobody that came as root takes anything from */
    g_autofree char *himself = account_noted(&host, "one too many");
    is_told(&host, himself, REASON_NO_LINK, "web01 sshd one too many");
    host.root.uid = 0;
    house_advance(host.house, REFUSAL_USEC);
    g_autofree char *later = account_noted(&host, "one too many");
    is_told(&host, later, REASON_NO_LINK, "web01 sshd one too many");
}

static void what_was_told_before_one_was_kept_is_counted_too(void)
{
    char *told[REFUSALS_OF_SERVICE_MAX];
    g_auto(Host) host = {0};
    open_web01(&host);

    for (guint i = 0; i < G_N_ELEMENTS(told); i++) {
        told[i] = account_refused(&host, "carol", TRUE);
    }
    for (guint i = 0; i < G_N_ELEMENTS(told); i++) {
        note(&host, "carol", told[i]);
        is_told(&host, told[i], REASON_NO_LINK, "web01 sshd carol");
        g_free(told[i]);
    }
    g_autofree char *of_dave = account_noted(&host, "dave");
    is_told(&host, of_dave, REASON_NO_LINK, "web01 sshd (many)");
}

static void what_a_prompt_says_of_its_user_is_fit_for_people(void)
{
    g_auto(Host) host = {0};
    open_web01(&host);
    g_autofree char *event = account_noted(&host, "\x1b[2J\nroot");

    is_told(&host, event, REASON_NO_LINK, "web01 sshd \\x1b[2J\\x0aroot");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/core/refusal/minute", the_account_phase_tells_one_id_a_minute);
    g_test_add_func("/core/refusal/reads", the_account_phase_itself_keeps_nothing);
    g_test_add_func("/core/refusal/both", both_that_were_told_before_either_was_kept_are_explained);
    g_test_add_func("/core/refusal/taken", an_id_that_another_event_has_is_not_taken_from_it);
    g_test_add_func("/core/refusal/P3_too_many", P3_too_many_is_told_alike_of_whoever_it_is);
    g_test_add_func("/core/refusal/many", many_names_of_a_minute_share_one_event);
    g_test_add_func("/core/refusal/counted", what_was_told_before_one_was_kept_is_counted_too);
    g_test_add_func("/core/refusal/words", what_a_prompt_says_of_its_user_is_fit_for_people);
    return g_test_run();
}
