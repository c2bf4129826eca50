/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "shelf.h"

#include "crypto/random.h"

#include <string.h>

#define MANY 5000U

static const ListName name = {300, "owner", 5};

static Txn *begin(Shelf *shelf)
{
    return txn_begin(shelf->store, "acme", NULL);
}

static void commit(Txn *txn)
{
    guint64 point = 0;

    g_assert_cmpint(txn_commit(txn, &point, NULL), ==, TXN_COMMITTED);
    txn_free(txn);
}

static void add_some(Shelf *shelf, const Id *ids, guint count)
{
    for (guint done = 0; done < count; done += 100) {
        Txn *txn = begin(shelf);
        for (guint i = done; i < done + 100; i++) {
            g_assert_true(list_add(txn, &name, &ids[i], NULL));
            g_assert_true(list_add(txn, &name, &ids[i], NULL)); /* a second time changes nothing */
        }
        commit(txn);
    }
}

/* Walks with a cursor; every id comes once, in order. */
static guint walk(Shelf *shelf, guint part)
{
    g_autoptr(Txn) txn = begin(shelf);
    guint count = 0;
    Id last = ID_NONE;

    for (guint got = part; got == part;) {
        g_autoptr(GArray) ids = list_take(txn, &name, count ? &last : NULL, part, NULL);
        got = ids->len;
        for (guint i = 0; i < got; i++) {
            const Id *id = &g_array_index(ids, Id, i);
            g_assert_true(count + i == 0 || memcmp(last.bytes, id->bytes, ID_BYTES) < 0);
            last = *id;
        }
        count += got;
    }
    return count;
}

static void thousands_are_added_found_walked_and_removed(void)
{
    g_autofree Id *ids = g_new(Id, MANY);
    gboolean has = FALSE;
    Shelf shelf;

    shelf_init(&shelf);
    for (guint i = 0; i < MANY; i++) {
        random_id(&ids[i]);
    }
    add_some(&shelf, ids, MANY);
    g_assert_cmpuint(walk(&shelf, 7), ==, MANY);
    g_assert_cmpuint(walk(&shelf, 1000), ==, MANY);
    Txn *txn = begin(&shelf);
    for (guint i = 0; i < MANY; i += 50) {
        g_assert_true(list_has(txn, &name, &ids[i], &has, NULL) && has);
        g_assert_true(list_remove(txn, &name, &ids[i], NULL));
        g_assert_true(list_has(txn, &name, &ids[i], &has, NULL) && !has);
    }
    commit(txn);
    g_assert_cmpuint(walk(&shelf, 64), ==, MANY - MANY / 50);
    txn = begin(&shelf);
    g_assert_true(list_clear(txn, &name, NULL));
    commit(txn);
    g_assert_cmpuint(walk(&shelf, 64), ==, 0);
    shelf_clear(&shelf);
}

static void ids_that_share_their_first_bits_have_room(void)
{
    Shelf shelf;

    shelf_init(&shelf);
    Txn *txn = begin(&shelf);
    for (guint i = 0; i < 200; i++) {
        Id id = {{1, 2, 3, 4}};
        id.bytes[4] = (guint8)i;
        g_assert_true(list_add(txn, &name, &id, NULL));
    }
    commit(txn);
    g_assert_cmpuint(walk(&shelf, 64), ==, 200);
    shelf_clear(&shelf);
}

static void a_lasting_list_goes_by_itself(void)
{
    const Id ids[] = {{{1}}, {{2}}};
    Shelf shelf;

    shelf_init(&shelf);
    for (guint i = 0; i < G_N_ELEMENTS(ids); i++) {
        Txn *txn = begin(&shelf);
        g_assert_true(list_add_lasting(txn, &name, &ids[i], G_USEC_PER_SEC, NULL));
        commit(txn);
    }
    Txn *txn = begin(&shelf);
    g_assert_true(list_remove_lasting(txn, &name, &ids[0], G_USEC_PER_SEC, NULL));
    commit(txn);
    shelf_advance(&shelf, G_USEC_PER_SEC - 1);
    g_assert_cmpuint(walk(&shelf, 64), ==, 1);
    shelf_advance(&shelf, 1);
    g_assert_cmpuint(walk(&shelf, 64), ==, 0);
    shelf_clear(&shelf);
}

static void what_is_added_later_to_a_long_list_lasts_as_long(void)
{
    Shelf shelf;

    shelf_init(&shelf);
    for (guint round = 0; round < 2; round++) {
        Txn *txn = begin(&shelf);
        for (guint i = 0; i < 200; i++) {
            Id id = {{(guint8)(i * 37), (guint8)round}};
            g_assert_true(list_add_lasting(txn, &name, &id, G_USEC_PER_SEC, NULL));
        }
        commit(txn);
        shelf_advance(&shelf, G_USEC_PER_SEC - 1);
    }
    shelf_advance(&shelf, -(G_USEC_PER_SEC / 2));
    g_assert_cmpuint(walk(&shelf, 64), >=, 200);
    shelf_clear(&shelf);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/store/list/thousands", thousands_are_added_found_walked_and_removed);
    g_test_add_func("/store/list/shared-bits", ids_that_share_their_first_bits_have_room);
    g_test_add_func("/store/list/lasting", a_lasting_list_goes_by_itself);
    g_test_add_func("/store/list/lasting-long", what_is_added_later_to_a_long_list_lasts_as_long);
    return g_test_run();
}
