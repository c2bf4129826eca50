/* SPDX-License-Identifier: GPL-3.0-or-later */

/* test-payload.c - what a frame holds, written to a table */

#include "base/error.h"
#include "store/payload.h"

#include <glib/gstdio.h>
#include <string.h>

#define TIME G_GINT64_CONSTANT(1800000000000000)

static const guint8 one[TABLE_KEY_BYTES] = {1};
static const guint8 two[TABLE_KEY_BYTES] = {2};

typedef struct Desk {
    char *dir;
    char *path;
    Table *table;
} Desk;

static void set_up(Desk *desk, G_GNUC_UNUSED gconstpointer data)
{
    desk->dir = g_dir_make_tmp("antara-payload-XXXXXX", NULL);
    desk->path = g_build_filename(desk->dir, "table", NULL);
    desk->table = table_open(desk->path, TABLE_FRESH, NULL);
    g_assert_nonnull(desk->table);
}

static void tear_down(Desk *desk, G_GNUC_UNUSED gconstpointer data)
{
    table_free(desk->table);
    g_assert_cmpint(g_unlink(desk->path), ==, 0);
    g_assert_cmpint(g_rmdir(desk->dir), ==, 0);
    g_free(desk->path);
    g_free(desk->dir);
}

/* Puts "words" at @one, deletes @two. */
static GBytes *payload_new(void)
{
    GByteArray *payload = g_byte_array_new();
    g_autoptr(GBytes) value = g_bytes_new_static("words", 5);

    payload_begin(payload, TIME);
    payload_add(payload, one, value);
    payload_add(payload, two, NULL);
    return g_byte_array_free_to_bytes(payload);
}

static gboolean is_there(const Desk *desk, const guint8 *key)
{
    g_autoptr(GBytes) bytes = NULL;

    g_assert_true(table_get(desk->table, key, &bytes, NULL));
    return bytes != NULL;
}

static void its_writes_and_its_time_are_applied(Desk *desk, G_GNUC_UNUSED gconstpointer data)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GBytes) payload = payload_new();
    gint64 time = 0;

    g_assert_true(table_put(desk->table, two, "old", 3, NULL));
    g_assert_true(payload_apply(payload, desk->table, &time, &error));
    g_assert_no_error(error);
    g_assert_cmpint(time, ==, TIME);
    g_assert_true(is_there(desk, one));
    g_assert_false(is_there(desk, two));
}

static void one_that_is_cut_is_refused(Desk *desk, G_GNUC_UNUSED gconstpointer data)
{
    const gsize first = sizeof(gint64);
    const gsize second = first + TABLE_KEY_BYTES + 4 + 5;
    g_autoptr(GBytes) payload = payload_new();
    gint64 time = 0;

    for (gsize cut = 0; cut < g_bytes_get_size(payload); cut++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(GBytes) shorter = g_bytes_new_from_bytes(payload, 0, cut);
        gboolean whole = cut == first || cut == second;
        g_assert_cmpint(payload_apply(shorter, desk->table, &time, &error), ==, whole);
        g_assert_true(whole || g_error_matches(error, ANTARA_ERROR, ANTARA_ERROR_DAMAGED));
    }
}

static void a_size_beyond_its_end_is_refused(Desk *desk, G_GNUC_UNUSED gconstpointer data)
{
    g_autoptr(GBytes) payload = payload_new();
    gsize size = 0;
    const guint8 *bytes = g_bytes_get_data(payload, &size);
    const guint32 sizes[] = {1000, G_MAXUINT32 - 1, G_MAXINT32};
    gint64 time = 0;

    for (gsize i = 0; i < G_N_ELEMENTS(sizes); i++) {
        g_autoptr(GError) error = NULL;
        g_autofree guint8 *copy = g_memdup2(bytes, size);
        guint32 little = GUINT32_TO_LE(sizes[i]);
        memcpy(copy + sizeof(gint64) + TABLE_KEY_BYTES, &little, sizeof(little));
        g_autoptr(GBytes) changed = g_bytes_new(copy, size);
        g_assert_false(payload_apply(changed, desk->table, &time, &error));
        g_assert_error(error, ANTARA_ERROR, ANTARA_ERROR_DAMAGED);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define TEST(promise) g_test_add("/store/payload/" #promise, Desk, NULL, set_up, promise, tear_down)
    TEST(its_writes_and_its_time_are_applied);
    TEST(one_that_is_cut_is_refused);
    TEST(a_size_beyond_its_end_is_refused);
    return g_test_run();
}
