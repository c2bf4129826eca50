/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "core/limit.h"
#include "core/session.h"

#include "host.h"
#include "people.h"

#include <string.h>

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

static void the_number_is_taken_once(void)
{
    g_auto(Host) host = {0};
    host_open(&host);
    host.remote = "203.0.113.7";
    g_auto(DeviceOpenAnswer) right = host_opened(&host, "alice");
    g_autofree char *number = NULL;

    host_decide(&host, &host.alice, right.user_code, TRUE, &number);
    g_assert_cmpuint(strlen(number), ==, DEVICE_NUMBER_CHARS);
    host_outcome_is(&host, &right.id, "", OUTCOME_PENDING);
    host_outcome_is(&host, &right.id, number, OUTCOME_GRANTED);
    host_denied(&host, &right.id, number, REASON_CODE_EXPIRED);

    g_auto(DeviceOpenAnswer) wrong = host_opened(&host, "alice");
    g_autofree char *other = NULL;
    host_decide(&host, &host.alice, wrong.user_code, TRUE, &other);
    host_denied(&host, &wrong.id, g_str_equal(other, "00") ? "01" : "00", REASON_NUMBER_WRONG);
    host_denied(&host, &wrong.id, other, REASON_NUMBER_WRONG);
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
        g_auto(DeviceOpenAnswer) device = host_opened(&host, "alice");
        g_test_message("row %u", i);
        host_decide(&host, &host.alice, device.user_code, TRUE, &number);
        g_assert_cmpint(number != NULL, ==, rows[i].wanted);
    }
}

static Reason decide_at(Host *host, gint64 signed_in_usec, const char *code)
{
    DeviceLookAnswer seen;

    host->alice.session->signed_in_usec = signed_in_usec;
    (void)host_look(host, &host->alice, code, &seen);
    Reason reason = seen.reason;
    house_clear(&device_look_act, &seen);
    g_assert_cmpint(host_decide(host, &host->alice, code, TRUE, NULL), ==, reason);
    return reason;
}

static void uid_0_wants_a_sign_in_made_since_its_first_code(void)
{
    g_auto(Host) host = {0};
    host_open(&host);
    const gint64 begun_usec = host.house->now_usec;

    host.superuser = TRUE;
    g_auto(DeviceOpenAnswer) first = host_opened(&host, "alice");
    g_assert_cmpint(decide_at(&host, begun_usec - 1, first.user_code), ==, REASON_NEW_SIGN_IN);
    house_advance(host.house, USEC_PER_MINUTE);
    host.elapsed_usec = USEC_PER_MINUTE;
    g_auto(DeviceOpenAnswer) next = host_opened(&host, "alice");
    g_assert_cmpint(decide_at(&host, begun_usec - 1, next.user_code), ==, REASON_NEW_SIGN_IN);
    g_assert_cmpint(decide_at(&host, begun_usec, next.user_code), ==, REASON_NONE);
    host.superuser = FALSE;
    g_auto(DeviceOpenAnswer) other = host_opened(&host, "alice");
    g_assert_cmpint(decide_at(&host, begun_usec - 1, other.user_code), ==, REASON_NONE);
}

static void a_service_wants_a_fresh_sign_in_and_a_form_of_the_session(void)
{
    g_auto(Host) host = {0};
    host_open(&host);
    g_autofree char *of_bob = host_form_token(&host, &host.bob);
    DeviceLookAnswer seen;
    DeviceDecideAnswer answer;

    house_advance(host.house, 16 * USEC_PER_MINUTE);
    g_auto(DeviceOpenAnswer) device = host_opened(&host, "alice");
    g_assert_cmpint(host_look(&host, &host.alice, device.user_code, &seen), ==, OUTCOME_DENIED);
    g_assert_cmpint(seen.reason, ==, REASON_STALE_SIGN_IN);
    house_clear(&device_look_act, &seen);
    g_assert_cmpint(
        host_decide(&host, &host.alice, device.user_code, TRUE, NULL), ==, REASON_STALE_SIGN_IN);
    host.alice.session->signed_in_usec = host.house->now_usec;
    const DeviceDecideAsked forged = {&host.alice, device.user_code, of_bob, TRUE, FALSE};
    g_assert_cmpint(
        house_run(host.house, &device_decide_act, &forged, &answer), ==, OUTCOME_DENIED);
    g_assert_cmpint(answer.reason, ==, REASON_FORM_TOKEN);
    house_clear(&device_decide_act, &answer);
    host_outcome_is(&host, &device.id, "", OUTCOME_PENDING);
}

static void O11_wrong_codes_are_counted(void)
{
    g_auto(Host) host = {0};
    host_open(&host);
    g_auto(DeviceOpenAnswer) device = host_opened(&host, "alice");
    DeviceLookAnswer seen;

    for (guint i = 0; i < 20; i++) { /* right ones cost nothing */
        g_assert_cmpint(
            host_look(&host, &host.alice, device.user_code, &seen), ==, OUTCOME_GRANTED);
        g_assert_cmpstr(seen.local_user, ==, "alice");
        house_clear(&device_look_act, &seen);
    }
    for (guint i = 0; i < 6; i++) {
        g_assert_cmpint(host_look(&host, &host.alice, "BBBB-BBBB", &seen), ==, OUTCOME_DENIED);
        g_assert_cmpint(seen.reason, ==, i < 5 ? REASON_CODE_WRONG : REASON_TOO_MANY);
        house_clear(&device_look_act, &seen);
    }
    g_assert_cmpint(
        host_decide(&host, &host.alice, device.user_code, TRUE, NULL), ==, REASON_TOO_MANY);
    host_outcome_is(&host, &device.id, "", OUTCOME_PENDING);
}

static void spend_what_everybody_has(Host *host)
{
    const LimitUse all = {LIMIT_USER_CODE, limit_everybody, strlen(limit_everybody)};
    g_autoptr(Txn) txn = house_begin(host->house, host->house->tenant);
    gboolean allowed = TRUE;
    guint retry = 0;

    while (allowed) {
        g_assert_true(limit_take(txn, &host->alice, &all, 1, &allowed, &retry, NULL));
    }
    house_commit(txn);
}

static void O11_wrong_codes_are_counted_in_all_and_lock_no_host_out(void)
{
    g_auto(Host) host = {0};
    host_open(&host);
    g_autofree char *app = people_app(host.house, host.house->tenant, "TV");
    g_auto(DeviceOpenAnswer) of_host = host_opened(&host, "alice");
    g_auto(DeviceOpenAnswer) of_app = {0};
    Caller caller = house_caller(host.house, CALLER_NONE);
    const DeviceOpenAsked asked = {.caller = &caller, .client_id = app, .scope = "openid"};
    DeviceLookAnswer seen;

    g_assert_cmpint(house_run(host.house, &device_open_act, &asked, &of_app), ==, OUTCOME_GRANTED);
    spend_what_everybody_has(&host);
    g_assert_cmpint(host_look(&host, &host.bob, "BBBB-BBBB", &seen), ==, OUTCOME_DENIED);
    g_assert_cmpint(seen.reason, ==, REASON_TOO_MANY);
    house_clear(&device_look_act, &seen);
    g_assert_cmpint(host_look(&host, &host.bob, of_app.user_code, &seen), ==, OUTCOME_DENIED);
    g_assert_cmpint(seen.reason, ==, REASON_TOO_MANY);
    house_clear(&device_look_act, &seen);
    g_assert_cmpint(host_look(&host, &host.alice, of_host.user_code, &seen), ==, OUTCOME_GRANTED);
    house_clear(&device_look_act, &seen);
}

static void O11_all_addresses_of_an_ipv6_64_guess_together(void)
{
    g_auto(Host) host = {0};
    host_open(&host);
    DeviceLookAnswer seen;
    host.alice.address = "2001:db8::1";
    host.bob.address = "2001:db8::2";

    for (guint i = 0; i < 6; i++) {
        Caller *guesser = i < 5 ? &host.alice : &host.bob;
        g_assert_cmpint(host_look(&host, guesser, "BBBB-BBBB", &seen), ==, OUTCOME_DENIED);
        g_assert_cmpint(seen.reason, ==, i < 5 ? REASON_CODE_WRONG : REASON_TOO_MANY);
        house_clear(&device_look_act, &seen);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/core/device/user-code", a_typed_code_is_read_in_any_spelling);
    g_test_add_func("/core/device/number", the_number_is_taken_once);
    g_test_add_func(
        "/core/device/number-wanted", the_number_is_wanted_from_elsewhere_and_for_the_privileged);
    g_test_add_func("/core/device/uid-0", uid_0_wants_a_sign_in_made_since_its_first_code);
    g_test_add_func("/core/device/form", a_service_wants_a_fresh_sign_in_and_a_form_of_the_session);
    g_test_add_func("/core/device/O11_wrong_codes", O11_wrong_codes_are_counted);
    g_test_add_func(
        "/core/device-page/O11_in_all", O11_wrong_codes_are_counted_in_all_and_lock_no_host_out);
    g_test_add_func("/core/device-page/ipv6", O11_all_addresses_of_an_ipv6_64_guess_together);
    return g_test_run();
}
