/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "core/account.h"

#include "house.h"

static Reason
ask(House *house, const ActType *act, const Tenant *tenant, const char *email, Id *ret_id)
{
    Caller caller = house_caller(house, CALLER_BUS);
    AccountAnswer answer;

    caller.tenant = tenant;
    const AccountAsked asked = {.caller = &caller, .email = email};
    Outcome outcome = house_run(house, act, &asked, &answer);
    g_assert_cmpint(outcome, ==, answer.reason == REASON_NONE ? OUTCOME_GRANTED : OUTCOME_DENIED);
    Reason reason = answer.reason;
    *ret_id = answer.id;
    house_clear(act, &answer);
    return reason;
}

static void an_address_has_one_account_however_it_is_typed(void)
{
    g_autoptr(House) house = house_new();
    Id made = ID_NONE;
    Id found = ID_NONE;

    g_assert_cmpint(
        ask(house, &account_add_act, house->tenant, "Alice@Example.org", &made), ==, REASON_NONE);
    g_assert_cmpint(
        ask(house, &account_add_act, house->tenant, "alice@example.ORG", &found), ==,
        REASON_EXISTS);
    g_assert_cmpint(
        ask(house, &account_show_act, house->tenant, "ALICE@example.org", &found), ==, REASON_NONE);
    g_assert_true(id_equal(&made, &found));
}

static void a_bad_or_unknown_address_is_refused(void)
{
    g_autoptr(House) house = house_new();
    Id id = ID_NONE;

    g_assert_cmpint(
        ask(house, &account_add_act, house->tenant, "alice", &id), ==, REASON_ADDRESS_BAD);
    g_assert_cmpint(
        ask(house, &account_show_act, house->tenant, NULL, &id), ==, REASON_ADDRESS_BAD);
    g_assert_cmpint(
        ask(house, &account_show_act, house->tenant, "bob@example.org", &id), ==, REASON_NOT_FOUND);
}

static void another_tenant_does_not_know_the_account(void)
{
    g_autoptr(House) house = house_new();
    Caller caller = house_caller(house, CALLER_BUS);
    Id id = ID_NONE;
    Id other = ID_NONE;
    AccountAnswer answer;

    g_assert_cmpint(
        ask(house, &account_add_act, house->tenant, "alice@example.org", &id), ==, REASON_NONE);
    g_assert_cmpint(
        ask(house, &account_show_act, house->other, "alice@example.org", &other), ==,
        REASON_NOT_FOUND);
    const AccountAsked asked = {.caller = &caller, .id = &id};
    g_assert_cmpint(house_run(house, &account_show_act, &asked, &answer), ==, OUTCOME_GRANTED);
    g_assert_cmpstr(answer.email, ==, "alice@example.org");
    house_clear(&account_show_act, &answer);
    caller.tenant = house->other;
    g_assert_cmpint(house_run(house, &account_show_act, &asked, &answer), ==, OUTCOME_DENIED);
    house_clear(&account_show_act, &answer);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func(
        "/core/account/one-for-an-address", an_address_has_one_account_however_it_is_typed);
    g_test_add_func("/core/account/bad-or-unknown", a_bad_or_unknown_address_is_refused);
    g_test_add_func("/core/account/tenants-apart", another_tenant_does_not_know_the_account);
    return g_test_run();
}
