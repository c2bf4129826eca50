/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "shelf.h"

#include "base/error.h"
#include "store/files.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void expect(Shelf *shelf, const char *tenant, const char *id, const char *value)
{
    g_autofree char *found = shelf_get(shelf, tenant, id);

    g_assert_cmpstr(found, ==, value);
}

static void what_is_durable_survives_a_power_cut(void)
{
    Shelf shelf;
    guint64 point = 0;

    shelf_init(&shelf);
    for (guint round = 0; round < 3; round++) {
        for (guint i = 0; i < 300; i++) {
            g_autofree char *id = g_strdup_printf("%u-%u", round, i);
            point = shelf_put(&shelf, "acme", id, id);
        }
        shelf_wait_durable(&shelf, point);
        shelf_pull_the_plug(&shelf);
        g_assert_true(shelf_open(&shelf, NULL));
        for (guint i = 0; i < 300; i++) {
            g_autofree char *id = g_strdup_printf("%u-%u", round, i);
            expect(&shelf, "acme", id, id);
        }
    }
    shelf_clear(&shelf);
}

/* In a child: commits, and says each point that is durable, until it is killed. */
static void child_writes(Shelf *shelf, int fd)
{
    for (guint32 i = 0;; i++) {
        g_autofree char *id = g_strdup_printf("%u", i);
        shelf_wait_durable(shelf, shelf_put(shelf, "acme", id, id));
        g_assert_cmpint(write(fd, &i, sizeof(i)), ==, sizeof(i));
    }
}

static guint32 read_until(int fd, guint32 wanted)
{
    guint32 said = 0;

    while (said < wanted && read(fd, &said, sizeof(said)) == sizeof(said)) {
    }
    return said;
}

static void what_was_told_survives_sigkill(void)
{
    for (guint32 round = 0; round < 5; round++) {
        Shelf shelf;
        int pipes[2];

        shelf_init(&shelf);
        shelf_close(&shelf);
        g_assert_cmpint(pipe(pipes), ==, 0);
        pid_t child = fork();
        if (child == 0) {
            shelf.kek =
                kek_from_bytes((const guint8[KEK_BYTES]){1}); /* secrets don't cross a fork */
            g_assert_true(shelf_open(&shelf, NULL));
            child_writes(&shelf, pipes[1]);
        }
        (void)close(pipes[1]);
        guint32 said = read_until(pipes[0], 20 + 37 * round);
        g_assert_cmpint(kill(child, SIGKILL), ==, 0);
        g_assert_cmpint(waitpid(child, NULL, 0), ==, child);
        guint32 rest = read_until(pipes[0], G_MAXUINT32);
        (void)close(pipes[0]);
        g_assert_true(shelf_open(&shelf, NULL));
        for (guint32 i = 0; i <= MAX(said, rest); i++) {
            g_autofree char *id = g_strdup_printf("%u", i);
            expect(&shelf, "acme", id, id);
        }
        shelf_clear(&shelf);
    }
}

static void what_is_no_store_of_ours_is_refused(void)
{
    g_autoptr(GError) error = NULL;
    Shelf shelf;

    shelf_init(&shelf);
    shelf_close(&shelf);
    kek_unref(shelf.kek);
    shelf.kek = kek_from_bytes((const guint8[KEK_BYTES]){2});
    g_assert_false(shelf_open(&shelf, &error));
    g_assert_nonnull(strstr(error->message, "KEK"));
    g_clear_error(&error);

    g_autofree char *keyring = g_build_filename(shelf.dir, "keyring", NULL);
    g_assert_cmpint(g_unlink(keyring), ==, 0);
    g_assert_false(shelf_open(&shelf, &error));
    g_assert_nonnull(strstr(error->message, "no store of ours"));
    shelf_clear(&shelf);
}

static void a_missing_manifest_is_refused(void)
{
    g_autoptr(GError) error = NULL;
    Shelf shelf;

    shelf_init(&shelf);
    shelf_close(&shelf);
    g_autofree char *manifest = g_build_filename(shelf.dir, "manifest", NULL);
    g_assert_cmpint(g_unlink(manifest), ==, 0);
    g_assert_false(shelf_open(&shelf, &error));
    g_assert_nonnull(strstr(error->message, "manifest: missing"));
    shelf_clear(&shelf);
}

static void two_daemons_do_not_share_a_store(void)
{
    g_autoptr(GError) error = NULL;
    Shelf shelf;

    shelf_init(&shelf);
    Shelf second = shelf;
    g_assert_false(shelf_open(&second, &error));
    g_assert_nonnull(strstr(error->message, "another antarad"));
    shelf_clear(&shelf);
}

static void segments_follow_each_other(void)
{
    Shelf shelf;
    guint64 point = 0;
    g_autofree char *large = g_strnfill(200 * 1024, 'x');

    shelf_init(&shelf);
    for (guint i = 0; i < 200; i++) { /* 40 MB: three segments */
        g_autofree char *id = g_strdup_printf("%u", i);
        large[0] = (char)('a' + i % 26);
        point = shelf_put(&shelf, "acme", id, large);
        if (i % 16 == 0) {
            shelf_wait_durable(&shelf, point);
        }
    }
    shelf_wait_durable(&shelf, point);
    shelf_pull_the_plug(&shelf);
    g_assert_true(shelf_open(&shelf, NULL));
    for (guint i = 0; i < 200; i++) {
        g_autofree char *id = g_strdup_printf("%u", i);
        large[0] = (char)('a' + i % 26);
        expect(&shelf, "acme", id, large);
    }
    shelf_clear(&shelf);
}

static gboolean disk_is_full;

static int claim_or_not(G_GNUC_UNUSED int fd, G_GNUC_UNUSED off_t offset, G_GNUC_UNUSED off_t size)
{
    errno = ENOSPC;
    return disk_is_full ? -1 : 0;
}

static void a_full_disk_makes_it_read_only_until_there_is_room(void)
{
    StoreFiles files = *store_files_system();
    g_autoptr(GError) error = NULL;
    Shelf shelf;
    guint64 point = 0;

    files.claim = claim_or_not;
    shelf_init(&shelf);
    (void)shelf_put(&shelf, "acme", "a", "x");
    shelf_close(&shelf);
    shelf.files = &files;
    disk_is_full = TRUE;
    g_assert_true(shelf_open(&shelf, NULL));
    {
        g_autoptr(Txn) txn = txn_begin(shelf.store, "acme", NULL);
        g_assert_true(txn_delete(txn, 7, "a", 1, NULL));
        g_assert_cmpint(txn_commit(txn, &point, &error), ==, TXN_FAILED);
        g_assert_error(error, ANTARA_ERROR, ANTARA_ERROR_NO_ROOM);
    }
    g_assert_true(store_is_read_only(shelf.store));
    expect(&shelf, "acme", "a", "x");
    disk_is_full = FALSE;
    (void)shelf_put(&shelf, "acme", "b", "y");
    g_assert_false(store_is_read_only(shelf.store));
    shelf_clear(&shelf);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/store/power-cut", what_is_durable_survives_a_power_cut);
    g_test_add_func("/store/sigkill", what_was_told_survives_sigkill);
    g_test_add_func("/store/not-ours", what_is_no_store_of_ours_is_refused);
    g_test_add_func("/store/no-manifest", a_missing_manifest_is_refused);
    g_test_add_func("/store/lock", two_daemons_do_not_share_a_store);
    g_test_add_func("/store/segments", segments_follow_each_other);
    g_test_add_func("/store/full-disk", a_full_disk_makes_it_read_only_until_there_is_room);
    return g_test_run();
}
