/* SPDX-License-Identifier: GPL-3.0-or-later */

/* test-ending.c - what is over at once, and is cleared away bit by bit */

#include "core/ending.h"

#include "core/chain.h"
#include "core/identity.h"
#include "store/list.h"

#include "people.h"

#define PEOPLE_MANY (2 * ENDING_IDENTITIES_MAX + 3)

/* An app whose people are many; one of them is there, and has tokens. */
typedef struct Crowd {
    House *house;
    char *client_id;
    Id app;
    Caller alice;
    TokenAnswer tokens;
    Id slugs[PEOPLE_MANY];
} Crowd;

static void set_up(Crowd *crowd, G_GNUC_UNUSED gconstpointer data)
{
    crowd->house = house_new();
    crowd->client_id = people_app(crowd->house, crowd->house->tenant, "Shop");
    g_assert_true(id_from_text(crowd->client_id, &crowd->app));
    crowd->alice = people_sign_in(crowd->house, "alice@example.org");
    people_tokens(crowd->house, &crowd->alice, crowd->client_id, "openid", &crowd->tokens);
    g_autoptr(Txn) txn = house_begin(crowd->house, crowd->house->tenant);
    for (guint i = 0; i < PEOPLE_MANY; i++) {
        g_autoptr(Identity) identity = NULL;
        const Id account = {{(guint8)(i + 1)}};
        const Id *who = i == 0 ? &crowd->alice.account->id : &account;
        g_assert_true(identity_make(txn, who, &crowd->app, &identity, NULL));
        crowd->slugs[i] = identity->slug;
    }
    house_commit(txn);
}

static void tear_down(Crowd *crowd, G_GNUC_UNUSED gconstpointer data)
{
    token_answer_clear(&crowd->tokens);
    caller_clear(&crowd->alice);
    g_free(crowd->client_id);
    house_free(crowd->house);
}

static Outcome remove_app(const Crowd *crowd)
{
    const Caller caller = house_caller(crowd->house, CALLER_BUS);
    const AppAsked asked = {.caller = &caller, .id = &crowd->app};
    AppAnswer answer;
    Outcome outcome = house_run(crowd->house, &app_remove_act, &asked, &answer);

    house_clear(&app_remove_act, &answer);
    return outcome;
}

/* How many slugs are somebody's; each is so whole or not at all. */
static guint left(const Crowd *crowd)
{
    const ListName of_app = {LIST_IDENTITIES_OF_APP, crowd->app.bytes, ID_BYTES};
    g_autoptr(Txn) txn = house_begin(crowd->house, crowd->house->tenant);
    guint count = 0;

    for (guint i = 0; i < PEOPLE_MANY; i++) {
        g_autoptr(Identity) found = NULL;
        gboolean listed = FALSE;
        g_assert_true(identity_find_slug(txn, &crowd->slugs[i], &found, NULL));
        if (found) {
            g_autoptr(Identity) same = NULL;
            g_assert_true(list_has(txn, &of_app, &found->id, &listed, NULL));
            g_assert_true(identity_find(txn, &found->account, &crowd->app, &same, NULL));
            g_assert_true(listed && same);
            count++;
        }
    }
    g_autoptr(GArray) ids = list_take(txn, &of_app, NULL, G_MAXUINT, NULL);
    g_assert_cmpuint(ids->len, ==, count);
    house_commit(txn);
    return count;
}

static void
a_removed_app_is_dead_at_once_and_its_people_go_in_parts(Crowd *crowd, gconstpointer data)
{
    (void)data;
    g_assert_true(people_access(crowd->house, crowd->tokens.access_token));
    g_assert_cmpint(remove_app(crowd), ==, OUTCOME_GRANTED);
    g_assert_cmpint(remove_app(crowd), ==, OUTCOME_DENIED);
    g_assert_false(people_access(crowd->house, crowd->tokens.access_token));
    for (guint i = PEOPLE_MANY; i > 0; i -= MIN(i, ENDING_IDENTITIES_MAX)) {
        g_assert_cmpuint(left(crowd), ==, i);
        g_assert_true(people_clear_one(crowd->house, NULL));
    }
    g_assert_cmpuint(left(crowd), ==, 0);
    g_assert_false(people_clear_one(crowd->house, NULL));
}

static void remove_and_begin(House *house, gpointer data)
{
    g_assert_cmpint(remove_app(data), ==, OUTCOME_GRANTED);
    g_assert_true(people_clear_one(house, NULL));
}

static void k1_killed_in_between_it_goes_on_where_it_was(Crowd *crowd, gconstpointer data)
{
    (void)data;
    house_killed_after(crowd->house, remove_and_begin, crowd);
    g_assert_cmpuint(left(crowd), ==, PEOPLE_MANY - ENDING_IDENTITIES_MAX);
    g_assert_cmpint(remove_app(crowd), ==, OUTCOME_DENIED);
    while (people_clear_one(crowd->house, NULL)) {
        g_assert_false(people_access(crowd->house, crowd->tokens.access_token));
    }
    g_assert_cmpuint(left(crowd), ==, 0);
}

static void one_app_after_the_other(Crowd *crowd, gconstpointer data)
{
    g_autofree char *other = people_app(crowd->house, crowd->house->tenant, "Bakery");
    Crowd bakery = {.house = crowd->house};

    (void)data;
    g_assert_true(id_from_text(other, &bakery.app));
    g_assert_cmpint(remove_app(&bakery), ==, OUTCOME_GRANTED);
    g_assert_true(people_clear_one(crowd->house, NULL));
    g_assert_false(people_clear_one(crowd->house, NULL));
    g_assert_cmpuint(left(crowd), ==, PEOPLE_MANY); /* that app is there */
    g_assert_true(people_access(crowd->house, crowd->tokens.access_token));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define TEST(promise) g_test_add("/core/ending/" #promise, Crowd, NULL, set_up, promise, tear_down)
    TEST(a_removed_app_is_dead_at_once_and_its_people_go_in_parts);
    TEST(k1_killed_in_between_it_goes_on_where_it_was);
    TEST(one_app_after_the_other);
    return g_test_run();
}
