/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "core/account.h"
#include "core/device.h"
#include "core/session.h"

#include "people.h"

#include <string.h>

#define LIFE_USEC (100 * USEC_PER_SEC)

/* A host with sshd enabled, alice linked to the local user alice, and bob without a link. */
typedef struct Host {
    House *house;
    Caller root; /* the bus */
    Caller alice, bob;
    const char *remote; /* of the next conversation */
    gboolean privileged;
} Host;

static void add_link(Host *host, const char *user, const char *email)
{
    const LinkAsked asked = {.caller = &host->root, .local_user = user, .email = email};
    LinkAnswer answer;

    g_assert_cmpint(house_run(host->house, &link_add_act, &asked, &answer), ==, OUTCOME_GRANTED);
    house_clear(&link_add_act, &answer);
}

static void host_open(Host *host)
{
    PlainAnswer answer;

    host->house = house_new();
    host->root = house_caller(host->house, CALLER_BUS);
    host->remote = "192.0.2.1"; /* where alice's browser is */
    const ServiceAsked sshd = {&host->root, "sshd"};
    g_assert_cmpint(
        house_run(host->house, &service_enable_act, &sshd, &answer), ==, OUTCOME_GRANTED);
    host->alice = people_sign_in(host->house, "alice@example.org");
    host->bob = people_sign_in(host->house, "bob@example.org");
    add_link(host, "alice", "alice@example.org");
}

static void host_close(Host *host)
{
    caller_clear(&host->alice);
    caller_clear(&host->bob);
    house_free(host->house);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Host, host_close)

static Outcome open_for(Host *host, const char *user, DeviceOpenAnswer *ret_answer)
{
    const DeviceOpenAsked asked = {
        .caller = &host->root,
        .pam_service = "sshd",
        .local_user = user,
        .remote = host->remote,
        .privileged = host->privileged,
        .life_usec = LIFE_USEC};

    return house_run(host->house, &device_open_act, &asked, ret_answer);
}

static DeviceOpenAnswer opened(Host *host, const char *user)
{
    DeviceOpenAnswer answer;

    g_assert_cmpint(open_for(host, user, &answer), ==, OUTCOME_GRANTED);
    return answer;
}

static void opened_clear(DeviceOpenAnswer *answer)
{
    house_clear(&device_open_act, answer);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(DeviceOpenAnswer, opened_clear)

static Outcome
look(Host *host, const Caller *caller, const char *code, DeviceLookAnswer *ret_answer)
{
    const DeviceLookAsked asked = {caller, code};

    return house_run(host->house, &device_look_act, &asked, ret_answer);
}

/* The form token is the session's, whatever the code. */
static char *form_token(Host *host, const Caller *caller)
{
    g_autoptr(Txn) txn = house_begin(host->house, host->house->tenant);
    char *token = session_form_token(txn, caller);

    house_commit(txn);
    return token;
}

/* *ret_number: (out) (optional) (transfer full) */
static Reason
decide(Host *host, const Caller *caller, const char *code, gboolean approved, char **ret_number)
{
    g_autofree char *token = form_token(host, caller);
    const DeviceDecideAsked asked = {caller, code, token, approved};
    DeviceDecideAnswer answer;
    Outcome outcome = house_run(host->house, &device_decide_act, &asked, &answer);
    Reason reason = answer.reason;

    g_assert_cmpint(outcome == OUTCOME_GRANTED, ==, reason == REASON_NONE);
    if (ret_number) {
        *ret_number = g_strdup(answer.number);
    }
    house_clear(&device_decide_act, &answer);
    return reason;
}

static Outcome answer_of(Host *host, const Id *id, const char *typed, Reason *ret_reason)
{
    const DeviceAnswerAsked asked = {&host->root, id, typed};
    DeviceAnswerAnswer answer;
    Outcome outcome = house_run(host->house, &device_answer_act, &asked, &answer);

    g_assert_cmpint(outcome == OUTCOME_GRANTED, ==, answer.slug[0] != '\0');
    *ret_reason = answer.reason;
    house_clear(&device_answer_act, &answer);
    return outcome;
}

static void denied(Host *host, const Id *id, const char *typed, Reason wanted)
{
    Reason reason = REASON_NONE;

    g_assert_cmpint(answer_of(host, id, typed, &reason), ==, OUTCOME_DENIED);
    g_assert_cmpint(reason, ==, wanted);
}

static void outcome_is(Host *host, const Id *id, const char *typed, Outcome wanted)
{
    Reason reason = REASON_NONE;

    g_assert_cmpint(answer_of(host, id, typed, &reason), ==, wanted);
}

static void a_typed_code_is_read_in_any_spelling(void)
{
    static const struct {
        const char *typed, *code;
    } rows[] = {
        {"WDJB-MJHT", "WDJBMJHT"},   {"wdjbmjht", "WDJBMJHT"},
        {" wdjb mjht ", "WDJBMJHT"}, {"", NULL},
        {"WDJBMJH", NULL},           {"WDJBMJHTT", NULL},
        {"WDJBMJHA", NULL},          {"WDJBMJH0", NULL},
        {"WDJB\nMJHT", NULL},        {"WDJBMJH\xc3\xa4", NULL},
    };

    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        char code[USER_CODE_CHARS + 1] = "";
        g_assert_cmpint(user_code_read(rows[i].typed, code), ==, rows[i].code != NULL);
        g_assert_cmpstr(code, ==, rows[i].code ? rows[i].code : "");
    }
}

static void the_linked_account_is_granted_once(void)
{
    g_auto(Host) host = {0};
    host_open(&host);
    g_auto(DeviceOpenAnswer) device = opened(&host, "alice");
    g_autofree char *number = NULL;

    outcome_is(&host, &device.id, NULL, OUTCOME_PENDING);
    outcome_is(&host, &device.id, "", OUTCOME_PENDING);
    g_assert_cmpint(decide(&host, &host.alice, device.user_code, TRUE, &number), ==, REASON_NONE);
    g_assert_null(number); /* the same network */
    outcome_is(&host, &device.id, "", OUTCOME_GRANTED);
    denied(&host, &device.id, "", REASON_CODE_EXPIRED);
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
        g_auto(DeviceOpenAnswer) device = opened(&host, rows[i].user);
        g_assert_cmpint(decide(&host, &host.bob, device.user_code, TRUE, NULL), ==, REASON_NONE);
        denied(&host, &device.id, "", rows[i].reason);
        denied(&host, &device.id, "", rows[i].reason);
    }
}

static void a_declined_cancelled_or_old_conversation_is_over(void)
{
    g_auto(Host) host = {0};
    host_open(&host);
    PlainAnswer plain;
    g_auto(DeviceOpenAnswer) declined = opened(&host, "alice");
    g_assert_cmpint(decide(&host, &host.alice, declined.user_code, FALSE, NULL), ==, REASON_NONE);
    denied(&host, &declined.id, "", REASON_DECLINED);
    g_assert_cmpint(
        decide(&host, &host.alice, declined.user_code, TRUE, NULL), ==, REASON_CODE_WRONG);

    g_auto(DeviceOpenAnswer) cancelled = opened(&host, "alice");
    const DeviceAnswerAsked cancel = {&host.root, &cancelled.id, NULL};
    g_assert_cmpint(
        house_run(host.house, &device_cancel_act, &cancel, &plain), ==, OUTCOME_GRANTED);
    denied(&host, &cancelled.id, "", REASON_CANCELLED);
    g_assert_cmpint(house_run(host.house, &device_cancel_act, &cancel, &plain), ==, OUTCOME_DENIED);

    g_auto(DeviceOpenAnswer) old = opened(&host, "alice");
    g_assert_cmpint(decide(&host, &host.alice, old.user_code, TRUE, NULL), ==, REASON_NONE);
    house_advance(host.house, LIFE_USEC);
    denied(&host, &old.id, "", REASON_CODE_EXPIRED);
}

static void the_number_is_taken_once(void)
{
    g_auto(Host) host = {0};
    host_open(&host);
    host.remote = "203.0.113.7";
    g_auto(DeviceOpenAnswer) right = opened(&host, "alice");
    g_autofree char *number = NULL;

    decide(&host, &host.alice, right.user_code, TRUE, &number);
    g_assert_cmpuint(strlen(number), ==, DEVICE_NUMBER_CHARS);
    outcome_is(&host, &right.id, "", OUTCOME_PENDING);
    outcome_is(&host, &right.id, number, OUTCOME_GRANTED);
    denied(&host, &right.id, number, REASON_CODE_EXPIRED);

    g_auto(DeviceOpenAnswer) wrong = opened(&host, "alice");
    g_autofree char *other = NULL;
    decide(&host, &host.alice, wrong.user_code, TRUE, &other);
    denied(&host, &wrong.id, g_str_equal(other, "00") ? "01" : "00", REASON_NUMBER_WRONG);
    denied(&host, &wrong.id, other, REASON_NUMBER_WRONG);
}

static void the_number_is_wanted_from_elsewhere_and_for_the_privileged(void)
{
    static const struct {
        const char *remote;
        gboolean privileged, wanted;
        guint32 uid;
    } rows[] = {
        {"192.0.2.1", FALSE, FALSE, 0},   {"192.0.2.1", TRUE, TRUE, 0},
        {"192.0.2.1", FALSE, TRUE, 1000}, {"192.0.2.9", FALSE, TRUE, 0},
        {NULL, FALSE, TRUE, 0},           {"desk", FALSE, TRUE, 0},
    };
    g_auto(Host) host = {0};
    host_open(&host);

    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *number = NULL;
        host.remote = rows[i].remote;
        host.privileged = rows[i].privileged;
        host.root.uid = rows[i].uid;
        house_advance(host.house, 5 * USEC_PER_MINUTE);
        host.alice.session->signed_in_usec = host.house->now_usec;
        g_auto(DeviceOpenAnswer) device = opened(&host, "alice");
        g_test_message("row %u", i);
        decide(&host, &host.alice, device.user_code, TRUE, &number);
        g_assert_cmpint(number != NULL, ==, rows[i].wanted);
    }
}

static void a_service_wants_a_fresh_sign_in_and_a_form_of_the_session(void)
{
    g_auto(Host) host = {0};
    host_open(&host);
    g_autofree char *of_bob = form_token(&host, &host.bob);
    DeviceLookAnswer seen;
    DeviceDecideAnswer answer;

    house_advance(host.house, 16 * USEC_PER_MINUTE);
    g_auto(DeviceOpenAnswer) device = opened(&host, "alice");
    g_assert_cmpint(look(&host, &host.alice, device.user_code, &seen), ==, OUTCOME_DENIED);
    g_assert_cmpint(seen.reason, ==, REASON_STALE_SIGN_IN);
    house_clear(&device_look_act, &seen);
    g_assert_cmpint(
        decide(&host, &host.alice, device.user_code, TRUE, NULL), ==, REASON_STALE_SIGN_IN);
    host.alice.session->signed_in_usec = host.house->now_usec;
    const DeviceDecideAsked forged = {&host.alice, device.user_code, of_bob, TRUE};
    g_assert_cmpint(
        house_run(host.house, &device_decide_act, &forged, &answer), ==, OUTCOME_DENIED);
    g_assert_cmpint(answer.reason, ==, REASON_FORM_TOKEN);
    house_clear(&device_decide_act, &answer);
    outcome_is(&host, &device.id, "", OUTCOME_PENDING);
}

static void wrong_codes_are_counted(void)
{
    g_auto(Host) host = {0};
    host_open(&host);
    g_auto(DeviceOpenAnswer) device = opened(&host, "alice");
    DeviceLookAnswer seen;

    for (guint i = 0; i < 20; i++) { /* right ones cost nothing */
        g_assert_cmpint(look(&host, &host.alice, device.user_code, &seen), ==, OUTCOME_GRANTED);
        g_assert_cmpstr(seen.local_user, ==, "alice");
        house_clear(&device_look_act, &seen);
    }
    for (guint i = 0; i < 6; i++) {
        g_assert_cmpint(look(&host, &host.alice, "BBBB-BBBB", &seen), ==, OUTCOME_DENIED);
        g_assert_cmpint(seen.reason, ==, i < 5 ? REASON_CODE_WRONG : REASON_TOO_MANY);
        house_clear(&device_look_act, &seen);
    }
    g_assert_cmpint(decide(&host, &host.alice, device.user_code, TRUE, NULL), ==, REASON_TOO_MANY);
    outcome_is(&host, &device.id, "", OUTCOME_PENDING);
}

static void a_new_conversation_replaces_only_its_own(void)
{
    g_auto(Host) host = {0};
    host_open(&host);
    g_auto(DeviceOpenAnswer) first = opened(&host, "alice");
    g_auto(DeviceOpenAnswer) of_carol = opened(&host, "carol");
    host.remote = "203.0.113.7";
    g_auto(DeviceOpenAnswer) elsewhere = opened(&host, "alice");
    host.remote = "192.0.2.1";
    g_auto(DeviceOpenAnswer) second = opened(&host, "alice");

    denied(&host, &first.id, "", REASON_CANCELLED);
    outcome_is(&host, &second.id, "", OUTCOME_PENDING);
    outcome_is(&host, &elsewhere.id, "", OUTCOME_PENDING);
    outcome_is(&host, &of_carol.id, "", OUTCOME_PENDING);
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
        g_assert_cmpint(
            open_for(&host, "alice", &answer), ==, i % 4 < 3 ? OUTCOME_GRANTED : OUTCOME_DENIED);
        g_assert_cmpint(answer.reason, ==, i % 4 < 3 ? REASON_NONE : REASON_TOO_MANY);
        house_clear(&device_open_act, &answer);
    }
    host.remote = "198.51.100.200";
    g_assert_cmpint(open_for(&host, "alice", &answer), ==, OUTCOME_DENIED);
    house_clear(&device_open_act, &answer);
    g_auto(DeviceOpenAnswer) of_carol = opened(&host, "carol");
    house_advance(host.house, 10 * USEC_PER_MINUTE);
    g_auto(DeviceOpenAnswer) later = opened(&host, "alice");
}

static void what_is_gone_after_approval_is_refused(void)
{
    g_auto(Host) host = {0};
    host_open(&host);
    PlainAnswer plain;
    const ServiceAsked sshd = {&host.root, "sshd"};
    g_auto(DeviceOpenAnswer) suspended = opened(&host, "alice");
    decide(&host, &host.alice, suspended.user_code, TRUE, NULL);
    people_suspend(host.house, &host.alice);
    denied(&host, &suspended.id, "", REASON_SUSPENDED);

    g_auto(DeviceOpenAnswer) disabled = opened(&host, "carol");
    decide(&host, &host.bob, disabled.user_code, TRUE, NULL);
    g_assert_cmpint(
        house_run(host.house, &service_disable_act, &sshd, &plain), ==, OUTCOME_GRANTED);
    denied(&host, &disabled.id, "", REASON_SERVICE_OFF);
    DeviceOpenAnswer answer;
    g_assert_cmpint(open_for(&host, "alice", &answer), ==, OUTCOME_DENIED);
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
    g_auto(DeviceOpenAnswer) device = opened(&host, "alice");
    g_assert_cmpint(decide(&host, &host.alice, device.user_code, TRUE, NULL), ==, REASON_NONE);
    denied(&host, &device.id, "", REASON_NO_LINK);
}

static Reason account_phase(Host *host, const char *service, const char *user)
{
    const DeviceAccountAsked asked = {&host->root, service, user};
    PlainAnswer answer;

    house_run(host->house, &device_account_act, &asked, &answer);
    return answer.reason;
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

static Reason poll(Host *host, const char *client_id, const char *code)
{
    Caller caller = house_caller(host->house, CALLER_NONE);
    const DevicePollAsked asked = {&caller, client_id, code};
    TokenAnswer answer;
    Outcome outcome = house_run(host->house, &device_poll_act, &asked, &answer);
    Reason reason = answer.reason;

    g_assert_cmpint(outcome == OUTCOME_GRANTED, ==, answer.access_token != NULL);
    token_answer_clear(&answer);
    return reason;
}

static DeviceOpenAnswer opened_for_app(Host *host, const char *client_id)
{
    Caller caller = house_caller(host->house, CALLER_NONE);
    const DeviceOpenAsked asked = {.caller = &caller, .client_id = client_id, .scope = "openid"};
    DeviceOpenAnswer answer;

    g_assert_cmpint(house_run(host->house, &device_open_act, &asked, &answer), ==, OUTCOME_GRANTED);
    return answer;
}

static void an_app_is_told_to_wait_and_to_slow_down_for_good(void)
{
    g_auto(Host) host = {0};
    host_open(&host);
    g_autofree char *app = people_app(host.house, host.house->tenant, "TV");
    g_autofree char *other = people_app(host.house, host.house->tenant, "Other");
    g_auto(DeviceOpenAnswer) device = opened_for_app(&host, app);
    const char *code = device.device_code;

    g_assert_cmpint(poll(&host, app, code), ==, REASON_AUTHORIZATION_PENDING);
    house_advance(host.house, 4 * USEC_PER_SEC);
    g_assert_cmpint(poll(&host, app, code), ==, REASON_SLOW_DOWN);
    house_advance(host.house, 9 * USEC_PER_SEC);
    g_assert_cmpint(poll(&host, app, code), ==, REASON_SLOW_DOWN);
    house_advance(host.house, 15 * USEC_PER_SEC);
    g_assert_cmpint(poll(&host, app, code), ==, REASON_AUTHORIZATION_PENDING);
    g_assert_cmpint(poll(&host, other, code), ==, REASON_GRANT_INVALID);
    g_assert_cmpint(poll(&host, "nobody", code), ==, REASON_CLIENT_UNKNOWN);
    g_assert_cmpint(poll(&host, app, "adc_x"), ==, REASON_GRANT_INVALID);
    g_assert_cmpint(decide(&host, &host.bob, device.user_code, TRUE, NULL), ==, REASON_NONE);
    g_assert_cmpint(poll(&host, app, code), ==, REASON_NONE);
    g_assert_cmpint(poll(&host, app, code), ==, REASON_GRANT_INVALID);
}

static void an_app_learns_of_decline_and_expiry(void)
{
    g_auto(Host) host = {0};
    host_open(&host);
    g_autofree char *app = people_app(host.house, host.house->tenant, "TV");
    g_auto(DeviceOpenAnswer) declined = opened_for_app(&host, app);
    g_auto(DeviceOpenAnswer) old = opened_for_app(&host, app);

    g_assert_cmpint(decide(&host, &host.bob, declined.user_code, FALSE, NULL), ==, REASON_NONE);
    g_assert_cmpint(poll(&host, app, declined.device_code), ==, REASON_DECLINED);
    house_advance(host.house, DEVICE_LIFE_USEC);
    g_assert_cmpint(poll(&host, app, old.device_code), ==, REASON_DEVICE_EXPIRED);
    g_assert_cmpint(decide(&host, &host.bob, old.user_code, TRUE, NULL), ==, REASON_CODE_WRONG);
}

static void a_restricted_app_meets_nobody_new(void)
{
    g_auto(Host) host = {0};
    host_open(&host);
    g_autofree char *app = people_app(host.house, host.house->tenant, "Shop");

    g_free(people_code(host.house, &host.alice, app, "openid"));
    people_app_state(host.house, app, APP_RESTRICT);
    g_auto(DeviceOpenAnswer) device = opened_for_app(&host, app);
    g_assert_cmpint(
        decide(&host, &host.bob, device.user_code, TRUE, NULL), ==, REASON_NOT_PERMITTED);
    g_assert_cmpint(poll(&host, app, device.device_code), ==, REASON_AUTHORIZATION_PENDING);
    g_assert_cmpint(decide(&host, &host.alice, device.user_code, TRUE, NULL), ==, REASON_NONE);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/core/device/user-code", a_typed_code_is_read_in_any_spelling);
    g_test_add_func("/core/device/once", the_linked_account_is_granted_once);
    g_test_add_func("/core/device/unlinked", who_is_not_linked_is_refused_after_approval);
    g_test_add_func("/core/device/over", a_declined_cancelled_or_old_conversation_is_over);
    g_test_add_func("/core/device/number", the_number_is_taken_once);
    g_test_add_func(
        "/core/device/number-wanted", the_number_is_wanted_from_elsewhere_and_for_the_privileged);
    g_test_add_func("/core/device/form", a_service_wants_a_fresh_sign_in_and_a_form_of_the_session);
    g_test_add_func("/core/device/wrong-codes", wrong_codes_are_counted);
    g_test_add_func("/core/device/replaces", a_new_conversation_replaces_only_its_own);
    g_test_add_func("/core/device/knocking", three_of_an_address_and_thirty_in_all_in_ten_minutes);
    g_test_add_func("/core/device/gone", what_is_gone_after_approval_is_refused);
    g_test_add_func("/core/device/came-back", who_left_and_came_back_is_not_linked);
    g_test_add_func(
        "/core/device/account", the_account_phase_looks_at_link_account_service_and_app);
    g_test_add_func("/core/device/poll", an_app_is_told_to_wait_and_to_slow_down_for_good);
    g_test_add_func("/core/device/poll-ends", an_app_learns_of_decline_and_expiry);
    g_test_add_func("/core/device/restricted", a_restricted_app_meets_nobody_new);
    return g_test_run();
}
