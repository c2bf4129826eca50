/* SPDX-License-Identifier: GPL-3.0-or-later */

/* test-janitor.c - the round goes through all tenants, and takes what was unused for too long, and
 * what is over */

#include "jobs/janitor.h"

#include "core/ending.h"
#include "core/identity.h"
#include "core/registration.h"
#include "store/list.h"

#include "../core/house.h"

#define ROUND_USEC_MAX (20 * USEC_PER_SEC)
#define PEOPLE         (3 * ENDING_IDENTITIES_MAX)

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

static void turn_until(gboolean (*is_done)(House *house), House *house)
{
    const gint64 end = g_get_monotonic_time() + ROUND_USEC_MAX;

    while (!is_done(house)) {
        g_assert_cmpint(g_get_monotonic_time(), <, end);
        g_main_context_iteration(NULL, FALSE);
    }
}

static gboolean only_the_young_one_is_left(House *house)
{
    return apps_of(house, house->tenant) == 1 && apps_of(house, house->other) == 0;
}

static void a_round_takes_the_old_ones_of_every_tenant(void)
{
    g_autoptr(House) house = house_new();

    register_some(house, house->tenant, 10);
    register_some(house, house->other, 1);
    house_advance(house, REGISTRATION_IDLE_USEC);
    register_some(house, house->tenant, 1);
    Janitor *janitor = janitor_new(house->store, house->config);
    turn_until(only_the_young_one_is_left, house);
    janitor_free(janitor);
    g_assert_cmpuint(apps_of(house, house->tenant), ==, 1);
}

/* An app that nobody can read, among those that registered themselves. */
static void damage(House *house, const Tenant *tenant)
{
    const Id id = {{1}};
    const ListName name = {LIST_REGISTERED_APPS, "all", 3};
    g_autoptr(GBytes) nonsense = g_bytes_new_static("?", 1);
    g_autoptr(Txn) txn = house_begin(house, tenant);

    g_assert_true(txn_put(txn, KIND_APP, id.bytes, ID_BYTES, nonsense, 0, NULL));
    g_assert_true(list_add(txn, &name, &id, NULL));
    house_commit(txn);
}

static gboolean none_of_the_other_is_left(House *house)
{
    return apps_of(house, house->other) == 0;
}

static void what_fails_of_one_tenant_keeps_no_other_waiting(void)
{
    g_autoptr(House) house = house_new();

    register_some(house, house->other, 3);
    damage(house, house->tenant);
    house_advance(house, REGISTRATION_IDLE_USEC);
    Janitor *janitor = janitor_new(house->store, house->config);
    turn_until(none_of_the_other_is_left, house);
    janitor_free(janitor);
}

/* To the app {1}. */
static void add_people(House *house, const Tenant *tenant)
{
    g_autoptr(Txn) txn = house_begin(house, tenant);
    const Id app = {{1}};

    for (guint i = 0; i < PEOPLE; i++) {
        g_autoptr(Identity) identity = NULL;
        const Id account = {{(guint8)(i + 1)}};
        g_assert_true(identity_make(txn, &account, &app, &identity, NULL));
    }
    house_commit(txn);
}

static guint people_left(House *house, const Tenant *tenant)
{
    const Id app = {{1}};
    const ListName of_app = {LIST_IDENTITIES_OF_APP, app.bytes, ID_BYTES};
    g_autoptr(Txn) txn = house_begin(house, tenant);
    g_autoptr(GArray) ids = list_take(txn, &of_app, NULL, PEOPLE, NULL);

    house_commit(txn);
    return ids->len;
}

static gboolean nobody_is_left(House *house)
{
    return people_left(house, house->tenant) == 0 && people_left(house, house->other) == 0;
}

static void discard(House *house, const Tenant *tenant)
{
    g_autoptr(Txn) txn = house_begin(house, tenant);
    const App app = {.id = {{1}}, .redirect_uris = (char *[]){NULL}};

    g_assert_true(app_discard(txn, &app, NULL));
    house_commit(txn);
}

static gboolean some_are_left(House *house)
{
    return people_left(house, house->other) < PEOPLE;
}

static void the_people_of_a_removed_app_go_without_waiting_for_the_next_round(void)
{
    g_autoptr(House) house = house_new();
    Janitor *janitor = janitor_new(house->store, house->config);

    while (g_main_context_iteration(NULL, FALSE)) { /* the first round */
    }
    add_people(house, house->tenant);
    add_people(house, house->other);
    discard(house, house->other);
    turn_until(some_are_left, house);
    discard(house, house->tenant); /* of whom the round has come from */
    turn_until(nobody_is_left, house);
    janitor_free(janitor);
}

static void what_a_stop_left_goes_in_the_first_round(void)
{
    g_autoptr(House) house = house_new();

    add_people(house, house->tenant);
    discard(house, house->tenant);
    Janitor *janitor = janitor_new(house->store, house->config);
    turn_until(nobody_is_left, house);
    janitor_free(janitor);
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
    TEST(what_fails_of_one_tenant_keeps_no_other_waiting);
    TEST(the_people_of_a_removed_app_go_without_waiting_for_the_next_round);
    TEST(what_a_stop_left_goes_in_the_first_round);
    TEST(without_a_turn_of_the_loop_it_can_go);
    return g_test_run();
}
