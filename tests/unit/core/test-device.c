/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "core/device.h"

#include "host.h"
#include "people.h"

static void the_linked_account_is_granted_once(void)
{
    g_auto(Host) host = {0};
    host_open(&host);
    g_auto(DeviceOpenAnswer) device = host_opened(&host, "alice");
    g_autofree char *number = NULL;

    host_outcome_is(&host, &device.id, NULL, OUTCOME_PENDING);
    host_outcome_is(&host, &device.id, "", OUTCOME_PENDING);
    g_assert_cmpint(
        host_decide(&host, &host.alice, device.user_code, TRUE, &number), ==, REASON_NONE);
    g_assert_null(number); /* the same network */
    host_outcome_is(&host, &device.id, "", OUTCOME_GRANTED);
    host_denied(&host, &device.id, "", REASON_CODE_EXPIRED);
}

static void who_is_not_linked_is_refused_after_approval(void)
{
    static const struct {
        const char *user;
        Reason reason;
    } rows[] = {
        {"alice", REASON_OTHER_ACCOUNT},
        {"carol", REASON_NO_LINK},
        {"", REASON_NO_LINK},
        {"\xff\n/", REASON_NO_LINK}};
    g_auto(Host) host = {0};
    host_open(&host);

    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_auto(DeviceOpenAnswer) device = host_opened(&host, rows[i].user);
        g_autofree char *number = NULL;
        g_assert_cmpint(
            host_decide(&host, &host.bob, device.user_code, TRUE, &number), ==, REASON_NONE);
        g_assert_nonnull(number); /* as of a user who may do everything: nobody learns which are */
        host_denied(&host, &device.id, number, rows[i].reason);
        host_denied(&host, &device.id, number, rows[i].reason);
    }
}

static void a_declined_cancelled_or_old_conversation_is_over(void)
{
    g_auto(Host) host = {0};
    host_open(&host);
    PlainAnswer plain;
    g_auto(DeviceOpenAnswer) declined = host_opened(&host, "alice");
    g_assert_cmpint(
        host_decide(&host, &host.alice, declined.user_code, FALSE, NULL), ==, REASON_NONE);
    host_denied(&host, &declined.id, "", REASON_DECLINED);
    g_assert_cmpint(
        host_decide(&host, &host.alice, declined.user_code, TRUE, NULL), ==, REASON_CODE_WRONG);

    g_auto(DeviceOpenAnswer) cancelled = host_opened(&host, "alice");
    const DeviceAnswerAsked cancel = {&host.root, &cancelled.id, NULL};
    g_assert_cmpint(
        house_run(host.house, &device_cancel_act, &cancel, &plain), ==, OUTCOME_GRANTED);
    host_denied(&host, &cancelled.id, "", REASON_CANCELLED);
    g_assert_cmpint(house_run(host.house, &device_cancel_act, &cancel, &plain), ==, OUTCOME_DENIED);

    g_auto(DeviceOpenAnswer) old = host_opened(&host, "alice");
    g_assert_cmpint(host_decide(&host, &host.alice, old.user_code, TRUE, NULL), ==, REASON_NONE);
    house_advance(host.house, LIFE_USEC);
    host_denied(&host, &old.id, "", REASON_CODE_EXPIRED);
}

static void a_new_conversation_replaces_only_its_own(void)
{
    g_auto(Host) host = {0};
    host_open(&host);
    g_auto(DeviceOpenAnswer) first = host_opened(&host, "alice");
    g_auto(DeviceOpenAnswer) of_carol = host_opened(&host, "carol");
    host.remote = "203.0.113.7";
    g_auto(DeviceOpenAnswer) elsewhere = host_opened(&host, "alice");
    host.remote = "192.0.2.1";
    g_auto(DeviceOpenAnswer) second = host_opened(&host, "alice");

    host_denied(&host, &first.id, "", REASON_CANCELLED);
    host_outcome_is(&host, &second.id, "", OUTCOME_PENDING);
    host_outcome_is(&host, &elsewhere.id, "", OUTCOME_PENDING);
    host_outcome_is(&host, &of_carol.id, "", OUTCOME_PENDING);
}

static void three_of_an_address_and_thirty_in_all_in_ten_minutes(void)
{
    g_auto(Host) host = {0};
    host_open(&host);
    DeviceOpenAnswer answer;

    for (guint i = 0; i < 40; i++) {
        g_autofree char *remote = g_strdup_printf("198.51.100.%u", i / 4);
        host.remote = remote;
        g_test_message("%u", i);
        g_assert_cmpint(host_try_open(&host, "alice", &answer), ==, OUTCOME_GRANTED);
        g_assert_cmpint(answer.user_code != NULL, ==, i % 4 < 3);
        house_clear(&device_open_act, &answer);
    }
    host.remote = "198.51.100.200";
    for (guint i = 0; i < 10; i++) { /* for one-time codes alone, and not without end */
        g_auto(DeviceOpenAnswer) without = host_opened(&host, "alice");
        g_assert_null(without.user_code);
    }
    g_assert_cmpint(host_try_open(&host, "alice", &answer), ==, OUTCOME_DENIED);
    g_assert_cmpint(answer.reason, ==, REASON_TOO_MANY);
    house_clear(&device_open_act, &answer);
    g_auto(DeviceOpenAnswer) of_carol = host_opened(&host, "carol");
    house_advance(host.house, 10 * USEC_PER_MINUTE);
    g_auto(DeviceOpenAnswer) later = host_opened(&host, "alice");
}

static void enter_waits_for_no_page_where_none_can_approve(void)
{
    g_auto(Host) host = {0};
    host_open(&host);

    for (guint i = 0; i < 3; i++) {
        g_auto(DeviceOpenAnswer) by_page = host_opened(&host, "alice");
        host_outcome_is(&host, &by_page.id, "", OUTCOME_PENDING);
    }
    g_auto(DeviceOpenAnswer) by_code = host_opened(&host, "alice");
    g_assert_null(by_code.user_code);
    host_outcome_is(&host, &by_code.id, NULL, OUTCOME_PENDING);
    host_denied(&host, &by_code.id, "", REASON_ONE_TIME_WRONG);
    host_denied(&host, &by_code.id, "", REASON_ONE_TIME_WRONG); /* over, for the same reason */
}

static gboolean has_page(Host *host, const char *remote)
{
    host->remote = remote;
    g_auto(DeviceOpenAnswer) device = host_opened(host, "alice");
    return device.user_code != NULL;
}

static void P13_a_network_knocks_as_one(void)
{
    g_auto(Host) host = {0};
    host_open(&host);

    for (guint i = 0; i < 10; i++) {
        g_autofree char *remote = g_strdup_printf("2001:db8:0:1::%u", i + 1);
        g_assert_cmpint(has_page(&host, remote), ==, i < 3);
    }
    g_assert_true(has_page(&host, "2001:db8:0:2::1"));
    for (guint i = 0; i < 40; i++) {
        g_autofree char *remote = g_strdup_printf("198.51.100.%u", i);
        (void)has_page(&host, remote);
    }
    g_assert_false(has_page(&host, "203.0.113.99"));
    host_enable(&host, "login");
    host.service = "login";
    g_assert_true(has_page(&host, "")); /* of no knocks at sshd */
}

static void open_until_no_page_approves(Host *host, guint wanted)
{
    for (guint i = 0; i <= wanted; i++) {
        g_auto(DeviceOpenAnswer) device = host_opened(host, "alice");
        g_test_message("%u", i);
        g_assert_cmpint(device.user_code != NULL, ==, i < wanted);
    }
}

static void programs_that_are_not_root_spend_a_budget_of_their_own(void)
{
    g_auto(Host) host = {0};
    host_open(&host);
    host.remote = NULL;
    g_auto(DeviceOpenAnswer) of_root = host_opened(&host, "alice");

    host.root.uid = 1000;
    open_until_no_page_approves(&host, 30);
    host.root.uid = 0;
    host_outcome_is(&host, &of_root.id, NULL, OUTCOME_PENDING);
    open_until_no_page_approves(&host, 2); /* the third of root's was the first */

    house_advance(host.house, 15 * USEC_PER_MINUTE);
    open_until_no_page_approves(&host, 3);
    host.root.uid = 1000;
    g_auto(DeviceOpenAnswer) after = host_opened(&host, "alice");
    g_assert_nonnull(after.user_code);
}

static void wrong_codes_of_programs_that_are_not_root_cost_root_nothing(void)
{
    g_auto(Host) host = {0};
    host_open(&host);
    host.remote = NULL;

    host.root.uid = 1000;
    for (guint i = 0; i < 10; i++) {
        g_auto(DeviceOpenAnswer) device = host_opened(&host, "alice");
        host_denied(&host, &device.id, "BCDFG-HJKLM", REASON_ONE_TIME_WRONG);
    }
    g_auto(DeviceOpenAnswer) spent = host_opened(&host, "alice");
    host_denied(&host, &spent.id, "BCDFG-HJKLM", REASON_TOO_MANY);
    host.root.uid = 0;
    g_auto(DeviceOpenAnswer) of_root = host_opened(&host, "alice");
    host_denied(&host, &of_root.id, "BCDFG-HJKLM", REASON_ONE_TIME_WRONG);
}

/* Not even a lie that would spare him the number. */
static void what_a_caller_that_is_not_root_says_of_himself_is_passed_over(void)
{
    g_auto(Host) host = {0};
    host_open(&host);
    DeviceLookAnswer page;

    host.root.uid = 1000;
    host.remote = "192.0.2.1";
    host.asker = "root";
    g_auto(DeviceOpenAnswer) device = host_opened(&host, "alice");
    g_assert_cmpint(host_look(&host, &host.alice, device.user_code, &page), ==, OUTCOME_GRANTED);
    g_assert_cmpstr(page.remote, ==, "");
    g_assert_cmpstr(page.asker, ==, "");
    g_assert_cmpstr(page.terminal, ==, "");
    house_clear(&device_look_act, &page);
}

static void what_is_gone_after_approval_is_refused(void)
{
    g_auto(Host) host = {0};
    host_open(&host);
    PlainAnswer plain;
    const ServiceAsked sshd = {&host.root, "sshd"};
    g_auto(DeviceOpenAnswer) suspended = host_opened(&host, "alice");
    host_decide(&host, &host.alice, suspended.user_code, TRUE, NULL);
    people_suspend(host.house, &host.alice);
    host_denied(&host, &suspended.id, "", REASON_SUSPENDED);

    g_auto(DeviceOpenAnswer) disabled = host_opened(&host, "carol");
    host_decide(&host, &host.bob, disabled.user_code, TRUE, NULL);
    g_assert_cmpint(
        house_run(host.house, &service_disable_act, &sshd, &plain), ==, OUTCOME_GRANTED);
    host_denied(&host, &disabled.id, "", REASON_SERVICE_OFF);
    DeviceOpenAnswer answer;
    g_assert_cmpint(host_try_open(&host, "alice", &answer), ==, OUTCOME_DENIED);
    g_assert_cmpint(answer.reason, ==, REASON_SERVICE_OFF);
    house_clear(&device_open_act, &answer);
}

/* A link names the identity: who left the service comes back as somebody new. */
static void who_left_and_came_back_is_not_linked(void)
{
    g_auto(Host) host = {0};
    host_open(&host);
    g_autoptr(Txn) txn = house_begin(host.house, host.house->tenant);
    g_autoptr(Service) service = NULL;
    g_autoptr(Identity) identity = NULL;
    const Id *account = &host.alice.account->id;

    g_assert_true(service_find(txn, host.house->config, "sshd", &service, NULL));
    g_assert_true(identity_find(txn, account, &service->app, &identity, NULL));
    g_assert_true(identity_remove(txn, identity, NULL));
    house_commit(txn);
    g_auto(DeviceOpenAnswer) device = host_opened(&host, "alice");
    g_assert_cmpint(host_decide(&host, &host.alice, device.user_code, TRUE, NULL), ==, REASON_NONE);
    host_denied(&host, &device.id, "", REASON_NO_LINK);
}

static Reason account_phase(Host *host, const char *service, const char *user)
{
    DeviceAccountAnswer answer;

    host_account(host, service, user, &answer);
    const Reason reason = answer.reason;
    house_clear(&device_account_act, &answer);
    return reason;
}

static void disable_app_of(Host *host, const char *service_name)
{
    g_autoptr(Txn) txn = house_begin(host->house, host->house->tenant);
    g_autoptr(Service) service = NULL;
    g_autoptr(App) app = NULL;

    g_assert_true(service_find(txn, host->house->config, service_name, &service, NULL));
    g_assert_true(app_load(txn, &service->app, &app, NULL));
    app->state = APP_DISABLED;
    g_assert_true(app_save(txn, app, NULL));
    house_commit(txn);
}

static void the_account_phase_looks_at_link_account_service_and_app(void)
{
    g_auto(Host) host = {0};
    host_open(&host);

    g_assert_cmpint(account_phase(&host, "sshd", "alice"), ==, REASON_NONE);
    g_assert_cmpint(account_phase(&host, "sshd", "carol"), ==, REASON_NO_LINK);
    g_assert_cmpint(account_phase(&host, "login", "alice"), ==, REASON_SERVICE_OFF);
    disable_app_of(&host, "sshd");
    g_assert_cmpint(account_phase(&host, "sshd", "alice"), ==, REASON_NO_LINK);

    g_auto(Host) other = {0};
    host_open(&other);
    people_suspend(other.house, &other.alice);
    g_assert_cmpint(account_phase(&other, "sshd", "alice"), ==, REASON_NO_LINK);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/core/device/once", the_linked_account_is_granted_once);
    g_test_add_func("/core/device/unlinked", who_is_not_linked_is_refused_after_approval);
    g_test_add_func("/core/device/over", a_declined_cancelled_or_old_conversation_is_over);
    g_test_add_func("/core/device/replaces", a_new_conversation_replaces_only_its_own);
    g_test_add_func("/core/device/P13_network", P13_a_network_knocks_as_one);
    g_test_add_func("/core/device/knocking", three_of_an_address_and_thirty_in_all_in_ten_minutes);
    g_test_add_func("/core/device/no-page", enter_waits_for_no_page_where_none_can_approve);
    g_test_add_func(
        "/core/device/unprivileged", programs_that_are_not_root_spend_a_budget_of_their_own);
    g_test_add_func(
        "/core/device/unprivileged-codes",
        wrong_codes_of_programs_that_are_not_root_cost_root_nothing);
    g_test_add_func(
        "/core/device/unprivileged-words",
        what_a_caller_that_is_not_root_says_of_himself_is_passed_over);
    g_test_add_func("/core/device/gone", what_is_gone_after_approval_is_refused);
    g_test_add_func("/core/device/came-back", who_left_and_came_back_is_not_linked);
    g_test_add_func(
        "/core/device/account", the_account_phase_looks_at_link_account_service_and_app);
    return g_test_run();
}
