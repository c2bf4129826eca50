/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "core/device.h"

#include "host.h"
#include "people.h"

static Reason poll(Host *host, const char *client_id, const char *code)
{
    Caller caller = house_caller(host->house, CALLER_NONE);
    const DevicePollAsked asked = {.caller = &caller, .client_id = client_id, .device_code = code};
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

static void O11_an_app_is_told_to_wait_and_to_slow_down_for_good(void)
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
    g_assert_cmpint(host_decide(&host, &host.bob, device.user_code, TRUE, NULL), ==, REASON_NONE);
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

    g_assert_cmpint(
        host_decide(&host, &host.bob, declined.user_code, FALSE, NULL), ==, REASON_NONE);
    g_assert_cmpint(poll(&host, app, declined.device_code), ==, REASON_DECLINED);
    house_advance(host.house, DEVICE_LIFE_USEC);
    g_assert_cmpint(poll(&host, app, old.device_code), ==, REASON_DEVICE_EXPIRED);
    g_assert_cmpint(
        host_decide(&host, &host.bob, old.user_code, TRUE, NULL), ==, REASON_CODE_WRONG);
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
        host_decide(&host, &host.bob, device.user_code, TRUE, NULL), ==, REASON_NOT_PERMITTED);
    g_assert_cmpint(poll(&host, app, device.device_code), ==, REASON_AUTHORIZATION_PENDING);
    g_assert_cmpint(host_decide(&host, &host.alice, device.user_code, TRUE, NULL), ==, REASON_NONE);
}

static void all_addresses_of_an_ipv6_64_have_one_budget(void)
{
    g_auto(Host) host = {0};
    host_open(&host);
    g_autofree char *app = people_app(host.house, host.house->tenant, "TV");
    Tenant *tenant = host.house->config->tenants->pdata[0];
    Caller caller = house_caller(host.house, CALLER_NONE);
    const DeviceOpenAsked asked = {.caller = &caller, .client_id = app, .scope = "openid"};
    DeviceOpenAnswer answer;
    tenant->limits[LIMIT_DEVICE_CLIENT] = (LimitRate){1, 3600};

    for (guint i = 0; i < 2; i++) {
        caller.address = i ? "2001:db8::2" : "2001:db8::1";
        (void)house_run(host.house, &device_open_act, &asked, &answer);
        g_assert_cmpint(answer.reason, ==, i ? REASON_TOO_MANY : REASON_NONE);
        house_clear(&device_open_act, &answer);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/core/device/O11_poll", O11_an_app_is_told_to_wait_and_to_slow_down_for_good);
    g_test_add_func("/core/device/poll-ends", an_app_learns_of_decline_and_expiry);
    g_test_add_func("/core/device/restricted", a_restricted_app_meets_nobody_new);
    g_test_add_func("/core/device-poll/ipv6", all_addresses_of_an_ipv6_64_have_one_budget);
    return g_test_run();
}
