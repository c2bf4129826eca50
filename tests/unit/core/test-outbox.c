/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "core/outbox.h"

#include "house.h"

static void add(House *house, const char *to)
{
    g_autoptr(Txn) txn = house_begin(house, house->tenant);
    g_autoptr(OutboxEntry) entry = g_new0(OutboxEntry, 1);
    g_autoptr(GError) error = NULL;

    entry->kind = OUTBOX_MAIL_LOGIN;
    entry->to = g_strdup(to);
    entry->link = g_strdup("link");
    entry->code = g_strdup("12345678");
    entry->locale = g_strdup("en");
    entry->agent = g_strdup("");
    entry->address = g_strdup("");
    entry->expires_usec = txn_now(txn) + 10 * USEC_PER_MINUTE;
    g_assert_true(outbox_add(txn, entry, &error));
    g_assert_no_error(error);
    house_commit(txn);
}

static OutboxAnswer run(House *house, const ActType *act, guint max, const OutboxEntry *entry)
{
    Caller caller = house_caller(house, CALLER_DAEMON);
    const OutboxAsked asked = {
        .caller = &caller,
        .max = max,
        .day = entry ? entry->day : 0,
        .number = entry ? entry->number : 0,
    };
    OutboxAnswer answer;

    (void)house_run(house, act, &asked, &answer);
    return answer;
}

static guint count(House *house, const ActType *act)
{
    OutboxAnswer answer = run(house, act, 10, NULL);
    guint n = act == &outbox_take_act ? answer.entries->len : answer.waiting;

    house_clear(act, &answer);
    return n;
}

static void an_entry_is_taken_by_one_until_its_lease_is_over(void)
{
    g_autoptr(House) house = house_new();

    add(house, "alice@example.org");
    OutboxAnswer answer = run(house, &outbox_take_act, 10, NULL);
    g_assert_cmpuint(answer.entries->len, ==, 1);
    const OutboxEntry *entry = answer.entries->pdata[0];
    g_assert_cmpstr(entry->to, ==, "alice@example.org");
    g_assert_cmpstr(entry->code, ==, "12345678");
    g_assert_cmpint(answer.next_usec, ==, HOUSE_START_USEC + OUTBOX_LEASE_USEC);
    g_assert_cmpuint(count(house, &outbox_take_act), ==, 0);
    house_advance(house, OUTBOX_LEASE_USEC);
    g_assert_cmpuint(count(house, &outbox_take_act), ==, 1);
    house_clear(&outbox_take_act, &answer);
}

static void what_is_done_is_gone(void)
{
    g_autoptr(House) house = house_new();

    add(house, "alice@example.org");
    add(house, "bob@example.org");
    OutboxAnswer answer = run(house, &outbox_take_act, 1, NULL);
    g_assert_cmpuint(answer.entries->len, ==, 1);
    g_assert_cmpint(answer.next_usec, ==, HOUSE_START_USEC); /* one more waits */
    OutboxAnswer done = run(house, &outbox_done_act, 0, answer.entries->pdata[0]);
    house_clear(&outbox_done_act, &done);
    g_assert_cmpuint(count(house, &outbox_look_act), ==, 1);
    house_clear(&outbox_take_act, &answer);
    answer = run(house, &outbox_take_act, 10, NULL);
    g_assert_cmpuint(answer.entries->len, ==, 1);
    g_assert_cmpstr(((OutboxEntry *)answer.entries->pdata[0])->to, ==, "bob@example.org");
    house_clear(&outbox_take_act, &answer);
}

static void M11_what_fails_is_tried_again_ever_more_slowly_until_it_expires(void)
{
    g_autoptr(House) house = house_new();
    gint64 wait = OUTBOX_RETRY_USEC_MIN;

    add(house, "alice@example.org");
    for (guint i = 0; i < 4; i++, wait *= 2) {
        OutboxAnswer answer = run(house, &outbox_take_act, 10, NULL);
        g_assert_cmpuint(answer.entries->len, ==, 1);
        OutboxAnswer later = run(house, &outbox_later_act, 0, answer.entries->pdata[0]);
        g_assert_cmpint(later.next_usec, ==, house->now_usec + wait);
        house_clear(&outbox_later_act, &later);
        house_clear(&outbox_take_act, &answer);
        house_advance(house, wait - 1);
        g_assert_cmpuint(count(house, &outbox_take_act), ==, 0);
        house_advance(house, 1);
    }
    house_advance(house, 10 * USEC_PER_MINUTE);
    g_assert_cmpuint(count(house, &outbox_take_act), ==, 0);
    g_assert_cmpuint(count(house, &outbox_look_act), ==, 0);
}

static void entries_of_yesterday_are_taken_and_then_the_day_is_forgotten(void)
{
    g_autoptr(House) house = house_new();

    house_advance(house, USEC_PER_DAY - HOUSE_START_USEC % USEC_PER_DAY - USEC_PER_SEC);
    add(house, "alice@example.org");
    house_advance(house, 2 * USEC_PER_SEC);
    add(house, "bob@example.org");
    g_assert_cmpuint(count(house, &outbox_take_act), ==, 2);
    house_advance(house, 3 * USEC_PER_DAY);
    g_assert_cmpuint(count(house, &outbox_take_act), ==, 0);
    add(house, "carol@example.org");
    g_assert_cmpuint(count(house, &outbox_take_act), ==, 1);
}

static void an_entry_without_a_recipient_is_taken_but_not_counted(void)
{
    g_autoptr(House) house = house_new();

    add(house, "");
    g_assert_cmpuint(count(house, &outbox_look_act), ==, 0);
    g_assert_cmpuint(count(house, &outbox_take_act), ==, 1);
}

static void add_logouts(House *house, guint count, gint64 next_usec)
{
    g_autoptr(Txn) txn = house_begin(house, house->tenant);

    for (guint i = 0; i < count; i++) {
        g_autoptr(OutboxEntry) entry = g_new0(OutboxEntry, 1);
        entry->kind = OUTBOX_LOGOUT;
        entry->to = g_strdup("https://rp.example/");
        entry->next_usec = next_usec;
        entry->expires_usec = txn_now(txn) + USEC_PER_HOUR;
        g_assert_true(outbox_add(txn, entry, NULL));
    }
    house_commit(txn);
}

static OutboxAnswer take_logouts(House *house, guint max, guint32 day, guint32 number)
{
    Caller caller = house_caller(house, CALLER_DAEMON);
    const OutboxAsked asked = {&caller, OUTBOX_LANE_LOGOUT, max, day, number};
    OutboxAnswer answer;

    (void)house_run(house, &outbox_take_act, &asked, &answer);
    return answer;
}

static void a_lane_is_a_queue_of_its_own(void)
{
    g_autoptr(House) house = house_new();

    add(house, "alice@example.org");
    add_logouts(house, 1, 0);
    OutboxAnswer mail = run(house, &outbox_take_act, 10, NULL);
    g_assert_cmpuint(mail.entries->len, ==, 1);
    OutboxAnswer logout = take_logouts(house, 10, 0, 0);
    g_assert_cmpuint(logout.entries->len, ==, 1);
    g_assert_cmpuint(((OutboxEntry *)logout.entries->pdata[0])->kind, ==, OUTBOX_LOGOUT);
    /* Their places have the same day and number; done is the mail's alone. */
    OutboxAnswer done = run(house, &outbox_done_act, 0, mail.entries->pdata[0]);
    house_advance(house, OUTBOX_LEASE_USEC);
    g_assert_cmpuint(count(house, &outbox_look_act), ==, 0);
    house_clear(&outbox_take_act, &logout);
    logout = take_logouts(house, 10, 0, 0);
    g_assert_cmpuint(logout.entries->len, ==, 1);
    house_clear(&outbox_done_act, &done);
    house_clear(&outbox_take_act, &mail);
    house_clear(&outbox_take_act, &logout);
}

static void an_entry_waits_for_its_moment(void)
{
    g_autoptr(House) house = house_new();
    gint64 when = HOUSE_START_USEC + 7 * USEC_PER_SEC;

    add_logouts(house, 1, when);
    OutboxAnswer answer = take_logouts(house, 10, 0, 0);
    g_assert_cmpuint(answer.entries->len, ==, 0);
    g_assert_cmpint(answer.next_usec, ==, when);
    house_clear(&outbox_take_act, &answer);
    house_advance(house, 7 * USEC_PER_SEC);
    answer = take_logouts(house, 10, 0, 0);
    g_assert_cmpuint(answer.entries->len, ==, 1);
    house_clear(&outbox_take_act, &answer);
}

/* What waits in front, however much, hides nothing behind it. */
static void h4_a_walk_goes_on_where_the_last_one_ended(void)
{
    g_autoptr(House) house = house_new();
    guint32 day = 0;
    guint32 number = 0;

    add_logouts(house, 2500, HOUSE_START_USEC + USEC_PER_MINUTE);
    add_logouts(house, 3, 0);
    for (guint i = 0; i < 2; i++) {
        OutboxAnswer answer = take_logouts(house, 2, day, number);
        g_assert_true(answer.more);
        g_assert_cmpuint(answer.entries->len, ==, 0);
        day = answer.day;
        number = answer.number;
        house_clear(&outbox_take_act, &answer);
    }
    OutboxAnswer answer = take_logouts(house, 2, day, number);
    g_assert_true(answer.more);
    g_assert_cmpuint(answer.entries->len, ==, 2);
    OutboxAnswer last = take_logouts(house, 2, answer.day, answer.number);
    g_assert_false(last.more);
    g_assert_cmpuint(last.entries->len, ==, 1);
    house_clear(&outbox_take_act, &answer);
    house_clear(&outbox_take_act, &last);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/core/outbox/lease", an_entry_is_taken_by_one_until_its_lease_is_over);
    g_test_add_func("/core/outbox/done", what_is_done_is_gone);
    g_test_add_func(
        "/core/outbox/M11-retry", M11_what_fails_is_tried_again_ever_more_slowly_until_it_expires);
    g_test_add_func(
        "/core/outbox/days", entries_of_yesterday_are_taken_and_then_the_day_is_forgotten);
    g_test_add_func(
        "/core/outbox/no-recipient", an_entry_without_a_recipient_is_taken_but_not_counted);
    g_test_add_func("/core/outbox/lanes", a_lane_is_a_queue_of_its_own);
    g_test_add_func("/core/outbox/moment", an_entry_waits_for_its_moment);
    g_test_add_func("/core/outbox/h4-walk", h4_a_walk_goes_on_where_the_last_one_ended);
    return g_test_run();
}
