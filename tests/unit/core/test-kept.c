/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "core/kept.h"

#include "house.h"

static gboolean waits(House *house, const Id *kept, const Id *account)
{
    g_autoptr(Txn) txn = house_begin(house, house->tenant);
    g_autoptr(GBytes) request = NULL;
    g_autoptr(GError) error = NULL;

    g_assert_true(kept_take(txn, kept, account, &request, &error));
    g_assert_no_error(error);
    house_commit(txn);
    return request && g_bytes_get_size(request) == 3;
}

static void a_request_waits_for_its_own_account_until_it_expires(void)
{
    g_autoptr(House) house = house_new();
    g_autoptr(Txn) txn = house_begin(house, house->tenant);
    g_autoptr(GBytes) request = g_bytes_new_static("abc", 3);
    const Id account = {{1}};
    const Id stranger = {{2}};
    Id kept = ID_NONE;

    g_assert_true(kept_put(txn, &account, request, &kept, NULL));
    house_commit(txn);
    g_assert_true(waits(house, &kept, &account));
    g_assert_true(waits(house, &kept, &account)); /* a page may be loaded again */
    g_assert_false(waits(house, &kept, &stranger));
    g_assert_false(waits(house, &stranger, &account));
    house_advance(house, KEPT_LIFE_USEC);
    g_assert_false(waits(house, &kept, &account));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/core/kept/own-account", a_request_waits_for_its_own_account_until_it_expires);
    return g_test_run();
}
