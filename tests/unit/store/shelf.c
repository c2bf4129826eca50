/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "shelf.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/statvfs.h>

#define KIND             7U
#define MEMORY_BYTES_MIN ((guint64)1024 * 1024 * 1024)

static gint64 wall(gpointer data)
{
    return ((const Shelf *)data)->wall_usec;
}

static gint64 boot(gpointer data)
{
    return ((const Shelf *)data)->boot_usec;
}

static void failed(const GError *error, gpointer data)
{
    Shelf *shelf = data;

    g_assert_nonnull(error);
    if (!shelf->may_fail) {
        g_error("%s", error->message);
    }
    (void)__atomic_add_fetch(&shelf->failures, 1, __ATOMIC_ACQ_REL);
}

gboolean shelf_open(Shelf *shelf, GError **error)
{
    static const char *const tenants[] = {"acme", "other", NULL};
    const StoreOptions options = {
        .dir = shelf->dir,
        .kek = shelf->kek,
        .clock = &shelf->clock,
        .tenants = tenants,
        .failed = failed,
        .data = shelf,
        .files = shelf->files,
        .segment_bytes = shelf->segment_bytes,
    };

    shelf->store = store_open(&options, error);
    return shelf->store != NULL;
}

char *shelf_make_dir(void)
{
    g_autofree char *memory = g_strdup("/dev/shm/antara-shelf-XXXXXX");
    struct statvfs disk = {0};
    gboolean roomy = statvfs("/dev/shm", &disk) == 0 &&
                     (guint64)disk.f_bavail * disk.f_frsize > MEMORY_BYTES_MIN;

    return roomy && g_mkdtemp(memory) ? g_steal_pointer(&memory)
                                      : g_dir_make_tmp("antara-shelf-XXXXXX", NULL);
}

void shelf_prepare(Shelf *shelf)
{
    *shelf = (Shelf){.wall_usec = SHELF_BORN_USEC, .boot_usec = 1};
    shelf->clock = (Clock){wall, boot, shelf};
    shelf->dir = shelf_make_dir();
    shelf->kek = kek_from_bytes((const guint8[KEK_BYTES]){1});
}

void shelf_init(Shelf *shelf)
{
    g_autoptr(GError) error = NULL;

    shelf_prepare(shelf);
    (void)shelf_open(shelf, &error);
    g_assert_no_error(error);
}

void shelf_close(Shelf *shelf)
{
    g_autoptr(GError) error = NULL;

    g_assert_true(store_close(g_steal_pointer(&shelf->store), &error));
    g_assert_no_error(error);
}

static void remove_dir(const char *path)
{
    g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);

    for (const char *name; (name = g_dir_read_name(dir));) {
        g_autofree char *file = g_build_filename(path, name, NULL);
        g_assert_cmpint(g_unlink(file), ==, 0);
    }
    g_assert_cmpint(g_rmdir(path), ==, 0);
}

void shelf_clear(Shelf *shelf)
{
    if (shelf->store) {
        shelf_close(shelf);
    }
    remove_dir(shelf->dir);
    g_free(shelf->dir);
    kek_unref(shelf->kek);
}

void shelf_advance(Shelf *shelf, gint64 usec)
{
    shelf->wall_usec += usec;
    shelf->boot_usec += usec;
}

/* FALSE: it is gone. */
static gboolean copy_file(const char *from, const char *to, const char *name)
{
    g_autofree char *source = g_build_filename(from, name, NULL);
    g_autofree char *target = g_build_filename(to, name, NULL);
    g_autofree char *data = NULL;
    gsize size = 0;

    if (!g_file_get_contents(source, &data, &size, NULL)) {
        return FALSE;
    }
    g_assert_true(g_file_set_contents(target, data, (gssize)size, NULL));
    return TRUE;
}

static GBytes *manifest_of(const Shelf *shelf)
{
    g_autofree char *path = g_build_filename(shelf->dir, "manifest", NULL);
    char *data = NULL;
    gsize size = 0;

    g_assert_true(g_file_get_contents(path, &data, &size, NULL));
    return g_bytes_new_take(data, size);
}

/* FALSE: the store's threads changed the directory meanwhile, so that it is no moment's copy. */
static gboolean copy_all(const Shelf *shelf, const char *to)
{
    g_autoptr(GDir) dir = g_dir_open(shelf->dir, 0, NULL);
    g_autoptr(GBytes) before = manifest_of(shelf);
    gboolean whole = TRUE;

    for (const char *name; (name = g_dir_read_name(dir));) {
        whole = (g_str_has_suffix(name, ".new") || copy_file(shelf->dir, to, name)) && whole;
    }
    g_autoptr(GBytes) after = manifest_of(shelf);
    return whole && g_bytes_equal(before, after);
}

void shelf_pull_the_plug(Shelf *shelf)
{
    g_autofree char *copy = shelf_make_dir();

    while (!copy_all(shelf, copy)) {
        remove_dir(copy);
        g_assert_cmpint(g_mkdir(copy, 0700), ==, 0);
    }
    shelf_close(shelf);
    remove_dir(shelf->dir);
    g_free(shelf->dir);
    shelf->dir = g_steal_pointer(&copy);
}

guint64 shelf_put(Shelf *shelf, const char *tenant, const char *id, const char *value)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(Txn) txn = txn_begin(shelf->store, tenant, &error);
    g_autoptr(GBytes) bytes = value ? g_bytes_new(value, strlen(value)) : NULL;
    guint64 point = 0;

    g_assert_no_error(error);
    g_assert_true(
        value ? txn_put(txn, KIND, id, strlen(id), bytes, 0, &error)
              : txn_delete(txn, KIND, id, strlen(id), &error));
    g_assert_cmpint(txn_commit(txn, &point, &error), ==, TXN_COMMITTED);
    return point;
}

char *shelf_get(Shelf *shelf, const char *tenant, const char *id)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(Txn) txn = txn_begin(shelf->store, tenant, &error);
    g_autoptr(GBytes) bytes = NULL;
    gsize size = 0;

    g_assert_true(txn_get(txn, KIND, id, strlen(id), &bytes, &error));
    const char *data = bytes ? g_bytes_get_data(bytes, &size) : NULL;
    return data ? g_strndup(data, size) : NULL;
}

void shelf_wait_durable(Shelf *shelf, guint64 point)
{
    gint64 end = g_get_monotonic_time() + 10 * G_USEC_PER_SEC;

    while (store_durable_point(shelf->store) < point) {
        g_assert_cmpint(g_get_monotonic_time(), <, end);
        g_thread_yield();
    }
}

void shelf_checkpoint(Shelf *shelf)
{
    const StoreWorkAsked asked = {.kind = STORE_WORK_CHECKPOINT, .fd = -1};
    g_autoptr(GError) error = NULL;

    g_assert_true(store_work_ask(shelf->store, &asked, &error));
    (void)store_work_wait(shelf->store, &error);
    g_assert_no_error(error);
}
