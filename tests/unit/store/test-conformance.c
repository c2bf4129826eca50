/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * test-conformance.c - what every store must do that is behind store.h, txn.h and list.h, whatever
 * database is beneath; each of them is one row of the table at the end
 */

#include "shelf.h"

#include <pthread.h>
#include <string.h>

#define KIND     7U
#define WRITERS  2U
#define IDS_EACH 300U

/* One kind of store. */
typedef struct StoreMaker {
    const char *name;
    gboolean (*open)(Shelf *shelf, GError **error); /* makes it where there is none */
} StoreMaker;

static void open_again(gconstpointer maker, Shelf *shelf)
{
    g_autoptr(GError) error = NULL;

    (void)((const StoreMaker *)maker)->open(shelf, &error);
    g_assert_no_error(error);
}

static void make(gconstpointer maker, Shelf *shelf)
{
    shelf_prepare(shelf);
    open_again(maker, shelf);
}

static void expect(Shelf *shelf, const char *tenant, const char *id, const char *value)
{
    g_autofree char *found = shelf_get(shelf, tenant, id);

    g_assert_cmpstr(found, ==, value);
}

static void what_was_put_is_there_for_its_tenant_alone(gconstpointer maker)
{
    Shelf shelf;

    make(maker, &shelf);
    (void)shelf_put(&shelf, "acme", "a", "one");
    expect(&shelf, "acme", "a", "one");
    expect(&shelf, "other", "a", NULL);
    (void)shelf_put(&shelf, "acme", "a", NULL);
    expect(&shelf, "acme", "a", NULL);
    shelf_clear(&shelf);
}

static void a_transaction_that_is_dropped_changed_nothing(gconstpointer maker)
{
    Shelf shelf;

    make(maker, &shelf);
    {
        g_autoptr(Txn) txn = txn_begin(shelf.store, "acme", NULL);
        g_autoptr(GBytes) bytes = g_bytes_new_static("x", 1);
        g_assert_true(txn_put(txn, 7, "a", 1, bytes, 0, NULL));
    }
    expect(&shelf, "acme", "a", NULL);
    shelf_clear(&shelf);
}

static void an_expired_record_does_not_exist(gconstpointer maker)
{
    Shelf shelf;

    make(maker, &shelf);
    {
        g_autoptr(Txn) txn = txn_begin(shelf.store, "acme", NULL);
        g_autoptr(GBytes) bytes = g_bytes_new_static("x", 1);
        guint64 point = 0;
        g_assert_true(txn_put(txn, 7, "a", 1, bytes, txn_now(txn) + 10, NULL));
        g_assert_cmpint(txn_commit(txn, &point, NULL), ==, TXN_COMMITTED);
    }
    shelf_advance(&shelf, 9);
    expect(&shelf, "acme", "a", "x");
    shelf_advance(&shelf, 1);
    expect(&shelf, "acme", "a", NULL);
    shelf_clear(&shelf);
}

static void a_clean_stop_keeps_all(gconstpointer maker)
{
    Shelf shelf;

    make(maker, &shelf);
    (void)shelf_put(&shelf, "acme", "a", "one");
    shelf_close(&shelf);
    open_again(maker, &shelf);
    expect(&shelf, "acme", "a", "one");
    (void)shelf_put(&shelf, "acme", "b", "two");
    shelf_close(&shelf);
    open_again(maker, &shelf);
    expect(&shelf, "acme", "b", "two");
    shelf_clear(&shelf);
}

static void who_reads_what_is_not_durable_waits_for_it(gconstpointer maker)
{
    Shelf shelf;

    make(maker, &shelf);
    guint64 wrote = shelf_put(&shelf, "acme", "a", "x");
    g_autoptr(GBytes) bytes = NULL;
    g_autoptr(Txn) txn = txn_begin(shelf.store, "acme", NULL);
    gboolean durable = store_durable_point(shelf.store) >= wrote;
    guint64 point = 0;
    g_assert_true(txn_get(txn, 7, "a", 1, &bytes, NULL));
    g_assert_cmpint(txn_commit(txn, &point, NULL), ==, TXN_COMMITTED);
    g_assert_true(
        point == wrote || (durable && point == 0) || store_durable_point(shelf.store) >= wrote);
    g_clear_pointer(&txn, txn_free);
    shelf_clear(&shelf);
}

static guint32 rings;

static void heard(G_GNUC_UNUSED gpointer data)
{
    rings++;
}

static void announcements_come_once_durable(gconstpointer maker)
{
    Shelf shelf;
    const Id id = {{5}};
    guint64 point = 0;

    make(maker, &shelf);
    g_autoptr(Bell) bell = bell_new(NULL, heard, NULL);
    StoreListener *listener = store_listen(shelf.store, bell, TRUE);
    {
        g_autoptr(Txn) txn = txn_begin(shelf.store, "acme", NULL);
        g_autoptr(GBytes) bytes = g_bytes_new_static("x", 1);
        g_assert_true(txn_put(txn, 7, "a", 1, bytes, 0, NULL));
        txn_announce(txn, 7, &id, 2);
        g_assert_cmpint(txn_commit(txn, &point, NULL), ==, TXN_COMMITTED);
    }
    while (rings == 0) {
        (void)g_main_context_iteration(NULL, TRUE);
    }
    g_assert_cmpuint(store_durable_point(shelf.store), >=, point);
    g_autoptr(GPtrArray) said = store_listener_take(listener);
    g_assert_cmpuint(said->len, ==, 1);
    const Announcement *first = said->pdata[0];
    g_assert_cmpstr(first->tenant, ==, "acme");
    g_assert_true(id_equal(&first->id, &id) && first->kind == 7 && first->change == 2);
    store_listener_free(listener);
    bell_mute(bell);
    shelf_clear(&shelf);
}

static void time_never_runs_back_nor_leaps_nor_freezes(gconstpointer maker)
{
    Shelf shelf;

    make(maker, &shelf);
    const gint64 steps[][2] = {{-USEC_PER_HOUR, 5}, {3650 * USEC_PER_DAY, 60}, {0, 7}};
    gint64 before = SHELF_BORN_USEC;
    for (guint i = 0; i < G_N_ELEMENTS(steps); i++) {
        shelf.wall_usec = SHELF_BORN_USEC + steps[i][0];
        shelf.boot_usec += steps[i][1];
        g_autoptr(Txn) txn = txn_begin(shelf.store, "acme", NULL);
        g_assert_cmpint(txn_now(txn), ==, before + steps[i][1]);
        before = txn_now(txn);
    }
    shelf_clear(&shelf);
}

static void a_transaction_sees_its_own_writes(gconstpointer maker)
{
    Shelf shelf;

    make(maker, &shelf);
    (void)shelf_put(&shelf, "acme", "a", "old");
    {
        g_autoptr(Txn) txn = txn_begin(shelf.store, "acme", NULL);
        g_autoptr(GBytes) bytes = g_bytes_new_static("new", 3);
        g_autoptr(GBytes) found = NULL;
        g_assert_true(txn_put(txn, KIND, "a", 1, bytes, 0, NULL));
        g_assert_true(txn_get(txn, KIND, "a", 1, &found, NULL));
        g_assert_true(g_bytes_equal(found, bytes));
        g_assert_true(txn_delete(txn, KIND, "a", 1, NULL));
        g_clear_pointer(&found, g_bytes_unref);
        g_assert_true(txn_get(txn, KIND, "a", 1, &found, NULL));
        g_assert_null(found);
    }
    expect(&shelf, "acme", "a", "old");
    shelf_clear(&shelf);
}

static void the_longest_values_and_ids_fit_and_longer_ones_are_refused(gconstpointer maker)
{
    g_autofree char *id = g_strnfill(TXN_KEY_BYTES_MAX, 'i');
    g_autofree char *value = g_strnfill(TXN_VALUE_BYTES_MAX + 1, 'v');
    g_autoptr(GBytes) fits = g_bytes_new(value, TXN_VALUE_BYTES_MAX);
    g_autoptr(GBytes) too_long = g_bytes_new(value, TXN_VALUE_BYTES_MAX + 1);
    guint64 point = 0;
    Shelf shelf;

    make(maker, &shelf);
    {
        g_autoptr(Txn) txn = txn_begin(shelf.store, "acme", NULL);
        g_autoptr(GError) error = NULL;
        g_assert_true(txn_put(txn, KIND, id, TXN_KEY_BYTES_MAX, fits, 0, NULL));
        g_assert_false(txn_put(txn, KIND, "b", 1, too_long, 0, &error));
        g_assert_nonnull(error);
        g_assert_cmpint(txn_commit(txn, &point, NULL), ==, TXN_COMMITTED);
    }
    g_autoptr(Txn) txn = txn_begin(shelf.store, "acme", NULL);
    g_autoptr(GBytes) found = NULL;
    g_assert_true(txn_get(txn, KIND, id, TXN_KEY_BYTES_MAX, &found, NULL));
    g_assert_true(g_bytes_equal(found, fits));
    g_clear_pointer(&txn, txn_free);
    shelf_clear(&shelf);
}

static void a_tenant_without_keys_has_no_transactions(gconstpointer maker)
{
    g_autoptr(GError) error = NULL;
    Shelf shelf;

    make(maker, &shelf);
    g_assert_null(txn_begin(shelf.store, "nobody", &error));
    g_assert_nonnull(strstr(error->message, "nobody"));
    shelf_clear(&shelf);
}

typedef struct Writer {
    Shelf *shelf;
    guint8 number;
    pthread_t thread;
} Writer;

static const ListName list = {300, "all", 3};

/* A conflict is run again from the start, as core/run does. */
static void add_one(const Writer *writer, const Id *id)
{
    TxnEnd end = TXN_CONFLICT;

    while (end == TXN_CONFLICT) {
        g_autoptr(Txn) txn = txn_begin(writer->shelf->store, "acme", NULL);
        guint64 point = 0;
        g_assert_true(list_add(txn, &list, id, NULL));
        end = txn_commit(txn, &point, NULL);
    }
    g_assert_cmpint(end, ==, TXN_COMMITTED);
}

static void *write_many(void *data)
{
    const Writer *writer = data;

    for (guint i = 0; i < IDS_EACH; i++) {
        const Id id = {{(guint8)(i % 7), (guint8)(i >> 8), (guint8)i, writer->number}};
        add_one(writer, &id);
    }
    return NULL;
}

static guint count(Shelf *shelf)
{
    g_autoptr(Txn) txn = txn_begin(shelf->store, "acme", NULL);
    g_autoptr(GArray) ids = list_take(txn, &list, NULL, 2 * WRITERS * IDS_EACH, NULL);

    for (guint i = 1; i < ids->len; i++) {
        g_assert_cmpint(
            memcmp(&g_array_index(ids, Id, i - 1), &g_array_index(ids, Id, i), ID_BYTES), <, 0);
    }
    return ids->len;
}

static void two_writers_on_one_list_lose_nothing(gconstpointer maker)
{
    Writer writers[WRITERS];
    Shelf shelf;

    make(maker, &shelf);
    for (guint8 i = 0; i < WRITERS; i++) {
        writers[i] = (Writer){.shelf = &shelf, .number = i};
        g_assert_cmpint(pthread_create(&writers[i].thread, NULL, write_many, &writers[i]), ==, 0);
    }
    for (guint i = 0; i < WRITERS; i++) {
        g_assert_cmpint(pthread_join(writers[i].thread, NULL), ==, 0);
    }
    g_assert_cmpuint(count(&shelf), ==, WRITERS * IDS_EACH);
    shelf_close(&shelf);
    open_again(maker, &shelf);
    g_assert_cmpuint(count(&shelf), ==, WRITERS * IDS_EACH);
    shelf_clear(&shelf);
}

static const StoreMaker makers[] = {{"gdbm", shelf_open}};

static void add(const char *promise, GTestDataFunc test)
{
    for (gsize i = 0; i < G_N_ELEMENTS(makers); i++) {
        g_autofree char *path =
            g_strdup_printf("/store/conformance/%s/%s", makers[i].name, promise);
        g_test_add_data_func(path, &makers[i], test);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define PROMISE(name) add(#name, name)
    PROMISE(what_was_put_is_there_for_its_tenant_alone);
    PROMISE(a_transaction_that_is_dropped_changed_nothing);
    PROMISE(an_expired_record_does_not_exist);
    PROMISE(a_clean_stop_keeps_all);
    PROMISE(who_reads_what_is_not_durable_waits_for_it);
    PROMISE(announcements_come_once_durable);
    PROMISE(time_never_runs_back_nor_leaps_nor_freezes);
    PROMISE(a_transaction_sees_its_own_writes);
    PROMISE(the_longest_values_and_ids_fit_and_longer_ones_are_refused);
    PROMISE(a_tenant_without_keys_has_no_transactions);
    PROMISE(two_writers_on_one_list_lose_nothing);
    return g_test_run();
}
