/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "core/pushed.h"

#include "people.h"

/* @tenant's app pushes; the id, or none. */
static Reason push(House *house, const Tenant *tenant, const char *client_id, Id *ret_id)
{
    Caller caller = house_caller(house, CALLER_NONE);
    const PushAsked asked = {.caller = &caller, .parameters = people_parameters(client_id)};
    PushAnswer answer;

    caller.tenant = tenant;
    Outcome outcome = house_run(house, &pushed_put_act, &asked, &answer);
    Reason reason = answer.reason;
    g_assert_cmpint(outcome == OUTCOME_GRANTED, ==, reason == REASON_NONE);
    if (outcome == OUTCOME_GRANTED) {
        g_assert_true(pushed_id_from_uri(answer.request_uri, ret_id));
    }
    house_clear(&pushed_put_act, &answer);
    return reason;
}

static gboolean is_there(House *house, const Tenant *tenant, const Id *id, const char *client_id)
{
    g_autoptr(Txn) txn = house_begin(house, tenant);
    g_autoptr(Authorization) authorization = NULL;
    Id app = ID_NONE;

    g_assert_true(id_from_text(client_id, &app));
    g_assert_true(pushed_load(txn, id, &app, &authorization, NULL));
    return authorization != NULL;
}

static void it_is_there_for_ninety_seconds_and_for_its_app_alone(void)
{
    g_autoptr(House) house = house_new();
    g_autofree char *mine = people_app(house, house->tenant, "Mine");
    g_autofree char *other = people_app(house, house->tenant, "Other");
    Id id = ID_NONE;

    g_assert_cmpint(push(house, house->tenant, mine, &id), ==, REASON_NONE);
    g_assert_true(is_there(house, house->tenant, &id, mine));
    g_assert_false(is_there(house, house->tenant, &id, other));
    g_assert_false(is_there(house, house->other, &id, mine));
    house_advance(house, PUSHED_LIFE_USEC);
    g_assert_false(is_there(house, house->tenant, &id, mine));
}

static void a_budget_of_the_address_bounds_what_a_stranger_keeps(void)
{
    g_autoptr(House) house = house_new();
    g_autofree char *mine = people_app(house, house->tenant, "Mine");
    Id id = ID_NONE;

    for (guint i = 0; i < house->tenant->limits[LIMIT_PUSH_CLIENT].count; i++) {
        g_assert_cmpint(
            push(house, house->tenant, i % 2 ? mine : "nobody", &id), !=, REASON_TOO_MANY);
    }
    g_assert_cmpint(push(house, house->tenant, mine, &id), ==, REASON_TOO_MANY);
    g_assert_cmpint(push(house, house->tenant, "nobody", &id), ==, REASON_TOO_MANY);
    house_advance(house, USEC_PER_SEC);
    g_assert_cmpint(push(house, house->tenant, mine, &id), ==, REASON_NONE);
}

static void a_disabled_app_pushes_nothing(void)
{
    g_autoptr(House) house = house_new();
    g_autofree char *mine = people_app(house, house->tenant, "Mine");
    Id id = ID_NONE;

    people_app_state(house, mine, APP_DISABLED);
    g_assert_cmpint(push(house, house->tenant, mine, &id), ==, REASON_APP_DISABLED);
}

static void only_our_own_uris_name_one(void)
{
    static const char *const foreign[] = {
        NULL, "", "urn:ietf:params:oauth:request_uri:", "urn:ietf:params:oauth:request_uri:short",
        "https://id.example/urn:ietf:params:oauth:request_uri:AAAAAAAAAAAAAAAAAAAAAA"};
    Id id = ID_NONE;

    for (guint i = 0; i < G_N_ELEMENTS(foreign); i++) {
        g_assert_false(pushed_id_from_uri(foreign[i], &id));
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define TEST(promise) g_test_add_func("/core/pushed/" #promise, promise)
    TEST(it_is_there_for_ninety_seconds_and_for_its_app_alone);
    TEST(a_budget_of_the_address_bounds_what_a_stranger_keeps);
    TEST(a_disabled_app_pushes_nothing);
    TEST(only_our_own_uris_name_one);
    return g_test_run();
}
