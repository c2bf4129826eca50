/* SPDX-License-Identifier: GPL-3.0-or-later */

/* test-checkpoint.c - snapshots: what is in them, what goes, and what happens when one is not right
 */

#include "base/error.h"
#include "shelf.h"
#include "store/files.h"
#include "store/segment.h"
#include "store/snapshot.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

#define SMALL_SEGMENT ((gsize)64 * 1024)
#define WAIT_USEC     (20 * USEC_PER_SEC)
#define KIND          7U

static void set_up(Shelf *shelf)
{
    g_autoptr(GError) error = NULL;

    shelf_prepare(shelf);
    shelf->segment_bytes = SMALL_SEGMENT;
    (void)shelf_open(shelf, &error);
    g_assert_no_error(error);
}

static void reopen(Shelf *shelf)
{
    g_autoptr(GError) error = NULL;

    (void)shelf_open(shelf, &error);
    g_assert_no_error(error);
}

static void expect(Shelf *shelf, const char *id, const char *value)
{
    g_autofree char *found = shelf_get(shelf, "acme", id);

    g_assert_cmpstr(found, ==, value);
}

static gboolean is_there(const Shelf *shelf, const char *name)
{
    g_autofree char *path = g_build_filename(shelf->dir, name, NULL);

    return g_file_test(path, G_FILE_TEST_EXISTS);
}

static void put_until_expires(Shelf *shelf, const char *id, gint64 expires_usec)
{
    g_autoptr(Txn) txn = txn_begin(shelf->store, "acme", NULL);
    g_autoptr(GBytes) bytes = g_bytes_new_static("v", 1);
    guint64 point = 0;

    g_assert_true(txn_put(txn, KIND, id, strlen(id), bytes, expires_usec, NULL));
    g_assert_cmpint(txn_commit(txn, &point, NULL), ==, TXN_COMMITTED);
    shelf_wait_durable(shelf, point);
}

static void what_was_in_the_journal_is_in_the_snapshot_and_old_files_go(void)
{
    Shelf shelf;

    set_up(&shelf);
    (void)shelf_put(&shelf, "acme", "a", "old");
    (void)shelf_put(&shelf, "acme", "gone", "x");
    shelf_checkpoint(&shelf);
    g_assert_true(is_there(&shelf, "snapshot-00000001"));
    g_assert_false(is_there(&shelf, "journal-00000001"));
    (void)shelf_put(&shelf, "acme", "a", "new");
    (void)shelf_put(&shelf, "acme", "gone", NULL);
    shelf_checkpoint(&shelf);
    g_assert_true(is_there(&shelf, "snapshot-00000002"));
    g_assert_false(is_there(&shelf, "snapshot-00000001"));
    g_assert_false(is_there(&shelf, "journal-00000002"));
    guint64 point = shelf_put(&shelf, "acme", "b", "after");
    shelf_wait_durable(&shelf, point);
    shelf_pull_the_plug(&shelf);
    reopen(&shelf);
    g_assert_cmpuint(store_durable_point(shelf.store), ==, point);
    expect(&shelf, "a", "new");
    expect(&shelf, "gone", NULL);
    expect(&shelf, "b", "after");
    shelf_clear(&shelf);
}

static void a_checkpoint_of_nothing_new_changes_nothing(void)
{
    Shelf shelf;

    set_up(&shelf);
    shelf_checkpoint(&shelf);
    g_assert_false(is_there(&shelf, "snapshot-00000001"));
    (void)shelf_put(&shelf, "acme", "a", "x");
    shelf_checkpoint(&shelf);
    shelf_checkpoint(&shelf);
    g_assert_true(is_there(&shelf, "snapshot-00000001"));
    shelf_pull_the_plug(&shelf);
    reopen(&shelf);
    expect(&shelf, "a", "x");
    shelf_clear(&shelf);
}

/* Writes a few records again and again; returns the size of all files. */
static guint64 size_after(Shelf *shelf, guint commits)
{
    g_autofree char *value = g_strnfill(200, 'v');
    guint64 size = 0;

    for (guint i = 0; i < commits; i++) {
        char id[16];
        g_snprintf(id, sizeof(id), "%u", i % 100);
        value[0] = (char)('a' + i % 26);
        guint64 point = shelf_put(shelf, "acme", id, value);
        if (i % 64 == 0) {
            shelf_wait_durable(shelf, point);
        }
    }
    shelf_checkpoint(shelf);
    g_autoptr(GDir) dir = g_dir_open(shelf->dir, 0, NULL);
    for (const char *name; (name = g_dir_read_name(dir));) {
        g_autofree char *path = g_build_filename(shelf->dir, name, NULL);
        struct stat status = {0};
        size += stat(path, &status) == 0 ? (guint64)status.st_size : 0;
    }
    return size;
}

static void under_steady_load_the_files_stop_growing(void)
{
    Shelf shelf;

    set_up(&shelf);
    (void)size_after(&shelf, 3000);
    guint64 early = size_after(&shelf, 3000);
    guint64 late = size_after(&shelf, 12000);
    g_assert_cmpuint(late, <=, early + early / 4 + 2 * SMALL_SEGMENT);
    shelf_pull_the_plug(&shelf);
    reopen(&shelf);
    g_autofree char *last = shelf_get(&shelf, "acme", "99");
    g_assert_cmpuint(strlen(last), ==, 200);
    shelf_clear(&shelf);
}

static void closed_segments_that_weigh_enough_begin_one_by_themselves(void)
{
    Shelf shelf;
    StoreStatus status;
    char id[16];

    set_up(&shelf);
    g_autofree char *value = g_strnfill(1000, 'v');
    for (guint i = 0; i < 400; i++) {
        g_snprintf(id, sizeof(id), "%u", i);
        shelf_wait_durable(&shelf, shelf_put(&shelf, "acme", id, value));
    }
    gint64 end = g_get_monotonic_time() + WAIT_USEC;
    do {
        g_assert_cmpint(g_get_monotonic_time(), <, end);
        g_thread_yield();
        store_status(shelf.store, &status);
    } while (status.snapshot_usec == 0);
    g_assert_cmpuint(status.records, >, 0);
    g_assert_false(is_there(&shelf, "journal-00000001"));
    shelf_pull_the_plug(&shelf);
    reopen(&shelf);
    for (guint i = 0; i < 400; i++) {
        g_snprintf(id, sizeof(id), "%u", i);
        expect(&shelf, id, value);
    }
    shelf_clear(&shelf);
}

/* Most of what a snapshot holds is deleted: the second checkpoint after that builds it anew. */
static void a_snapshot_that_is_mostly_dead_shrinks(void)
{
    Shelf shelf;
    StoreStatus before;
    StoreStatus after;
    char id[16];

    set_up(&shelf);
    g_autofree char *value = g_strnfill(2000, 'v');
    for (guint i = 0; i < 500; i++) {
        g_snprintf(id, sizeof(id), "%u", i);
        (void)shelf_put(&shelf, "acme", id, value);
    }
    shelf_checkpoint(&shelf);
    store_status(shelf.store, &before);
    for (guint i = 0; i < 490; i++) {
        g_snprintf(id, sizeof(id), "%u", i);
        (void)shelf_put(&shelf, "acme", id, NULL);
    }
    shelf_checkpoint(&shelf);
    (void)shelf_put(&shelf, "acme", "more", "x");
    shelf_checkpoint(&shelf);
    store_status(shelf.store, &after);
    g_assert_cmpuint(after.snapshot_bytes, <, before.snapshot_bytes / 2);
    g_assert_cmpuint(after.records, ==, 11);
    shelf_pull_the_plug(&shelf);
    reopen(&shelf);
    expect(&shelf, "495", value);
    expect(&shelf, "5", NULL);
    expect(&shelf, "more", "x");
    shelf_clear(&shelf);
}

static void what_has_expired_is_swept_away(void)
{
    Shelf shelf;
    StoreStatus status;

    set_up(&shelf);
    put_until_expires(&shelf, "soon", SHELF_BORN_USEC + USEC_PER_HOUR);
    put_until_expires(&shelf, "later", SHELF_BORN_USEC + 30 * USEC_PER_DAY);
    put_until_expires(&shelf, "never", 0);
    shelf_checkpoint(&shelf);
    for (guint i = 0; i < 3 * 60; i++) { /* in steps that are no leap */
        shelf_advance(&shelf, USEC_PER_MINUTE);
        expect(&shelf, "never", "v");
    }
    (void)shelf_put(&shelf, "acme", "more", "x");
    shelf_checkpoint(&shelf); /* finds it, and deletes it from the table */
    shelf_checkpoint(&shelf);
    store_status(shelf.store, &status);
    g_assert_cmpuint(status.records, ==, 3);
    expect(&shelf, "soon", NULL);
    expect(&shelf, "later", "v");
    shelf_clear(&shelf);
}

static void for_an_hour_after_a_leap_nothing_is_swept(void)
{
    Shelf shelf;
    StoreStatus status;

    set_up(&shelf);
    put_until_expires(&shelf, "soon", SHELF_BORN_USEC + USEC_PER_HOUR);
    shelf.wall_usec += 3 * USEC_PER_DAY; /* somebody set the clock */
    (void)shelf_put(&shelf, "acme", "a", "x");
    shelf_checkpoint(&shelf);
    (void)shelf_put(&shelf, "acme", "b", "x");
    shelf_checkpoint(&shelf);
    store_status(shelf.store, &status);
    g_assert_cmpuint(status.records, ==, 3);
    for (guint i = 0; i < 61; i++) {
        shelf_advance(&shelf, USEC_PER_MINUTE);
        expect(&shelf, "a", "x");
    }
    (void)shelf_put(&shelf, "acme", "b", "y");
    shelf_checkpoint(&shelf);
    shelf_checkpoint(&shelf);
    store_status(shelf.store, &status);
    g_assert_cmpuint(status.records, ==, 2);
    shelf_clear(&shelf);
}

static void change_byte(const char *path, off_t at)
{
    guint8 byte = 0;
    const StoreFiles *files = store_files_system();
    int fd = files->open(path, O_RDWR, 0);

    g_assert_cmpint(files->pread(fd, &byte, 1, at), ==, 1);
    byte ^= 0x10;
    g_assert_cmpint(files->pwrite(fd, &byte, 1, at), ==, 1);
    g_assert_cmpint(files->close(fd), ==, 0);
}

static void refused(Shelf *shelf, const char *words)
{
    g_autoptr(GError) error = NULL;

    g_assert_false(shelf_open(shelf, &error));
    g_assert_error(error, ANTARA_ERROR, ANTARA_ERROR_DAMAGED);
    g_assert_nonnull(strstr(error->message, words));
}

/* K5 */
static void k5_an_older_foreign_changed_or_missing_snapshot_is_refused(void)
{
    Shelf shelf;
    g_autofree char *old = NULL;
    gsize old_size = 0;

    set_up(&shelf);
    (void)shelf_put(&shelf, "acme", "a", "x");
    shelf_checkpoint(&shelf);
    g_autofree char *first = snapshot_path(shelf.dir, 1);
    g_assert_true(g_file_get_contents(first, &old, &old_size, NULL));
    (void)shelf_put(&shelf, "acme", "a", "y");
    shelf_checkpoint(&shelf);
    shelf_pull_the_plug(&shelf);

    g_autofree char *path = snapshot_path(shelf.dir, 2);
    g_autofree char *away = g_build_filename(shelf.dir, "away", NULL);
    for (off_t at = 0; at < 12288; at += 1000) {
        change_byte(path, at);
        refused(&shelf, "snapshot-00000002: damaged, or not the snapshot");
        change_byte(path, at);
    }
    g_assert_cmpint(g_rename(path, away), ==, 0);
    refused(&shelf, "snapshot-00000002: the snapshot is missing");
    g_assert_true(g_file_set_contents(path, old, (gssize)old_size, NULL));
    refused(&shelf, "snapshot-00000002: damaged, or not the snapshot");
    g_assert_cmpint(g_rename(away, path), ==, 0);
    reopen(&shelf);
    expect(&shelf, "a", "y");
    shelf_clear(&shelf);
}

static void an_older_manifest_is_refused_since_its_files_are_gone(void)
{
    Shelf shelf;
    g_autofree char *old = NULL;
    gsize size = 0;

    set_up(&shelf);
    (void)shelf_put(&shelf, "acme", "a", "x");
    shelf_checkpoint(&shelf);
    g_autofree char *path = g_build_filename(shelf.dir, "manifest", NULL);
    g_assert_true(g_file_get_contents(path, &old, &size, NULL));
    (void)shelf_put(&shelf, "acme", "a", "y");
    shelf_checkpoint(&shelf);
    shelf_pull_the_plug(&shelf);
    g_autofree char *there = g_build_filename(shelf.dir, "manifest", NULL);
    g_assert_true(g_file_set_contents(there, old, (gssize)size, NULL));
    refused(&shelf, "snapshot-00000001");
    shelf_clear(&shelf);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define PROMISE(name) g_test_add_func("/store/checkpoint/" #name, name)
    PROMISE(what_was_in_the_journal_is_in_the_snapshot_and_old_files_go);
    PROMISE(a_checkpoint_of_nothing_new_changes_nothing);
    PROMISE(under_steady_load_the_files_stop_growing);
    PROMISE(closed_segments_that_weigh_enough_begin_one_by_themselves);
    PROMISE(a_snapshot_that_is_mostly_dead_shrinks);
    PROMISE(what_has_expired_is_swept_away);
    PROMISE(for_an_hour_after_a_leap_nothing_is_swept);
    PROMISE(k5_an_older_foreign_changed_or_missing_snapshot_is_refused);
    PROMISE(an_older_manifest_is_refused_since_its_files_are_gone);
    return g_test_run();
}
