/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "core/identity.h"

#include "people.h"

static Identity *make(House *house, const Id *account, const Id *app)
{
    g_autoptr(Txn) txn = house_begin(house, house->tenant);
    Identity *identity = NULL;

    g_assert_true(identity_make(txn, account, app, &identity, NULL));
    house_commit(txn);
    return identity;
}

static void O15_a_slug_is_one_for_a_pair_and_another_for_each_app_and_person(void)
{
    const Id alice = {{1}};
    const Id bob = {{2}};
    const Id shop = {{3}};
    const Id mail = {{4}};
    g_autoptr(House) house = house_new();
    g_autoptr(Identity) first = make(house, &alice, &shop);
    g_autoptr(Identity) again = make(house, &alice, &shop);
    g_autoptr(Identity) elsewhere = make(house, &alice, &mail);
    g_autoptr(Identity) other = make(house, &bob, &shop);

    g_assert_true(id_equal(&first->slug, &again->slug));
    g_assert_false(id_equal(&first->slug, &elsewhere->slug));
    g_assert_false(id_equal(&first->slug, &other->slug));
    g_assert_false(id_equal(&first->slug, &first->id));
}

/* (nullable) (transfer full): what the pair has. */
static Identity *find(House *house, const Id *account, const Id *app)
{
    g_autoptr(Txn) txn = house_begin(house, house->tenant);
    Identity *identity = NULL;

    g_assert_true(identity_find(txn, account, app, &identity, NULL));
    return identity;
}

static void leave(House *house, const Identity *identity)
{
    g_autoptr(Txn) txn = house_begin(house, house->tenant);
    g_autoptr(Identity) gone = NULL;

    g_assert_true(identity_remove(txn, identity, NULL));
    g_assert_true(identity_load(txn, &identity->id, &gone, NULL));
    g_assert_null(gone);
    house_commit(txn);
}

static void finding_makes_none(void)
{
    const Id alice = {{1}};
    const Id shop = {{3}};
    g_autoptr(House) house = house_new();

    g_assert_null(find(house, &alice, &shop));
    g_assert_null(find(house, &alice, &shop));
}

static void leaving_deletes_ends_chains_and_coming_back_gives_a_new_slug(void)
{
    g_autoptr(House) house = house_new();
    g_autofree char *client_id = people_app(house, house->tenant, "Shop");
    Caller alice = people_sign_in(house, "alice@example.org");
    TokenAnswer tokens = {0};
    Id app = ID_NONE;

    people_tokens(house, &alice, client_id, "openid offline_access", &tokens);
    g_assert_true(id_from_text(client_id, &app));
    g_autoptr(Identity) before = make(house, &alice.account->id, &app);
    leave(house, before);
    g_assert_false(people_access(house, tokens.access_token));
    g_assert_null(find(house, &alice.account->id, &app));
    g_autoptr(Identity) after = make(house, &alice.account->id, &app);
    g_assert_false(id_equal(&before->slug, &after->slug));
    token_answer_clear(&tokens);
    caller_clear(&alice);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define TEST(promise) g_test_add_func("/core/identity/" #promise, promise)
    TEST(O15_a_slug_is_one_for_a_pair_and_another_for_each_app_and_person);
    TEST(finding_makes_none);
    TEST(leaving_deletes_ends_chains_and_coming_back_gives_a_new_slug);
    return g_test_run();
}
