/* SPDX-License-Identifier: GPL-3.0-or-later */

/* test-check.c - a check tells damage by name, and what can be done; and changes nothing */

#include "base/error.h"
#include "shelf.h"
#include "store/files.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>

#define SMALL_SEGMENT ((gsize)64 * 1024)

static void set_up(Shelf *shelf, G_GNUC_UNUSED gconstpointer data)
{
    g_autoptr(GError) error = NULL;

    shelf_prepare(shelf);
    shelf->segment_bytes = SMALL_SEGMENT;
    (void)shelf_open(shelf, &error);
    g_assert_no_error(error);
    (void)shelf_put(shelf, "acme", "a", "x");
    (void)shelf_put(shelf, "other", "a", "y");
    shelf_checkpoint(shelf);
    shelf_wait_durable(shelf, shelf_put(shelf, "acme", "b", "z"));
}

static void tear_down(Shelf *shelf, G_GNUC_UNUSED gconstpointer data)
{
    shelf_clear(shelf);
}

static gboolean check(Shelf *shelf, GString *report, GError **error)
{
    const StoreOptions options = {
        .dir = shelf->dir, .kek = shelf->kek, .segment_bytes = SMALL_SEGMENT};

    return store_check(&options, report, error);
}

static void a_whole_store_is_told_whole(Shelf *shelf, G_GNUC_UNUSED gconstpointer data)
{
    g_autoptr(GString) report = g_string_new(NULL);
    g_autoptr(GError) error = NULL;

    shelf_close(shelf);
    (void)check(shelf, report, &error);
    g_assert_no_error(error);
    g_assert_nonnull(strstr(report->str, "snapshot: 2 records, all whole"));
    g_assert_nonnull(strstr(report->str, "journal: 1 commits, all whole; the last is number 3"));
    g_autofree char *clean = g_build_filename(shelf->dir, "clean", NULL);
    g_assert_true(g_file_test(clean, G_FILE_TEST_EXISTS));
}

static void change_byte(const Shelf *shelf, const char *name, off_t at)
{
    g_autofree char *path = g_build_filename(shelf->dir, name, NULL);
    const StoreFiles *files = store_files_system();
    guint8 byte = 0;
    int fd = files->open(path, O_RDWR, 0);

    g_assert_cmpint(files->pread(fd, &byte, 1, at), ==, 1);
    byte ^= 1;
    g_assert_cmpint(files->pwrite(fd, &byte, 1, at), ==, 1);
    g_assert_cmpint(files->close(fd), ==, 0);
}

static void
damage_is_told_by_file_with_what_can_be_done(Shelf *shelf, G_GNUC_UNUSED gconstpointer data)
{
    static const struct {
        const char *name;
        off_t at;
        const char *words;
    } rows[] = {
        {"keyring", 100, "the keyring is damaged"},
        {"manifest", 40, "manifest: damaged"},
        {"snapshot-00000001", 5000, "snapshot-00000001: damaged"},
        {"journal-00000002", 30, "journal-00000002: damaged at offset 0"},
    };

    shelf_close(shelf);
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(GString) report = g_string_new(NULL);
        g_autoptr(GError) error = NULL;
        change_byte(shelf, rows[i].name, rows[i].at);
        g_assert_false(check(shelf, report, &error));
        g_assert_error(error, ANTARA_ERROR, ANTARA_ERROR_DAMAGED);
        g_assert_nonnull(strstr(report->str, rows[i].words));
        g_assert_nonnull(strstr(report->str, "What can be done"));
        change_byte(shelf, rows[i].name, rows[i].at);
    }
}

static void one_that_is_open_is_left_alone(Shelf *shelf, G_GNUC_UNUSED gconstpointer data)
{
    g_autoptr(GString) report = g_string_new(NULL);
    g_autoptr(GError) error = NULL;

    g_assert_false(check(shelf, report, &error));
    g_assert_nonnull(strstr(error->message, "antaractl check"));
}

static void a_running_store_checks_itself(Shelf *shelf, G_GNUC_UNUSED gconstpointer data)
{
    const StoreWorkAsked asked = {.kind = STORE_WORK_CHECK, .fd = -1};
    g_autoptr(GError) error = NULL;
    StoreWork work;

    g_assert_true(store_work_ask(shelf->store, &asked, NULL));
    (void)store_work_wait(shelf->store, &error);
    g_assert_no_error(error);
    store_work_look(shelf->store, &work);
    g_assert_nonnull(strstr(work.words, "2 records of the snapshot"));

    change_byte(shelf, "snapshot-00000001", 5000);
    g_assert_true(store_work_ask(shelf->store, &asked, NULL));
    g_assert_false(store_work_wait(shelf->store, &error));
    g_assert_nonnull(strstr(error->message, "snapshot-00000001: damaged"));
    change_byte(shelf, "snapshot-00000001", 5000);
    g_autofree char *found = shelf_get(shelf, "acme", "a"); /* it goes on */
    g_assert_cmpstr(found, ==, "x");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define TEST(promise) g_test_add("/store/check/" #promise, Shelf, NULL, set_up, promise, tear_down)
    TEST(a_whole_store_is_told_whole);
    TEST(damage_is_told_by_file_with_what_can_be_done);
    TEST(one_that_is_open_is_left_alone);
    TEST(a_running_store_checks_itself);
    return g_test_run();
}
