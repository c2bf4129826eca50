/* SPDX-License-Identifier: GPL-3.0-or-later */

/* test-backup.c - a backup while others write, and a store made of it elsewhere (row K10) */

#include "base/error.h"
#include "shelf.h"
#include "store/files.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#define PAIRS 40U

typedef struct Desk {
    Shelf shelf;
    Shelf copy;
    char *file;
} Desk;

static void set_up(Desk *desk, G_GNUC_UNUSED gconstpointer data)
{
    g_autoptr(GError) error = NULL;

    shelf_prepare(&desk->shelf);
    shelf_prepare(&desk->copy);
    desk->shelf.segment_bytes = (gsize)64 * 1024;
    (void)shelf_open(&desk->shelf, &error);
    g_assert_no_error(error);
    desk->file = g_strconcat(desk->shelf.dir, ".backup", NULL);
}

static void tear_down(Desk *desk, G_GNUC_UNUSED gconstpointer data)
{
    shelf_clear(&desk->shelf);
    shelf_clear(&desk->copy);
    (void)g_unlink(desk->file);
    g_free(desk->file);
}

static void ask_backup(Desk *desk)
{
    g_autoptr(GError) error = NULL;
    StoreWorkAsked asked = {.kind = STORE_WORK_BACKUP};

    asked.fd = open(desk->file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    (void)store_work_ask(desk->shelf.store, &asked, &error);
    g_assert_no_error(error);
}

static void back_up(Desk *desk)
{
    g_autoptr(GError) error = NULL;

    ask_backup(desk);
    (void)store_work_wait(desk->shelf.store, &error);
    g_assert_no_error(error);
}

static gboolean restore(Desk *desk, Kek *kek, GError **error)
{
    const StoreOptions options = {.dir = desk->copy.dir, .kek = kek, .clock = &desk->copy.clock};

    return store_restore(&options, desk->file, error);
}

static void restored(Desk *desk)
{
    g_autoptr(GError) error = NULL;

    (void)restore(desk, desk->copy.kek, &error);
    g_assert_no_error(error);
    (void)shelf_open(&desk->copy, &error);
    g_assert_no_error(error);
}

static void expect(Shelf *shelf, const char *id, const char *value)
{
    g_autofree char *found = shelf_get(shelf, "acme", id);

    g_assert_cmpstr(found, ==, value);
}

/* Two records that are the same at every moment. */
static void put_pair(Shelf *shelf, const char *value)
{
    g_autoptr(Txn) txn = txn_begin(shelf->store, "acme", NULL);
    g_autoptr(GBytes) bytes = g_bytes_new(value, strlen(value));
    guint64 point = 0;

    g_assert_true(txn_put(txn, 7, "left", 4, bytes, 0, NULL));
    g_assert_true(txn_put(txn, 7, "right", 5, bytes, 0, NULL));
    g_assert_cmpint(txn_commit(txn, &point, NULL), ==, TXN_COMMITTED);
}

static void
k10_a_backup_while_writing_is_of_one_moment(Desk *desk, G_GNUC_UNUSED gconstpointer data)
{
    StoreWork work;
    guint written = 0;

    for (guint i = 0; i < PAIRS; i++) {
        g_autofree char *value = g_strdup_printf("%u", written++);
        put_pair(&desk->shelf, value);
    }
    guint before = written - 1;
    ask_backup(desk);
    do {
        g_autofree char *value = g_strdup_printf("%u", written++);
        put_pair(&desk->shelf, value);
        store_work_look(desk->shelf.store, &work);
    } while (work.state < STORE_WORK_DONE);
    g_assert_cmpint(work.state, ==, STORE_WORK_DONE);
    g_assert_cmpuint(work.done, ==, work.total);
    g_assert_cmpuint(work.total, >, 0);

    restored(desk);
    g_autofree char *left = shelf_get(&desk->copy, "acme", "left");
    g_autofree char *right = shelf_get(&desk->copy, "acme", "right");
    g_assert_cmpstr(left, ==, right);
    g_assert_cmpuint(g_ascii_strtoull(left, NULL, 10), >=, before);
    g_assert_cmpuint(g_ascii_strtoull(left, NULL, 10), <, written);
}

static void
a_restored_store_goes_on_and_survives_a_power_cut(Desk *desk, G_GNUC_UNUSED gconstpointer data)
{
    (void)shelf_put(&desk->shelf, "acme", "a", "x");
    back_up(desk);
    restored(desk);
    expect(&desk->copy, "a", "x");
    shelf_wait_durable(&desk->copy, shelf_put(&desk->copy, "acme", "b", "y"));
    shelf_pull_the_plug(&desk->copy);
    g_assert_true(shelf_open(&desk->copy, NULL));
    expect(&desk->copy, "a", "x");
    expect(&desk->copy, "b", "y");
    shelf_checkpoint(&desk->copy);
    shelf_pull_the_plug(&desk->copy);
    g_assert_true(shelf_open(&desk->copy, NULL));
    expect(&desk->copy, "b", "y");
}

static void a_store_that_holds_nothing_is_restored_too(Desk *desk, G_GNUC_UNUSED gconstpointer data)
{
    back_up(desk);
    restored(desk);
    expect(&desk->copy, "a", NULL);
}

static void the_epoch_goes_on_and_the_status_says_so_until_confirmed(
    Desk *desk,
    G_GNUC_UNUSED gconstpointer data)
{
    const StoreWorkAsked confirm = {.kind = STORE_WORK_CONFIRM, .fd = -1};
    StoreStatus status;

    back_up(desk);
    g_assert_cmpuint(store_epoch(desk->shelf.store), ==, 1);
    desk->copy.wall_usec += 400 * USEC_PER_DAY; /* an old backup: time goes on all the same */
    restored(desk);
    g_assert_cmpuint(store_epoch(desk->copy.store), ==, 2);
    store_status(desk->copy.store, &status);
    g_assert_cmpint(status.restored_usec, ==, desk->copy.wall_usec);
    g_autoptr(Txn) txn = txn_begin(desk->copy.store, "acme", NULL);
    g_assert_cmpint(txn_now(txn), ==, desk->copy.wall_usec);
    g_clear_pointer(&txn, txn_free);

    g_assert_true(store_work_ask(desk->copy.store, &confirm, NULL));
    g_assert_true(store_work_wait(desk->copy.store, NULL));
    shelf_pull_the_plug(&desk->copy);
    g_assert_true(shelf_open(&desk->copy, NULL));
    store_status(desk->copy.store, &status);
    g_assert_cmpint(status.restored_usec, ==, 0);
    g_assert_cmpuint(store_epoch(desk->copy.store), ==, 2);
}

static void refused(Desk *desk, Kek *kek, const char *words)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GDir) dir = NULL;

    g_assert_false(restore(desk, kek, &error));
    g_assert_nonnull(strstr(error->message, words));
    dir = g_dir_open(desk->copy.dir, 0, NULL);
    g_assert_null(g_dir_read_name(dir));
}

static void another_kek_is_refused_by_its_id(Desk *desk, G_GNUC_UNUSED gconstpointer data)
{
    g_autoptr(Kek) other = kek_from_bytes((const guint8[KEK_BYTES]){9});

    back_up(desk);
    refused(desk, other, kek_id(desk->shelf.kek));
}

static void a_directory_that_is_not_empty_is_refused(Desk *desk, G_GNUC_UNUSED gconstpointer data)
{
    g_autoptr(GError) error = NULL;

    back_up(desk);
    g_assert_true(shelf_open(&desk->copy, NULL));
    shelf_close(&desk->copy);
    g_assert_false(restore(desk, desk->copy.kek, &error));
    g_assert_nonnull(strstr(error->message, "not empty"));
}

static void
one_that_was_cut_or_changed_anywhere_is_refused(Desk *desk, G_GNUC_UNUSED gconstpointer data)
{
    g_autofree char *bytes = NULL;
    gsize size = 0;

    (void)shelf_put(&desk->shelf, "acme", "a", "x");
    back_up(desk);
    g_assert_true(g_file_get_contents(desk->file, &bytes, &size, NULL));
    for (gsize at = 0; at < size; at += at < 128 || at + 128 > size ? 1 : 509) {
        bytes[at] ^= 4;
        g_assert_true(g_file_set_contents(desk->file, bytes, (gssize)size, NULL));
        bytes[at] ^= 4;
        refused(desk, desk->copy.kek, "");
        g_assert_true(g_file_set_contents(desk->file, bytes, (gssize)at, NULL));
        refused(desk, desk->copy.kek, "cut off");
    }
}

static void
a_full_target_fails_the_backup_and_nothing_else(Desk *desk, G_GNUC_UNUSED gconstpointer data)
{
    g_autoptr(GError) error = NULL;
    StoreWorkAsked asked = {.kind = STORE_WORK_BACKUP};

    (void)shelf_put(&desk->shelf, "acme", "a", "x");
    asked.fd = open("/dev/full", O_WRONLY | O_CLOEXEC);
    g_assert_true(store_work_ask(desk->shelf.store, &asked, NULL));
    g_assert_false(store_work_wait(desk->shelf.store, &error));
    g_assert_nonnull(strstr(error->message, g_strerror(ENOSPC)));
    expect(&desk->shelf, "a", "x");
    back_up(desk);
    restored(desk);
    expect(&desk->copy, "a", "x");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define TEST(promise) g_test_add("/store/backup/" #promise, Desk, NULL, set_up, promise, tear_down)
    TEST(k10_a_backup_while_writing_is_of_one_moment);
    TEST(a_restored_store_goes_on_and_survives_a_power_cut);
    TEST(a_store_that_holds_nothing_is_restored_too);
    TEST(the_epoch_goes_on_and_the_status_says_so_until_confirmed);
    TEST(another_kek_is_refused_by_its_id);
    TEST(a_directory_that_is_not_empty_is_refused);
    TEST(one_that_was_cut_or_changed_anywhere_is_refused);
    TEST(a_full_target_fails_the_backup_and_nothing_else);
    return g_test_run();
}
