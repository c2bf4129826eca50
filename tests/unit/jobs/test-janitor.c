/* SPDX-License-Identifier: GPL-3.0-or-later */

/* test-janitor.c - the round goes through all tenants, and takes what was unused for too long */

#include "jobs/janitor.h"

#include "core/registration.h"

#include "../core/house.h"

#define ROUND_USEC_MAX (20 * USEC_PER_SEC)

static void register_some(House *house, const Tenant *tenant, guint count)
{
    static const char *const uris[] = {"https://shop.example/back", NULL};
    Caller caller = house_caller(house, CALLER_NONE);
    const RegistrationAsked asked = {.caller = &caller, .redirect_uris = uris};
    RegistrationAnswer answer;

    caller.tenant = tenant;
    for (guint i = 0; i < count; i++) {
        g_assert_cmpint(
            house_run(house, &registration_add_act, &asked, &answer), ==, OUTCOME_GRANTED);
        house_clear(&registration_add_act, &answer);
    }
}

static guint apps_of(House *house, const Tenant *tenant)
{
    Caller caller = house_caller(house, CALLER_BUS);
    const AppAsked asked = {.caller = &caller};
    AppAnswer answer;

    caller.tenant = tenant;
    g_assert_cmpint(house_run(house, &app_list_act, &asked, &answer), ==, OUTCOME_GRANTED);
    guint count = answer.apps->len;
    house_clear(&app_list_act, &answer);
    return count;
}

static void a_round_takes_the_old_ones_of_every_tenant(void)
{
    g_autoptr(House) house = house_new();

    register_some(house, house->tenant, 10);
    register_some(house, house->other, 1);
    house_advance(house, REGISTRATION_IDLE_USEC);
    register_some(house, house->tenant, 1);
    Janitor *janitor = janitor_new(house->store, house->config);
    const gint64 end = g_get_monotonic_time() + ROUND_USEC_MAX;
    while (apps_of(house, house->tenant) > 1 || apps_of(house, house->other) > 0) {
        g_assert_cmpint(g_get_monotonic_time(), <, end);
        g_main_context_iteration(NULL, FALSE);
    }
    janitor_free(janitor);
    g_assert_cmpuint(apps_of(house, house->tenant), ==, 1);
}

static void without_a_turn_of_the_loop_it_can_go(void)
{
    g_autoptr(House) house = house_new();

    janitor_free(janitor_new(house->store, house->config));
    janitor_free(NULL);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define TEST(promise) g_test_add_func("/jobs/janitor/" #promise, promise)
    TEST(a_round_takes_the_old_ones_of_every_tenant);
    TEST(without_a_turn_of_the_loop_it_can_go);
    return g_test_run();
}
