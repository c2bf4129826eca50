/* SPDX-License-Identifier: GPL-3.0-or-later */

/* test-settle.c - the small files of a store, changed, cut, or taken from another one */

#include "shelf.h"

#include <glib/gstdio.h>
#include <string.h>

static char *path_of(const Shelf *shelf, const char *name)
{
    return g_build_filename(shelf->dir, name, NULL);
}

static char *read_file(const Shelf *shelf, const char *name, gsize *ret_size)
{
    g_autofree char *path = path_of(shelf, name);
    char *bytes = NULL;

    g_assert_true(g_file_get_contents(path, &bytes, ret_size, NULL));
    return bytes;
}

static void write_file(const Shelf *shelf, const char *name, const char *bytes, gsize size)
{
    g_autofree char *path = path_of(shelf, name);

    g_assert_true(g_file_set_contents(path, bytes, (gssize)size, NULL));
}

static void refused_by_name(Shelf *shelf, const char *name)
{
    g_autoptr(GError) error = NULL;

    g_assert_false(shelf_open(shelf, &error));
    g_assert_nonnull(strstr(error->message, name));
}

static void opens_with(Shelf *shelf, const char *value)
{
    g_autoptr(GError) error = NULL;

    (void)shelf_open(shelf, &error);
    g_assert_no_error(error);
    g_autofree char *found = shelf_get(shelf, "acme", "key");
    g_assert_cmpstr(found, ==, value);
}

static void a_changed_keyring_or_manifest_refuses_and_names_the_file(void)
{
    static const char *const names[] = {"keyring", "manifest"};
    Shelf shelf;

    shelf_init(&shelf);
    (void)shelf_put(&shelf, "acme", "key", "value");
    shelf_close(&shelf);
    for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
        gsize size = 0;
        g_autofree char *bytes = read_file(&shelf, names[i], &size);
        const gsize places[] = {0, size / 2, size - 1};
        for (gsize j = 0; j < G_N_ELEMENTS(places); j++) {
            g_autofree char *changed = g_memdup2(bytes, size);
            changed[places[j]] ^= 1;
            write_file(&shelf, names[i], changed, size);
            refused_by_name(&shelf, names[i]);
        }
        write_file(&shelf, names[i], bytes, size / 2);
        refused_by_name(&shelf, names[i]);
        write_file(&shelf, names[i], bytes, size);
    }
    opens_with(&shelf, "value");
    shelf_clear(&shelf);
}

static void the_manifest_of_another_store_is_refused(void)
{
    Shelf shelf;
    Shelf other;
    gsize size = 0;

    shelf_init(&shelf);
    shelf_init(&other);
    shelf_close(&shelf);
    g_autofree char *bytes = read_file(&other, "manifest", &size);
    write_file(&shelf, "manifest", bytes, size);
    refused_by_name(&shelf, "manifest");
    shelf_clear(&shelf);
    shelf_clear(&other);
}

/* It only saves a replay: what it says wrongly is not believed. */
static void a_changed_or_missing_clean_file_loses_nothing(void)
{
    Shelf shelf;
    gsize size = 0;

    shelf_init(&shelf);
    (void)shelf_put(&shelf, "acme", "key", "value");
    shelf_close(&shelf);
    g_autofree char *bytes = read_file(&shelf, "clean", &size);
    for (gsize i = 0; i < size; i += 16) {
        g_autofree char *changed = g_memdup2(bytes, size);
        changed[i] ^= 1;
        write_file(&shelf, "clean", changed, size);
        opens_with(&shelf, "value");
        shelf_close(&shelf);
    }
    g_autofree char *path = path_of(&shelf, "clean");
    g_assert_cmpint(g_unlink(path), ==, 0);
    opens_with(&shelf, "value");
    shelf_clear(&shelf);
}

static void the_clean_file_is_gone_once_the_store_is_open(void)
{
    Shelf shelf;

    shelf_init(&shelf);
    shelf_close(&shelf);
    g_autofree char *path = path_of(&shelf, "clean");
    g_assert_true(g_file_test(path, G_FILE_TEST_EXISTS));
    g_assert_true(shelf_open(&shelf, NULL));
    g_assert_false(g_file_test(path, G_FILE_TEST_EXISTS));
    shelf_clear(&shelf);
}

/* A clean file of an earlier stop, put back: the table has gone on since. */
static void an_old_clean_file_loses_nothing(void)
{
    Shelf shelf;
    gsize size = 0;

    shelf_init(&shelf);
    (void)shelf_put(&shelf, "acme", "key", "first");
    shelf_close(&shelf);
    g_autofree char *old = read_file(&shelf, "clean", &size);
    opens_with(&shelf, "first");
    for (guint i = 0; i < 2000; i++) { /* the table grows */
        char id[16];
        g_snprintf(id, sizeof(id), "%u", i);
        (void)shelf_put(&shelf, "acme", id, "filling");
    }
    (void)shelf_put(&shelf, "acme", "key", "second");
    shelf_close(&shelf);
    write_file(&shelf, "clean", old, size);
    opens_with(&shelf, "second");
    shelf_wait_durable(&shelf, shelf_put(&shelf, "acme", "another", "third"));
    shelf_pull_the_plug(&shelf);
    opens_with(&shelf, "second");
    g_autofree char *third = shelf_get(&shelf, "acme", "another");
    g_assert_cmpstr(third, ==, "third");
    shelf_clear(&shelf);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define TEST(promise) g_test_add_func("/store/settle/" #promise, promise)
    TEST(a_changed_keyring_or_manifest_refuses_and_names_the_file);
    TEST(the_manifest_of_another_store_is_refused);
    TEST(a_changed_or_missing_clean_file_loses_nothing);
    TEST(the_clean_file_is_gone_once_the_store_is_open);
    TEST(an_old_clean_file_loses_nothing);
    return g_test_run();
}
