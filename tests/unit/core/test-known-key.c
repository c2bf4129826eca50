/* SPDX-License-Identifier: GPL-3.0-or-later */

/* test-known-key.c - who is let in by a key, and who is asked */

#include "core/one-time.h"

#include "keys.h"

static void the_key_that_was_approved_is_let_in_until_its_time_is_over(void)
{
    g_auto(Host) host = {0};
    keys_host(&host);
    const gint64 begun_usec = host.house->now_usec;

    g_assert_false(keys_let_in(&host, "alice"));
    house_advance(host.house, 10 * USEC_PER_MINUTE);
    const gint64 approved_usec = host.house->now_usec;
    keys_approve(&host, &host.alice, "alice");
    host.remote = "203.0.113.7"; /* the key counts, and no address */
    g_assert_true(keys_let_in(&host, "alice"));
    g_assert_true(keys_let_in(&host, "alice"));
    house_advance(host.house, approved_usec + LASTS_USEC - 1 - host.house->now_usec);
    g_assert_true(keys_let_in(&host, "alice")); /* and that prolongs nothing */
    g_assert_cmpint(host.house->now_usec, >, begun_usec + LASTS_USEC);
    g_assert_false(keys_let_in(&host, "alice"));
}

static void the_last_microsecond_is_over(void)
{
    g_auto(Host) host = {0};
    keys_host(&host);

    keys_approve(&host, &host.alice, "alice");
    house_advance(host.house, LASTS_USEC);
    g_assert_false(keys_let_in(&host, "alice"));
    g_assert_cmpuint(keys_count(&host, &host.alice), ==, 0);
}

static void another_key_or_user_or_service_is_asked(void)
{
    g_auto(Host) host = {0};
    keys_host(&host);
    static const char *const others[] = {OTHER_KEY, NULL, "", KEY KEY, "password\n" KEY};

    host_enable(&host, "ftp");
    host_link(&host, "alice", "alice@example.org");
    host_link(&host, "carol", "alice@example.org");
    keys_approve(&host, &host.alice, "alice");
    for (guint i = 0; i < G_N_ELEMENTS(others); i++) {
        host.auth_info = others[i];
        g_assert_false(keys_let_in(&host, "alice"));
    }
    host.auth_info = KEY;
    g_assert_false(keys_let_in(&host, "carol"));
    host.service = "ftp";
    g_assert_false(keys_let_in(&host, "alice"));
    host.service = "sshd";
    g_assert_true(keys_let_in(&host, "alice"));
}

/* A policy of its own, as no configuration could give it. */
static void no_other_service_has_keys(void)
{
    g_auto(Host) host = {0};
    ServicePolicy *policy = keys_host(&host);

    host_enable(&host, "ftp");
    host_link(&host, "alice", "alice@example.org");
    g_free(policy->name);
    policy->name = g_strdup("ftp");
    host.service = "ftp";
    keys_approve(&host, &host.alice, "alice");
    g_assert_false(keys_let_in(&host, "alice"));
}

static void who_is_not_root_has_no_key(void)
{
    g_auto(Host) host = {0};
    keys_host(&host);

    keys_approve(&host, &host.alice, "alice");
    host.root.uid = 1000;
    g_assert_false(keys_let_in(&host, "alice"));
    keys_approve(&host, &host.alice, "alice");
    host.root.uid = 0;
    g_assert_cmpuint(keys_count(&host, &host.alice), ==, 1);
}

static void privileged_users_are_asked_each_time(void)
{
    g_auto(Host) host = {0};
    keys_host(&host);

    host.privileged = TRUE;
    keys_approve(&host, &host.alice, "alice");
    g_assert_cmpuint(keys_count(&host, &host.alice), ==, 0);
    host.privileged = FALSE;
    keys_approve(&host, &host.alice, "alice");
    g_assert_true(keys_let_in(&host, "alice"));
    host.privileged = TRUE; /* by now */
    g_assert_false(keys_let_in(&host, "alice"));
    host.privileged = FALSE;
    host.superuser = TRUE;
    g_assert_false(keys_let_in(&host, "alice"));
    host.superuser = FALSE;
    g_assert_true(keys_let_in(&host, "alice"));
}

static void who_becomes_uid_0_leaves_no_key(void)
{
    g_auto(Host) host = {0};
    keys_host(&host);

    host.superuser = TRUE;
    keys_approve(&host, &host.alice, "alice");
    g_assert_cmpuint(keys_count(&host, &host.alice), ==, 0);
    host.superuser = FALSE;
    g_assert_false(keys_let_in(&host, "alice"));
}

static void todays_policy_is_kept_to(void)
{
    g_auto(Host) host = {0};
    ServicePolicy *policy = keys_host(&host);

    policy->reauthenticate_after = 0;
    keys_approve(&host, &host.alice, "alice");
    policy->reauthenticate_after = LASTS_SECONDS;
    g_assert_false(keys_let_in(&host, "alice"));
    keys_approve(&host, &host.alice, "alice");
    policy->reauthenticate_after = 1;
    house_advance(host.house, USEC_PER_SEC);
    g_assert_false(keys_let_in(&host, "alice"));
    policy->reauthenticate_after = 0;
    g_assert_false(keys_let_in(&host, "alice"));
    policy->reauthenticate_after = 2 * LASTS_SECONDS;
    policy->device = FALSE; /* methods = code takes nothing else */
    g_auto(DeviceOpenAnswer) coded = host_opened(&host, "alice");
    g_assert_false(coded.known);
    policy->device = TRUE;
    g_assert_true(keys_let_in(&host, "alice"));
    house_advance(host.house, LASTS_USEC); /* more than was told at the approval it never is */
    g_assert_false(keys_let_in(&host, "alice"));
}

static void approve_by_code(Host *host)
{
    g_auto(DeviceOpenAnswer) device = host_opened(host, "alice");
    g_autofree char *token = host_form_token(host, &host->alice);
    g_autoptr(Txn) txn = house_begin(host->house, host->house->tenant);
    Id identity = ID_NONE;
    OneTimeDrawAnswer drawn;

    g_assert_true(link_find(txn, &host->alice.account->id, "sshd", "alice", &identity, NULL));
    house_commit(txn);
    const OneTimeDrawAsked asked = {&host->alice, token, &identity};
    keys_fresh(host, &host->alice);
    g_assert_cmpint(
        house_run(host->house, &one_time_draw_act, &asked, &drawn), ==, OUTCOME_GRANTED);
    host_outcome_is(host, &device.id, drawn.code, OUTCOME_GRANTED);
    house_clear(&one_time_draw_act, &drawn);
}

static void a_one_time_code_leaves_no_key(void)
{
    g_auto(Host) host = {0};
    keys_host(&host);

    approve_by_code(&host);
    g_assert_cmpuint(keys_count(&host, &host.alice), ==, 0);
    g_assert_false(keys_let_in(&host, "alice"));
}

static void who_was_not_let_in_leaves_no_key(void)
{
    g_auto(Host) host = {0};
    keys_host(&host);
    g_auto(DeviceOpenAnswer) by_bob = host_opened(&host, "alice");
    g_autofree char *number = NULL;

    g_assert_cmpint(
        host_decide(&host, &host.bob, by_bob.user_code, TRUE, &number), ==, REASON_NONE);
    host_denied(&host, &by_bob.id, number, REASON_OTHER_ACCOUNT);
    g_auto(DeviceOpenAnswer) missed = host_opened(&host, "alice");
    g_assert_cmpint(host_decide(&host, &host.alice, missed.user_code, TRUE, NULL), ==, REASON_NONE);
    host_denied(&host, &missed.id, "xx", REASON_NUMBER_WRONG);
    house_advance(host.house, 10 * USEC_PER_MINUTE);
    g_assert_false(keys_let_in(&host, "alice"));
    g_assert_cmpuint(keys_count(&host, &host.bob) + keys_count(&host, &host.alice), ==, 0);
}

#define ADD(path, test) g_test_add_func("/core/known-key/" path, test)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("let-in", the_key_that_was_approved_is_let_in_until_its_time_is_over);
    ADD("expiry", the_last_microsecond_is_over);
    ADD("others", another_key_or_user_or_service_is_asked);
    ADD("service", no_other_service_has_keys);
    ADD("root", who_is_not_root_has_no_key);
    ADD("privileged", privileged_users_are_asked_each_time);
    ADD("superuser", who_becomes_uid_0_leaves_no_key);
    ADD("policy", todays_policy_is_kept_to);
    ADD("one-time", a_one_time_code_leaves_no_key);
    ADD("refused", who_was_not_let_in_leaves_no_key);
    return g_test_run();
}
