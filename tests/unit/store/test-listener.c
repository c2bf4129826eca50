/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "shelf.h"

#define KIND 7U

static void rang(gpointer data)
{
    (*(guint *)data)++;
}

typedef struct Ear {
    guint rings;
    Bell *bell;
    StoreListener *listener;
} Ear;

static void ear_open(Ear *ear, Shelf *shelf, gboolean announcements)
{
    ear->rings = 0;
    ear->bell = bell_new(NULL, rang, &ear->rings);
    ear->listener = store_listen(shelf->store, ear->bell, announcements);
}

static void ear_close(Ear *ear)
{
    store_listener_free(ear->listener);
    bell_mute(ear->bell);
    bell_unref(ear->bell);
}

/* Writes and announces @change; returns the point, 0 when it was dropped. */
static guint64 announce(Shelf *shelf, guint32 change, gboolean commit)
{
    g_autoptr(Txn) txn = txn_begin(shelf->store, "acme", NULL);
    g_autoptr(GBytes) value = g_bytes_new_static("value", 5);
    const Id id = {{(guint8)change}};
    guint64 point = 0;

    g_assert_true(txn_put(txn, KIND, "key", 3, value, 0, NULL));
    txn_announce(txn, KIND, &id, change);
    if (commit) {
        g_assert_cmpint(txn_commit(txn, &point, NULL), ==, TXN_COMMITTED);
    }
    return point;
}

static void wait_for_ring(const Ear *ear)
{
    while (ear->rings == 0) {
        (void)g_main_context_iteration(NULL, TRUE);
    }
}

static void announcements_come_in_order_and_never_of_what_was_dropped(void)
{
    Shelf shelf;
    Ear ear;

    shelf_init(&shelf);
    ear_open(&ear, &shelf, TRUE);
    (void)announce(&shelf, 1, TRUE);
    (void)announce(&shelf, 2, FALSE);
    shelf_wait_durable(&shelf, announce(&shelf, 3, TRUE));
    wait_for_ring(&ear);
    g_autoptr(GPtrArray) heard = store_listener_take(ear.listener);
    while (heard->len < 2) { /* the announcements are told just before the bell is rung */
        (void)g_main_context_iteration(NULL, TRUE);
        g_autoptr(GPtrArray) more = store_listener_take(ear.listener);
        g_ptr_array_extend_and_steal(heard, g_steal_pointer(&more));
    }
    g_assert_cmpuint(heard->len, ==, 2);
    const Announcement *first = heard->pdata[0];
    const Announcement *second = heard->pdata[1];
    g_assert_cmpstr(first->tenant, ==, "acme");
    g_assert_cmpuint(first->kind, ==, KIND);
    g_assert_cmpuint(first->change, ==, 1);
    g_assert_cmpuint(first->id.bytes[0], ==, 1);
    g_assert_cmpuint(second->change, ==, 3);
    ear_close(&ear);
    shelf_clear(&shelf);
}

static void what_was_taken_does_not_come_again(void)
{
    Shelf shelf;
    Ear ear;

    shelf_init(&shelf);
    ear_open(&ear, &shelf, TRUE);
    (void)announce(&shelf, 1, TRUE);
    wait_for_ring(&ear);
    g_autoptr(GPtrArray) heard = store_listener_take(ear.listener);
    g_autoptr(GPtrArray) again = store_listener_take(ear.listener);
    g_assert_cmpuint(heard->len, ==, 1);
    g_assert_cmpuint(again->len, ==, 0);
    ear_close(&ear);
    shelf_clear(&shelf);
}

static void every_listener_hears_and_one_may_only_be_rung(void)
{
    Shelf shelf;
    Ear one;
    Ear other;
    Ear rung;

    shelf_init(&shelf);
    ear_open(&one, &shelf, TRUE);
    ear_open(&other, &shelf, TRUE);
    ear_open(&rung, &shelf, FALSE);
    (void)announce(&shelf, 1, TRUE);
    wait_for_ring(&one);
    wait_for_ring(&other);
    wait_for_ring(&rung);
    g_autoptr(GPtrArray) first = store_listener_take(one.listener);
    g_autoptr(GPtrArray) second = store_listener_take(other.listener);
    g_autoptr(GPtrArray) none = store_listener_take(rung.listener);
    g_assert_cmpuint(first->len, ==, 1);
    g_assert_cmpuint(second->len, ==, 1);
    g_assert_true(first->pdata[0] != second->pdata[0]);
    g_assert_cmpuint(none->len, ==, 0);
    ear_close(&one);
    ear_close(&other);
    ear_close(&rung);
    shelf_clear(&shelf);
}

/* Listeners are rung in the order in which they came: when the last one is, the others were. */
static void who_waits_for_a_point_is_rung_for_it_alone(void)
{
    Shelf shelf;
    Ear idle;
    Ear waiting;
    Ear last;

    shelf_init(&shelf);
    ear_open(&idle, &shelf, FALSE);
    ear_open(&waiting, &shelf, FALSE);
    ear_open(&last, &shelf, FALSE);
    store_listener_wait(idle.listener, STORE_WAIT_FOR_NOTHING);
    guint64 first = announce(&shelf, 1, TRUE);
    shelf_wait_durable(&shelf, first);
    wait_for_ring(&last);
    waiting.rings = 0;
    store_listener_wait(waiting.listener, first + 2);
    for (guint i = 2; i < 5; i++) {
        last.rings = 0;
        shelf_wait_durable(&shelf, announce(&shelf, i, TRUE));
        wait_for_ring(&last);
        g_assert_cmpuint(waiting.rings, ==, i == 2 ? 0 : 1);
    }
    g_assert_cmpuint(idle.rings, ==, 0);
    ear_close(&idle);
    ear_close(&waiting);
    ear_close(&last);
    shelf_clear(&shelf);
}

static void who_waits_for_what_is_durable_already_is_rung_at_once(void)
{
    Shelf shelf;
    Ear ear;

    shelf_init(&shelf);
    ear_open(&ear, &shelf, FALSE);
    store_listener_wait(ear.listener, STORE_WAIT_FOR_NOTHING);
    guint64 point = announce(&shelf, 1, TRUE);
    shelf_wait_durable(&shelf, point);
    store_listener_wait(ear.listener, point);
    wait_for_ring(&ear);
    ear_close(&ear);
    shelf_clear(&shelf);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define TEST(promise) g_test_add_func("/store/listener/" #promise, promise)
    TEST(announcements_come_in_order_and_never_of_what_was_dropped);
    TEST(what_was_taken_does_not_come_again);
    TEST(every_listener_hears_and_one_may_only_be_rung);
    TEST(who_waits_for_a_point_is_rung_for_it_alone);
    TEST(who_waits_for_what_is_durable_already_is_rung_at_once);
    return g_test_run();
}
