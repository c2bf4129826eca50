/* SPDX-License-Identifier: GPL-3.0-or-later */

/* test-fault.c - calls to the file system that fail: no false answer, nothing lost */

#include "base/error.h"
#include "shelf.h"
#include "store/files.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define KIND       7U
#define WAIT_USEC  (10 * USEC_PER_SEC)
#define LARGE_SIZE ((gsize)250 * 1024)

/* What fails, and from which call on; the threads of the store call these. */
static gint sync_fails;
static gint disk_is_full;
static gint no_descriptors;
static gint calls_left; /* changes to the directory or a file; at 0 all fail */

static int sync_or_not(int fd)
{
    if (__atomic_load_n(&sync_fails, __ATOMIC_ACQUIRE)) {
        errno = EIO;
        return -1;
    }
    return fdatasync(fd);
}

static int claim_or_not(int fd, off_t offset, off_t size)
{
    (void)fd;
    (void)offset;
    (void)size;
    errno = ENOSPC;
    return __atomic_load_n(&disk_is_full, __ATOMIC_ACQUIRE) ? -1 : 0;
}

static int open_or_not(const char *path, int flags, mode_t mode)
{
    if ((flags & O_CREAT) && __atomic_load_n(&disk_is_full, __ATOMIC_ACQUIRE)) {
        errno = ENOSPC;
        return -1;
    }
    return store_files_system()->open(path, flags, mode);
}

static int open_or_none_left(const char *path, int flags, mode_t mode)
{
    if (__atomic_load_n(&no_descriptors, __ATOMIC_ACQUIRE)) {
        errno = EMFILE;
        return -1;
    }
    return store_files_system()->open(path, flags, mode);
}

/* How the calls that are counted fail. */
typedef struct Fault {
    const char *name;
    int number;    /* errno */
    gboolean once; /* the one call alone, else all behind it too */
    gboolean short_write;
} Fault;

static Fault fault = {.number = EIO};

static gboolean may_go_on(void)
{
    gint left = __atomic_sub_fetch(&calls_left, 1, __ATOMIC_ACQ_REL);

    if (left >= 0 || (fault.once && left < -1)) {
        return TRUE;
    }
    errno = fault.number;
    return FALSE;
}

static ssize_t counted_pwrite(int fd, const void *data, size_t size, off_t offset)
{
    gboolean good = may_go_on();

    if (!good && fault.short_write && size > 1) {
        return pwrite(fd, data, size / 2, offset); /* the rest is tried again */
    }
    return good ? pwrite(fd, data, size, offset) : -1;
}

static int counted_open(const char *path, int flags, mode_t mode)
{
    return !(flags & O_CREAT) || may_go_on() ? store_files_system()->open(path, flags, mode) : -1;
}

static int counted_fsync(int fd)
{
    return may_go_on() ? fsync(fd) : -1;
}

static int counted_fdatasync(int fd)
{
    return may_go_on() ? fdatasync(fd) : -1;
}

static int counted_rename(const char *from, const char *to)
{
    return may_go_on() ? rename(from, to) : -1;
}

static int counted_unlink(const char *path)
{
    return may_go_on() ? unlink(path) : -1;
}

static int counted_claim(int fd, off_t offset, off_t size)
{
    return may_go_on() ? store_files_system()->claim(fd, offset, size) : -1;
}

static int counted_truncate(int fd, off_t size)
{
    return may_go_on() ? ftruncate(fd, size) : -1;
}

static ssize_t short_pwrite(int fd, const void *data, size_t size, off_t offset)
{
    return pwrite(fd, data, size > 100 ? size / 2 : size, offset);
}

static StoreFiles counted_files(void)
{
    StoreFiles files = *store_files_system();

    files.open = counted_open;
    files.pwrite = counted_pwrite;
    files.claim = counted_claim;
    files.truncate = counted_truncate;
    files.fsync = counted_fsync;
    files.fdatasync = counted_fdatasync;
    files.rename = counted_rename;
    files.unlink = counted_unlink;
    return files;
}

static void expect(Shelf *shelf, const char *id, const char *value)
{
    g_autofree char *found = shelf_get(shelf, "acme", id);

    g_assert_cmpstr(found, ==, value);
}

static TxnEnd
try_put(Shelf *shelf, const char *value, gsize size, gboolean revoking, GError **error)
{
    g_autoptr(Txn) txn = txn_begin(shelf->store, "acme", NULL);
    g_autoptr(GBytes) bytes = g_bytes_new(value, size);
    guint64 point = 0;

    if (revoking) {
        txn_set_revoking(txn);
    }
    g_assert_true(txn_put(txn, KIND, "put", 3, bytes, 0, NULL));
    return txn_commit(txn, &point, error);
}

static void a_failed_sync_makes_nothing_durable_and_ends_the_store(void)
{
    StoreFiles files = *store_files_system();
    g_autoptr(GError) error = NULL;
    Shelf shelf;

    files.fdatasync = sync_or_not;
    shelf_prepare(&shelf);
    shelf.files = &files;
    shelf.may_fail = TRUE;
    g_assert_true(shelf_open(&shelf, NULL));
    guint64 durable = shelf_put(&shelf, "acme", "a", "x");
    shelf_wait_durable(&shelf, durable);

    __atomic_store_n(&sync_fails, 1, __ATOMIC_RELEASE);
    (void)shelf_put(&shelf, "acme", "b", "y");
    for (gint64 end = g_get_monotonic_time() + WAIT_USEC;
         __atomic_load_n(&shelf.failures, __ATOMIC_ACQUIRE) == 0;) {
        g_assert_cmpint(g_get_monotonic_time(), <, end);
        g_thread_yield();
    }
    __atomic_store_n(&sync_fails, 0, __ATOMIC_RELEASE);
    g_assert_cmpint(try_put(&shelf, "z", 1, FALSE, &error), ==, TXN_FAILED);
    g_clear_error(&error);
    g_assert_cmpuint(store_durable_point(shelf.store), ==, durable);
    g_assert_false(store_close(g_steal_pointer(&shelf.store), &error));

    g_autofree char *clean = g_build_filename(shelf.dir, "clean", NULL);
    g_assert_false(g_file_test(clean, G_FILE_TEST_EXISTS));
    g_assert_true(shelf_open(&shelf, NULL));
    expect(&shelf, "a", "x");
    expect(&shelf, "put", NULL);
    shelf_clear(&shelf);
}

static void short_writes_are_continued(void)
{
    StoreFiles files = *store_files_system();
    Shelf shelf;

    files.pwrite = short_pwrite;
    shelf_prepare(&shelf);
    shelf.files = &files;
    g_assert_true(shelf_open(&shelf, NULL));
    shelf_wait_durable(&shelf, shelf_put(&shelf, "acme", "a", "some words that are long enough"));
    shelf_pull_the_plug(&shelf);
    g_assert_true(shelf_open(&shelf, NULL));
    expect(&shelf, "a", "some words that are long enough");
    shelf_clear(&shelf);
}

/* Writes until nothing more is taken; the disk is full. */
static void fill_what_is_claimed(Shelf *shelf)
{
    g_autofree char *large = g_strnfill(LARGE_SIZE, 'x');
    TxnEnd end = TXN_COMMITTED;

    for (guint i = 0; end == TXN_COMMITTED; i++) {
        g_autoptr(GError) error = NULL;
        g_assert_cmpuint(i, <, 1000);
        end = try_put(shelf, large, LARGE_SIZE, FALSE, &error);
        g_assert_true(!error || error->code == ANTARA_ERROR_NO_ROOM);
    }
}

static void on_a_full_disk_revocations_go_on_and_room_comes_back_by_itself(void)
{
    StoreFiles files = *store_files_system();
    Shelf shelf;

    files.claim = claim_or_not;
    files.open = open_or_not;
    shelf_prepare(&shelf);
    shelf.files = &files;
    g_assert_true(shelf_open(&shelf, NULL));
    shelf_wait_durable(&shelf, shelf_put(&shelf, "acme", "a", "x"));
    __atomic_store_n(&disk_is_full, 1, __ATOMIC_RELEASE);
    fill_what_is_claimed(&shelf);
    g_assert_true(store_is_read_only(shelf.store));
    expect(&shelf, "a", "x");
    g_assert_cmpint(try_put(&shelf, "revoked", 7, TRUE, NULL), ==, TXN_COMMITTED);
    g_assert_true(store_is_read_only(shelf.store));
    expect(&shelf, "put", "revoked");

    __atomic_store_n(&disk_is_full, 0, __ATOMIC_RELEASE);
    for (gint64 end = g_get_monotonic_time() + WAIT_USEC; store_is_read_only(shelf.store);) {
        g_assert_cmpint(g_get_monotonic_time(), <, end);
        g_thread_yield();
    }
    g_assert_cmpint(try_put(&shelf, "again", 5, FALSE, NULL), ==, TXN_COMMITTED);
    shelf_close(&shelf);
    g_assert_true(shelf_open(&shelf, NULL));
    expect(&shelf, "put", "again");
    shelf_clear(&shelf);
}

static gboolean checkpoint(Shelf *shelf, GError **error)
{
    const StoreWorkAsked asked = {.kind = STORE_WORK_CHECKPOINT, .fd = -1};

    return store_work_ask(shelf->store, &asked, error) && store_work_wait(shelf->store, error);
}

static void without_descriptors_it_waits_for_some(void)
{
    StoreFiles files = *store_files_system();
    g_autoptr(GError) error = NULL;
    Shelf shelf;

    files.open = open_or_none_left;
    shelf_prepare(&shelf);
    shelf.files = &files;
    g_assert_true(shelf_open(&shelf, NULL));
    shelf_wait_durable(&shelf, shelf_put(&shelf, "acme", "a", "x"));
    __atomic_store_n(&no_descriptors, 1, __ATOMIC_RELEASE);
    g_assert_false(
        checkpoint(&shelf, &error)); /* which closes the segment: it takes the next one */
    g_assert_nonnull(error);
    fill_what_is_claimed(&shelf);
    g_assert_true(store_is_read_only(shelf.store));

    __atomic_store_n(&no_descriptors, 0, __ATOMIC_RELEASE);
    for (gint64 end = g_get_monotonic_time() + WAIT_USEC; store_is_read_only(shelf.store);) {
        g_assert_cmpint(g_get_monotonic_time(), <, end);
        g_thread_yield();
    }
    g_clear_error(&error);
    (void)checkpoint(&shelf, &error);
    g_assert_no_error(error);
    expect(&shelf, "a", "x");
    shelf_clear(&shelf);
}

/* One life of a store whose calls fail from some call on; returns what it promised. */
static guint64 live_until_it_fails(Shelf *shelf)
{
    g_autoptr(GError) error = NULL;
    guint64 durable = 0;

    if (!shelf_open(shelf, &error)) {
        g_assert_nonnull(error);
        return 0;
    }
    for (guint i = 0; i < 3 && try_put(shelf, "x", 1, FALSE, &error) == TXN_COMMITTED; i++) {
        g_clear_error(&error);
    }
    g_clear_error(&error);
    durable = store_durable_point(shelf->store);
    (void)store_close(g_steal_pointer(&shelf->store), &error);
    return durable;
}

/* Each call that changes something fails in turn, and all behind it, in the life of a store. */
static void whichever_call_fails_what_was_durable_is_there(void)
{
    StoreFiles files = counted_files();
    Shelf shelf;

    shelf_init(&shelf);
    guint64 promised = shelf_put(&shelf, "acme", "a", "x");
    shelf_close(&shelf);
    shelf.may_fail = TRUE;
    for (gint call = 0; call < 60; call++) {
        shelf.files = &files;
        __atomic_store_n(&calls_left, call, __ATOMIC_RELEASE);
        guint64 durable = live_until_it_fails(&shelf);
        promised = MAX(promised, durable);
        shelf.files = NULL;
        g_assert_true(shelf_open(&shelf, NULL));
        expect(&shelf, "a", "x");
        g_assert_cmpuint(store_durable_point(shelf.store), >=, promised);
        promised = store_durable_point(shelf.store);
        if (call % 2 == 0) {
            shelf_pull_the_plug(&shelf);
        } else {
            shelf_close(&shelf);
        }
    }
    g_assert_true(shelf_open(&shelf, NULL));
    shelf_clear(&shelf);
}

/* One commit and one checkpoint; *last becomes @value once that is promised. */
static void put_and_check_point(Shelf *shelf, guint value, guint *last)
{
    g_autoptr(Txn) txn = txn_begin(shelf->store, "acme", NULL);
    g_autofree char *text = g_strdup_printf("%u", value);
    g_autoptr(GBytes) bytes = g_bytes_new(text, strlen(text));
    guint64 point = 0;

    g_assert_true(txn_put(txn, KIND, "put", 3, bytes, 0, NULL));
    gboolean committed = txn_commit(txn, &point, NULL) == TXN_COMMITTED;
    (void)checkpoint(shelf, NULL);
    if (committed && store_durable_point(shelf->store) >= point) {
        *last = value;
    }
}

/* A life with two checkpoints; returns what it promised. */
static guint64 live_with_checkpoints(Shelf *shelf, guint round, guint *last)
{
    g_autoptr(GError) error = NULL;

    if (!shelf_open(shelf, &error)) {
        g_assert_nonnull(error);
        return 0;
    }
    put_and_check_point(shelf, 10 * round, last);
    put_and_check_point(shelf, 10 * round + 1, last);
    guint64 durable = store_durable_point(shelf->store);
    (void)store_close(g_steal_pointer(&shelf->store), &error);
    return durable;
}

/* Row K2: each call that changes something fails in turn, in each way. */
static void k2_each_call_of_a_checkpoint_fails_in_turn_and_nothing_is_lost(void)
{
    static const Fault faults[] = {
        {.name = "I/O error", .number = EIO},
        {.name = "I/O error once", .number = EIO, .once = TRUE},
        {.name = "full disk", .number = ENOSPC},
        {.name = "full disk once", .number = ENOSPC, .once = TRUE},
        {.name = "short write", .number = EIO, .once = TRUE, .short_write = TRUE},
    };
    StoreFiles files = counted_files();
    guint64 promised = 0;
    guint last = 0;
    Shelf shelf;

    shelf_prepare(&shelf);
    shelf.segment_bytes = (gsize)8 * 1024;
    g_assert_true(shelf_open(&shelf, NULL));
    shelf_wait_durable(&shelf, shelf_put(&shelf, "acme", "put", "0"));
    shelf_pull_the_plug(&shelf);
    shelf.may_fail = TRUE;
    for (guint round = 1; round < G_N_ELEMENTS(faults) * 100; round++) {
        fault = faults[round % G_N_ELEMENTS(faults)];
        __atomic_store_n(&calls_left, (gint)(round / G_N_ELEMENTS(faults)), __ATOMIC_RELEASE);
        shelf.files = &files;
        guint64 durable = live_with_checkpoints(&shelf, round, &last);
        promised = MAX(promised, durable);
        shelf.files = NULL;
        g_autoptr(GError) error = NULL;
        (void)shelf_open(&shelf, &error);
        g_assert_no_error(error);
        g_assert_cmpuint(store_durable_point(shelf.store), >=, promised);
        g_autofree char *found = shelf_get(&shelf, "acme", "put");
        g_assert_cmpint((gint64)g_ascii_strtoull(found, NULL, 10), >=, last);
        promised = store_durable_point(shelf.store);
        last = (guint)g_ascii_strtoull(found, NULL, 10);
        shelf_pull_the_plug(&shelf);
    }
    fault = (Fault){.number = EIO};
    g_assert_true(shelf_open(&shelf, NULL));
    shelf_clear(&shelf);
}

static void a_birth_that_was_cut_off_begins_again(void)
{
    StoreFiles files = counted_files();
    Shelf shelf;

    shelf_prepare(&shelf);
    shelf.may_fail = TRUE;
    for (gint call = 0; call < 40; call++) {
        g_autoptr(GError) error = NULL;
        shelf.files = &files;
        __atomic_store_n(&calls_left, call, __ATOMIC_RELEASE);
        if (shelf_open(&shelf, &error)) {
            /* The calls of its upkeep thread fail now, maybe before it is closed. */
            (void)store_close(g_steal_pointer(&shelf.store), NULL);
            break;
        }
        g_assert_cmpint(call, <, 39);
    }
    shelf.files = NULL;
    g_assert_true(shelf_open(&shelf, NULL));
    shelf_wait_durable(&shelf, shelf_put(&shelf, "acme", "a", "x"));
    shelf_pull_the_plug(&shelf);
    g_assert_true(shelf_open(&shelf, NULL));
    expect(&shelf, "a", "x");
    shelf_clear(&shelf);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define PROMISE(name) g_test_add_func("/store/fault/" #name, name)
    PROMISE(a_failed_sync_makes_nothing_durable_and_ends_the_store);
    PROMISE(short_writes_are_continued);
    PROMISE(on_a_full_disk_revocations_go_on_and_room_comes_back_by_itself);
    PROMISE(without_descriptors_it_waits_for_some);
    PROMISE(whichever_call_fails_what_was_durable_is_there);
    PROMISE(k2_each_call_of_a_checkpoint_fails_in_turn_and_nothing_is_lost);
    PROMISE(a_birth_that_was_cut_off_begins_again);
    return g_test_run();
}
