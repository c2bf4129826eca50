/* SPDX-License-Identifier: GPL-3.0-or-later */

/* test-undurable.c - who reads what a power cut could take back waits for it */

#include "store/undurable.h"

#include "base/lock.h"
#include "shelf.h"
#include "store/files.h"

#include <string.h>
#include <unistd.h>

#define KIND 7U

/* While held, no sync of the journal ends. */
static Lock sync_lock = PTHREAD_MUTEX_INITIALIZER;

static int sync_when_free(int fd)
{
    LOCKED(&sync_lock);

    return fdatasync(fd);
}

static guint64 point_of_read(Shelf *shelf, const char *tenant, const char *id)
{
    g_autoptr(Txn) txn = txn_begin(shelf->store, tenant, NULL);
    g_autoptr(GBytes) found = NULL;
    guint64 point = 0;

    g_assert_true(txn_get(txn, KIND, id, strlen(id), &found, NULL));
    g_assert_cmpint(txn_commit(txn, &point, NULL), ==, TXN_COMMITTED);
    return point;
}

static void open_with_held_sync(Shelf *shelf)
{
    static StoreFiles files;

    files = *store_files_system();
    files.fdatasync = sync_when_free;
    shelf_prepare(shelf);
    shelf->files = &files;
    g_assert_true(shelf_open(shelf, NULL));
}

static void a_read_takes_the_point_of_the_last_commit_that_wrote_there(void)
{
    Shelf shelf;

    open_with_held_sync(&shelf);
    shelf_wait_durable(&shelf, shelf_put(&shelf, "acme", "durable", "x"));
    {
        LOCKED(&sync_lock);
        guint64 first = shelf_put(&shelf, "acme", "a", "x");
        guint64 second = shelf_put(&shelf, "acme", "b", "x");
        guint64 third = shelf_put(&shelf, "acme", "a", "y");
        g_assert_true(first < second && second < third);
        g_assert_cmpuint(point_of_read(&shelf, "acme", "a"), ==, third);
        g_assert_cmpuint(point_of_read(&shelf, "acme", "b"), ==, second);
        g_assert_cmpuint(point_of_read(&shelf, "acme", "durable"), ==, 0);
        g_assert_cmpuint(point_of_read(&shelf, "other", "a"), ==, 0);
        g_assert_cmpuint(store_durable_point(shelf.store), <, first);
    }
    shelf_clear(&shelf);
}

static void a_read_of_what_was_deleted_takes_the_point_of_the_deletion(void)
{
    Shelf shelf;

    open_with_held_sync(&shelf);
    shelf_wait_durable(&shelf, shelf_put(&shelf, "acme", "a", "x"));
    {
        LOCKED(&sync_lock);
        guint64 deleted = shelf_put(&shelf, "acme", "a", NULL);
        g_assert_cmpuint(point_of_read(&shelf, "acme", "a"), ==, deleted);
    }
    shelf_clear(&shelf);
}

static void what_became_durable_needs_no_waiting(void)
{
    Shelf shelf;

    open_with_held_sync(&shelf);
    shelf_wait_durable(&shelf, shelf_put(&shelf, "acme", "a", "x"));
    g_assert_cmpuint(point_of_read(&shelf, "acme", "a"), ==, 0);
    shelf_clear(&shelf);
}

static void an_older_commit_that_became_durable_hides_no_newer_one(void)
{
    Undurable *undurable = undurable_new();
    const guint8 key[TABLE_KEY_BYTES] = {1};
    const guint8 other[TABLE_KEY_BYTES] = {2};

    undurable_add(undurable, key, 5);
    undurable_add(undurable, other, 5);
    undurable_add(undurable, key, 7);
    undurable_prune(undurable, 5);
    g_assert_cmpuint(undurable_find(undurable, key), ==, 7);
    g_assert_cmpuint(undurable_find(undurable, other), ==, 0);
    undurable_prune(undurable, 7);
    g_assert_cmpuint(undurable_find(undurable, key), ==, 0);
    undurable_free(undurable);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define PROMISE(name) g_test_add_func("/store/undurable/" #name, name)
    PROMISE(a_read_takes_the_point_of_the_last_commit_that_wrote_there);
    PROMISE(a_read_of_what_was_deleted_takes_the_point_of_the_deletion);
    PROMISE(what_became_durable_needs_no_waiting);
    PROMISE(an_older_commit_that_became_durable_hides_no_newer_one);
    return g_test_run();
}
