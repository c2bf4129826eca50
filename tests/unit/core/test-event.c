/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "core/event.h"

#include "house.h"

#include <string.h>

static char *write_one(House *house, const Id *subject, const char *detail)
{
    g_autoptr(Txn) txn = house_begin(house, house->tenant);
    g_autoptr(GError) error = NULL;
    char *shown = NULL;
    const Event news = {
        .subject = EVENT_OF_ACCOUNT,
        .subject_id = *subject,
        .what = EVENT_SIGN_IN,
        .outcome = OUTCOME_DENIED,
        .reason = REASON_CODE_WRONG,
        .detail = (char *)detail,
    };

    g_assert_true(event_write(txn, &news, &shown, &error));
    g_assert_no_error(error);
    house_commit(txn);
    return shown;
}

/* The detail of what is found, or NULL. */
static char *explain(House *house, const char *id)
{
    Caller caller = house_caller(house, CALLER_BUS);
    const EventAsked asked = {&caller, id};
    EventAnswer answer;

    Outcome outcome = house_run(house, &event_explain_act, &asked, &answer);
    g_assert_cmpint(
        outcome, ==, answer.reason == REASON_NOT_FOUND ? OUTCOME_DENIED : OUTCOME_GRANTED);
    char *detail = answer.event ? g_strdup(answer.event->detail) : NULL;
    if (answer.event) {
        g_assert_cmpuint(answer.event->reason, ==, REASON_CODE_WRONG);
        g_assert_cmpint(answer.event->time_usec, ==, HOUSE_START_USEC);
    }
    house_clear(&event_explain_act, &answer);
    return detail;
}

static void an_event_is_found_by_its_id_in_any_spelling(void)
{
    g_autoptr(House) house = house_new();
    const Id subject = {{1}};
    g_autofree char *shown = write_one(house, &subject, "sudo");
    g_autofree char *lower = g_ascii_strdown(shown, -1);
    g_autofree char *bare = g_strdup_printf("%.4s%s", shown, shown + 5);
    const char *const spellings[] = {shown, lower, bare};

    g_assert_cmpuint(strlen(shown), ==, EVENT_ID_CHARS + 1);
    g_assert_cmpint(shown[4], ==, '-');
    for (gsize i = 0; i < G_N_ELEMENTS(spellings); i++) {
        g_autofree char *detail = explain(house, spellings[i]);
        g_assert_cmpstr(detail, ==, "sudo");
    }
}

static void made_up_ids_are_not_found(void)
{
    static const char *const ids[] = {"", "7F3K", "7F3K-2M0", "7F3K-2A", "\xff", "------", NULL};
    g_autoptr(House) house = house_new();

    for (gsize i = 0; i < G_N_ELEMENTS(ids); i++) {
        g_assert_null(explain(house, ids[i]));
    }
}

static void only_the_last_of_a_subject_are_kept(void)
{
    g_autoptr(House) house = house_new();
    const Id subject = {{1}};
    const Id other = {{2}};
    g_autofree char *first = write_one(house, &subject, "first");
    g_autofree char *second = write_one(house, &subject, "second");

    for (guint i = 2; i < EVENTS_OF_SUBJECT_MAX; i++) {
        g_free(write_one(house, &subject, "more"));
    }
    g_free(write_one(house, &other, "of another"));
    g_autofree char *still = explain(house, first);
    g_assert_cmpstr(still, ==, "first");
    g_free(write_one(house, &subject, "one too many"));
    g_assert_null(explain(house, first));
    g_autofree char *next = explain(house, second);
    g_assert_cmpstr(next, ==, "second");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/core/event/found", an_event_is_found_by_its_id_in_any_spelling);
    g_test_add_func("/core/event/made-up", made_up_ids_are_not_found);
    g_test_add_func("/core/event/last-ones", only_the_last_of_a_subject_are_kept);
    return g_test_run();
}
