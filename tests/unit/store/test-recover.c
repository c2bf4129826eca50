/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "base/error.h"
#include "shelf.h"
#include "store/segment.h"
#include "store/value.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#define LARGE_BYTES ((gsize)250 * 1024)

static void expect(Shelf *shelf, const char *id, const char *value)
{
    g_autofree char *found = shelf_get(shelf, "acme", id);

    g_assert_cmpstr(found, ==, value);
}

/* Fills a journal of three segments, each commit durable before the next where @groups. */
static guint64 three_segments(Shelf *shelf)
{
    g_autofree char *large = g_strnfill(LARGE_BYTES, 'x');
    guint64 point = 0;

    for (guint i = 0; i < 150; i++) {
        g_autofree char *id = g_strdup_printf("%u", i);
        point = shelf_put(shelf, "acme", id, large);
        if (i % 20 == 0) {
            shelf_wait_durable(shelf, point);
        }
    }
    shelf_wait_durable(shelf, point);
    return point;
}

static void change_byte(const Shelf *shelf, guint64 segment, gsize at)
{
    g_autofree char *path = segment_path(shelf->dir, segment);
    guint8 byte = 0;
    int fd = open(path, O_RDWR | O_CLOEXEC);

    g_assert_cmpint(pread(fd, &byte, 1, (off_t)at), ==, 1);
    byte ^= 0x10;
    g_assert_cmpint(pwrite(fd, &byte, 1, (off_t)at), ==, 1);
    g_assert_cmpint(close(fd), ==, 0);
}

static void expect_damage(Shelf *shelf, const char *where)
{
    g_autoptr(GError) error = NULL;

    g_assert_false(shelf_open(shelf, &error));
    g_assert_error(error, ANTARA_ERROR, ANTARA_ERROR_DAMAGED);
    g_assert_nonnull(strstr(error->message, where));
}

/* The offset behind the last frame that chains from the head on. */
static gsize end_of_frames(const Shelf *shelf, guint64 segment)
{
    g_autofree char *path = segment_path(shelf->dir, segment);
    g_autofree char *data = NULL;
    gsize size = 0;
    gsize at = SEGMENT_HEAD_BYTES;
    gsize last = at;

    g_assert_true(g_file_get_contents(path, &data, &size, NULL));
    while (at + FRAME_HEAD_BYTES < size && data[at] == FRAME_MAGIC_FIRST) {
        guint32 bytes = 0;
        memcpy(&bytes, data + at + 4, sizeof(bytes));
        last = at;
        at += FRAME_HEAD_BYTES + GUINT32_FROM_LE(bytes);
    }
    return last;
}

static void damage_in_any_segment_refuses_and_changes_nothing(void)
{
    Shelf shelf;

    shelf_init(&shelf);
    guint64 point = three_segments(&shelf);
    shelf_pull_the_plug(&shelf);

    change_byte(&shelf, 2, 20); /* the head of a file in the middle */
    expect_damage(&shelf, "journal-00000002: damaged at offset 0");
    change_byte(&shelf, 2, 20);

    change_byte(&shelf, 2, SEGMENT_HEAD_BYTES + 100); /* its first frame */
    expect_damage(&shelf, "journal-00000002: damaged at offset 64");
    change_byte(&shelf, 2, SEGMENT_HEAD_BYTES + 100);

    gsize last = end_of_frames(&shelf, 1); /* the last frame of the first file */
    g_autofree char *where =
        g_strdup_printf("journal-00000001: damaged at offset %" G_GSIZE_FORMAT, last);
    change_byte(&shelf, 1, last + 100);
    expect_damage(&shelf, where);
    change_byte(&shelf, 1, last + 100);

    change_byte(&shelf, 3, 20); /* the head of the last one in use */
    expect_damage(&shelf, "journal-00000003: damaged at offset 0");
    change_byte(&shelf, 3, 20);

    g_assert_true(shelf_open(&shelf, NULL));
    g_assert_cmpuint(store_durable_point(shelf.store), ==, point);
    shelf_clear(&shelf);
}

static void a_segment_that_is_missing_before_another_refuses(void)
{
    Shelf shelf;

    shelf_init(&shelf);
    (void)three_segments(&shelf);
    shelf_pull_the_plug(&shelf);
    g_autofree char *path = segment_path(shelf.dir, 2);
    g_autofree char *away = g_strconcat(path, ".away", NULL);
    g_assert_cmpint(g_rename(path, away), ==, 0);
    expect_damage(&shelf, "journal-00000002: damaged at offset 0: the file is missing");
    g_assert_cmpint(g_rename(away, path), ==, 0);
    g_assert_true(shelf_open(&shelf, NULL));
    shelf_clear(&shelf);
}

static void a_crash_while_a_segment_is_made_is_no_damage(void)
{
    Shelf shelf;

    shelf_init(&shelf);
    shelf_wait_durable(&shelf, shelf_put(&shelf, "acme", "a", "x"));
    shelf_pull_the_plug(&shelf);
    g_autofree char *path = segment_path(shelf.dir, 2);
    g_autofree char *staged = g_strconcat(path, ".new", NULL);
    (void)g_unlink(path);
    g_assert_true(g_file_set_contents(staged, "antj", 4, NULL));
    g_assert_true(shelf_open(&shelf, NULL));
    expect(&shelf, "a", "x");
    shelf_clear(&shelf);
}

/* One group that was torn after its first frames, then another that was torn at its start. */
static void a_group_torn_twice_is_no_damage(void)
{
    Shelf shelf;

    shelf_init(&shelf);
    for (guint round = 0; round < 4; round++) {
        guint64 point = 0;
        for (guint i = 0; i < 400; i++) {
            g_autofree char *id = g_strdup_printf("%u", i);
            point = shelf_put(&shelf, "acme", id, "x");
        }
        shelf_wait_durable(&shelf, point);
        shelf_pull_the_plug(&shelf);
        gsize end = end_of_frames(&shelf, 1);
        change_byte(&shelf, 1, end + 70);
        g_assert_true(shelf_open(&shelf, NULL));
        g_assert_cmpuint(store_durable_point(shelf.store), ==, point - 1);
        expect(&shelf, "398", "x");
    }
    shelf_clear(&shelf);
}

static void a_stop_with_much_that_waits_writes_all_of_it(void)
{
    g_autofree char *large = g_strnfill(LARGE_BYTES, 'x');
    Shelf shelf;

    shelf_init(&shelf);
    for (guint i = 0; i < 250; i++) { /* four segments, as fast as it goes */
        g_autofree char *id = g_strdup_printf("%u", i % 10);
        (void)shelf_put(&shelf, "acme", id, large);
    }
    shelf_close(&shelf);
    g_assert_true(shelf_open(&shelf, NULL));
    g_assert_cmpuint(store_durable_point(shelf.store), ==, 250);
    shelf_pull_the_plug(&shelf);
    g_assert_true(shelf_open(&shelf, NULL));
    expect(&shelf, "3", large);
    shelf_clear(&shelf);
}

/* Changes the journal's first segment from @offset on. */
static void spoil(const Shelf *shelf, gsize offset, gsize size, gboolean zero)
{
    g_autofree char *path = segment_path(shelf->dir, 1);
    FILE *file = g_fopen(path, "r+e");

    g_assert_nonnull(file);
    for (gsize i = 0; i < size; i++) {
        g_assert_cmpint(fseek(file, (long)(offset + i), SEEK_SET), ==, 0);
        int old = fgetc(file);
        g_assert_cmpint(fseek(file, (long)(offset + i), SEEK_SET), ==, 0);
        g_assert_cmpint(fputc(zero ? 0 : old ^ 1, file), !=, EOF);
    }
    g_assert_cmpint(fclose(file), ==, 0);
}

/* Three commits, each in a group of its own; returns where the second and the third begin, and the
 * end. */
static void three_groups(Shelf *shelf, gsize ret_offsets[3])
{
    g_auto(Address) address = {0};
    address_init(&address, "acme", 7, "a", 1);
    gsize plain = sizeof(gint64) + 16 + 4 + value_size(&address, 1); /* time; key, size, value */
    static const char *const ids[] = {"a", "b", "c"};

    for (guint i = 0; i < 3; i++) {
        shelf_wait_durable(shelf, shelf_put(shelf, "acme", ids[i], "x"));
        ret_offsets[i] = SEGMENT_HEAD_BYTES + (i + 1) * frame_size(plain);
    }
}

static void a_torn_tail_is_the_end(void)
{
    Shelf shelf;
    gsize offsets[3];

    for (guint cut = 1; cut < 180; cut += 13) {
        shelf_init(&shelf);
        three_groups(&shelf, offsets);
        shelf_pull_the_plug(&shelf);
        spoil(&shelf, offsets[2] - cut, cut, TRUE);
        g_assert_true(shelf_open(&shelf, NULL));
        expect(&shelf, "a", "x");
        expect(&shelf, "b", cut <= offsets[2] - offsets[1] ? "x" : NULL);
        expect(&shelf, "c", NULL);
        (void)shelf_put(&shelf, "acme", "d", "y");
        shelf_close(&shelf);
        g_assert_true(shelf_open(&shelf, NULL));
        expect(&shelf, "d", "y");
        shelf_clear(&shelf);
    }
}

static void a_flipped_bit_before_valid_groups_refuses_and_names_the_offset(void)
{
    Shelf shelf;
    gsize offsets[3];

    shelf_init(&shelf);
    three_groups(&shelf, offsets);
    shelf_pull_the_plug(&shelf);
    for (gsize at = offsets[0]; at < offsets[1]; at += 11) {
        g_autoptr(GError) error = NULL;
        g_autofree char *where =
            g_strdup_printf("journal-00000001: damaged at offset %" G_GSIZE_FORMAT, offsets[0]);
        spoil(&shelf, at, 1, FALSE);
        g_assert_false(shelf_open(&shelf, &error));
        g_assert_nonnull(strstr(error->message, where));
        spoil(&shelf, at, 1, FALSE);
    }
    g_assert_true(shelf_open(&shelf, NULL));
    expect(&shelf, "c", "x");
    shelf_clear(&shelf);
}

/* The table of a clean stop before the last one, brought back in another way each time. */
static void a_table_that_is_not_the_one_of_the_clean_stop_is_made_anew(void)
{
    for (guint round = 0; round < 2; round++) {
        g_autofree char *old = NULL;
        gsize size = 0;
        Shelf shelf;
        shelf_init(&shelf);
        g_autofree char *path = g_build_filename(shelf.dir, "table", NULL);
        (void)shelf_put(&shelf, "acme", "a", "x");
        shelf_close(&shelf);
        g_assert_true(g_file_get_contents(path, &old, &size, NULL));
        g_assert_true(shelf_open(&shelf, NULL));
        (void)shelf_put(&shelf, "acme", "b", "y");
        shelf_close(&shelf);
        if (round == 0) { /* another file of that name */
            g_assert_true(g_file_set_contents(path, old, (gssize)size, NULL));
        } else { /* the same file, longer */
            int fd = open(path, O_WRONLY | O_CLOEXEC);
            g_assert_cmpint(pwrite(fd, old, size, 0), ==, (gssize)size);
            g_assert_cmpint(ftruncate(fd, (off_t)size + 4096), ==, 0);
            g_assert_cmpint(close(fd), ==, 0);
        }
        g_assert_true(shelf_open(&shelf, NULL));
        expect(&shelf, "a", "x");
        expect(&shelf, "b", "y");
        shelf_clear(&shelf);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define PROMISE(name) g_test_add_func("/store/recover/" #name, name)
    PROMISE(damage_in_any_segment_refuses_and_changes_nothing);
    PROMISE(a_segment_that_is_missing_before_another_refuses);
    PROMISE(a_crash_while_a_segment_is_made_is_no_damage);
    PROMISE(a_group_torn_twice_is_no_damage);
    PROMISE(a_table_that_is_not_the_one_of_the_clean_stop_is_made_anew);
    PROMISE(a_torn_tail_is_the_end);
    PROMISE(a_flipped_bit_before_valid_groups_refuses_and_names_the_offset);
    PROMISE(a_stop_with_much_that_waits_writes_all_of_it);
    return g_test_run();
}
