/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "place.h"

#include "store/files.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILL_WRITES  256U
#define CALM_COMMITS 64U
#define READ_BYTES   ((gsize)1024 * 1024)
#define SETTLE_USEC  200U

void must(gboolean good, const GError *error)
{
    if (!good) {
        g_printerr("bench-store: %s\n", error ? error->message : "failed without a reason");
        exit(EXIT_FAILURE);
    }
}

static void failed(const GError *error, gpointer data)
{
    (void)data;
    must(FALSE, error);
}

void place_open(Place *place)
{
    static const char *const tenants[] = {"bench", NULL};
    g_autoptr(GError) error = NULL;
    g_autoptr(Kek) kek = kek_from_bytes((const guint8[KEK_BYTES]){1}); /* no child inherits one */
    const StoreOptions options = {
        .dir = place->dir,
        .kek = kek,
        .clock = clock_system(),
        .tenants = tenants,
        .failed = failed,
        .files = place->files,
    };

    place->store = store_open(&options, &error);
    must(place->store != NULL, error);
}

void place_init(Place *place, const char *parent, const StoreFiles *files)
{
    g_autofree char *name = g_build_filename(parent, "antara-bench-XXXXXX", NULL);

    *place = (Place){.files = files};
    place->dir = g_mkdtemp(g_steal_pointer(&name));
    if (!place->dir) {
        perror("bench-store: no directory can be made");
        exit(EXIT_FAILURE);
    }
    place_open(place);
}

void place_close(Place *place)
{
    g_autoptr(GError) error = NULL;

    must(store_close(g_steal_pointer(&place->store), &error), error);
}

void place_clear(Place *place)
{
    if (place->store) {
        place_close(place);
    }

    g_autoptr(GDir) dir = g_dir_open(place->dir, 0, NULL);
    for (const char *name; (name = g_dir_read_name(dir));) {
        g_autofree char *path = g_build_filename(place->dir, name, NULL);
        (void)g_unlink(path);
    }
    (void)g_rmdir(place->dir);
    g_free(place->dir);
}

/* Bytes that differ from record to record; what they are is no matter, they get sealed. */
static GBytes *record_value(guint64 number)
{
    guint8 bytes[RECORD_BYTES];

    memset(bytes, (int)(number & 0xff), sizeof(bytes));
    memcpy(bytes, &number, sizeof(number));
    return g_bytes_new(bytes, sizeof(bytes));
}

static void put(Txn *txn, guint64 number)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GBytes) value = record_value(number);

    must(txn_put(txn, RECORD_KIND, &number, sizeof(number), value, 0, &error), error);
}

static guint64 commit(Txn *txn)
{
    g_autoptr(GError) error = NULL;
    guint64 point = 0;

    must(txn_commit(txn, &point, &error) == TXN_COMMITTED, error);
    return point;
}

static Txn *begin(Place *place)
{
    g_autoptr(GError) error = NULL;
    Txn *txn = txn_begin(place->store, "bench", &error);

    must(txn != NULL, error);
    return txn;
}

guint64 place_put(Place *place, guint64 number)
{
    g_autoptr(Txn) txn = begin(place);

    put(txn, number);
    return commit(txn);
}

guint64 place_put_gathered(Place *place, guint64 number)
{
    g_autoptr(Txn) txn = begin(place);

    txn_set_gathered(txn);
    put(txn, number);
    return commit(txn);
}

gboolean place_get(Place *place, guint64 number)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GBytes) value = NULL;
    g_autoptr(Txn) txn = begin(place);

    must(txn_get(txn, RECORD_KIND, &number, sizeof(number), &value, &error), error);
    return value != NULL;
}

static void wait_durable(Place *place, guint64 point)
{
    while (store_durable_point(place->store) < point) {
        g_usleep(SETTLE_USEC);
    }
}

void place_settle(Place *place)
{
    wait_durable(place, place_put(place, 0));
}

void place_fill(Place *place, guint64 from, guint64 to)
{
    guint64 point = 0;

    for (guint64 at = from; at < to; at += FILL_WRITES) {
        g_autoptr(Txn) txn = begin(place);
        for (guint64 number = at; number < MIN(at + FILL_WRITES, to); number++) {
            put(txn, number);
        }
        point = commit(txn);
    }
    wait_durable(place, point);
}

guint64 place_disk_bytes(const Place *place, const char *prefix)
{
    g_autoptr(GDir) dir = g_dir_open(place->dir, 0, NULL);
    guint64 bytes = 0;

    for (const char *name; (name = g_dir_read_name(dir));) {
        g_autofree char *path = g_build_filename(place->dir, name, NULL);
        struct stat status;
        if (g_str_has_prefix(name, prefix) && stat(path, &status) == 0) {
            bytes += (guint64)status.st_size;
        }
    }
    return bytes;
}

void place_read_table(const Place *place)
{
    g_autofree char *path = g_build_filename(place->dir, "table", NULL);
    g_autofree guint8 *piece = g_malloc(READ_BYTES);
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    g_assert(fd >= 0);
    while (read(fd, piece, READ_BYTES) > 0) {
    }
    (void)close(fd);
}

void place_calm(Place *place)
{
    for (guint i = 0; i < CALM_COMMITS; i++) {
        place_settle(place);
    }
}

void place_ask_checkpoint(Place *place)
{
    const StoreWorkAsked asked = {.kind = STORE_WORK_CHECKPOINT, .fd = -1};
    g_autoptr(GError) error = NULL;

    must(store_work_ask(place->store, &asked, &error), error);
}

void place_end_checkpoint(Place *place)
{
    g_autoptr(GError) error = NULL;

    must(store_work_wait(place->store, &error), error);
}

void place_checkpoint(Place *place)
{
    place_ask_checkpoint(place);
    place_end_checkpoint(place);
}
