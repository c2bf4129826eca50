/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "store/segment.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>

static const guint8 store_id[16] = {1};
static const guint8 other_store[16] = {2};

typedef struct Desk {
    char *dir;
    SegmentSet set;
} Desk;

static void set_up(Desk *desk, G_GNUC_UNUSED gconstpointer data)
{
    desk->dir = g_dir_make_tmp("antara-segment-XXXXXX", NULL);
    desk->set = (SegmentSet){
        .files = store_files_system(),
        .dir = desk->dir,
        .store_id = store_id,
        .bytes = SEGMENT_BYTES,
    };
    frame_keys_derive((const guint8[32]){3}, &desk->set.keys);
}

static guint files_in(const Desk *desk)
{
    g_autoptr(GDir) dir = g_dir_open(desk->dir, 0, NULL);
    guint count = 0;

    while (g_dir_read_name(dir)) {
        count++;
    }
    return count;
}

static void tear_down(Desk *desk, G_GNUC_UNUSED gconstpointer data)
{
    g_autoptr(GDir) dir = g_dir_open(desk->dir, 0, NULL);

    for (const char *name; (name = g_dir_read_name(dir));) {
        g_autofree char *path = g_build_filename(desk->dir, name, NULL);
        g_assert_cmpint(g_unlink(path), ==, 0);
    }
    g_assert_cmpint(g_rmdir(desk->dir), ==, 0);
    g_free(desk->dir);
}

static void make(const Desk *desk, guint64 number)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(Segment) segment = segment_make(&desk->set, number, &error);

    g_assert_no_error(error);
    g_assert_true(segment_publish(segment, &error));
}

static void one_that_was_published_opens_and_is_zero_behind_its_head(
    Desk *desk,
    G_GNUC_UNUSED gconstpointer data)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GBytes) bytes = NULL;

    make(desk, 7);
    g_autoptr(Segment) segment = segment_open(&desk->set, 7, SEGMENT_HEAD_BYTES, &error);
    g_assert_no_error(error);
    g_assert_cmpuint(segment->end, ==, SEGMENT_HEAD_BYTES);
    g_assert_true(segment_load(&desk->set, 7, &bytes, &error));
    const guint8 *data_bytes = g_bytes_get_data(bytes, NULL);
    g_assert_cmpuint(g_bytes_get_size(bytes), ==, SEGMENT_BYTES);
    for (gsize i = SEGMENT_HEAD_BYTES; i < SEGMENT_BYTES; i++) {
        g_assert_cmpuint(data_bytes[i], ==, 0);
    }
}

static void
its_head_is_good_for_this_store_key_and_number_alone(Desk *desk, G_GNUC_UNUSED gconstpointer data)
{
    g_autoptr(GBytes) bytes = NULL;
    g_autoptr(GError) error = NULL;
    guint8 salt[FRAME_SALT_BYTES];

    make(desk, 7);
    SegmentSet other = desk->set;
    other.store_id = other_store;
    g_assert_null(segment_open(&other, 7, SEGMENT_HEAD_BYTES, NULL));
    other = desk->set;
    mac_key_init(&other.keys.tag, (const guint8[32]){4});
    g_assert_null(segment_open(&other, 7, SEGMENT_HEAD_BYTES, &error));
    g_assert_nonnull(strstr(error->message, "journal-00000007: the head at offset 0"));
    g_assert_true(segment_load(&desk->set, 7, &bytes, NULL));
    const guint8 *head = g_bytes_get_data(bytes, NULL);
    g_assert_true(segment_head_read(&desk->set, 7, head, SEGMENT_HEAD_BYTES, salt));
    g_assert_false(segment_head_read(&desk->set, 8, head, SEGMENT_HEAD_BYTES, salt));
    g_assert_false(segment_head_read(&desk->set, 7, head, SEGMENT_HEAD_BYTES - 1, salt));
}

static void no_bit_of_its_head_can_change(Desk *desk, G_GNUC_UNUSED gconstpointer data)
{
    g_autoptr(GBytes) bytes = NULL;
    guint8 salt[FRAME_SALT_BYTES];
    guint8 head[SEGMENT_HEAD_BYTES];

    make(desk, 7);
    g_assert_true(segment_load(&desk->set, 7, &bytes, NULL));
    memcpy(head, g_bytes_get_data(bytes, NULL), sizeof(head));
    for (gsize bit = 0; bit < sizeof(head) * 8; bit++) {
        head[bit / 8] ^= (guint8)(1U << bit % 8);
        g_assert_false(segment_head_read(&desk->set, 7, head, sizeof(head), salt));
        head[bit / 8] ^= (guint8)(1U << bit % 8);
    }
    g_assert_true(segment_head_read(&desk->set, 7, head, sizeof(head), salt));
}

static void one_without_its_name_is_not_seen(Desk *desk, G_GNUC_UNUSED gconstpointer data)
{
    g_autoptr(GBytes) bytes = NULL;
    guint64 last = 1;
    g_autoptr(Segment) segment = segment_make(&desk->set, 7, NULL);

    g_assert_nonnull(segment);
    g_assert_true(segment_last(desk->dir, &last, NULL));
    g_assert_cmpuint(last, ==, 0);
    g_assert_true(segment_load(&desk->set, 7, &bytes, NULL));
    g_assert_null(bytes);
}

static void the_last_is_the_highest_number(Desk *desk, G_GNUC_UNUSED gconstpointer data)
{
    guint64 last = 0;

    make(desk, 2);
    make(desk, 10);
    make(desk, 9);
    g_assert_true(segment_last(desk->dir, &last, NULL));
    g_assert_cmpuint(last, ==, 10);
}

static guint writes_left;

static ssize_t pwrite_or_not(int fd, const void *data, size_t size, off_t offset)
{
    if (writes_left == 0) {
        errno = ENOSPC;
        return -1;
    }
    writes_left--;
    return store_files_system()->pwrite(fd, data, size, offset);
}

static void a_full_disk_leaves_nothing_behind(Desk *desk, G_GNUC_UNUSED gconstpointer data)
{
    StoreFiles files = *store_files_system();
    const guint writes[] = {0, 1, 15, 16}; /* 16 chunks and the head */

    files.pwrite = pwrite_or_not;
    desk->set.files = &files;
    for (gsize i = 0; i < G_N_ELEMENTS(writes); i++) {
        g_autoptr(GError) error = NULL;
        writes_left = writes[i];
        g_assert_null(segment_make(&desk->set, 7, &error));
        g_assert_nonnull(error);
        g_assert_cmpuint(files_in(desk), ==, 0);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define TEST(promise) g_test_add("/store/segment/" #promise, Desk, NULL, set_up, promise, tear_down)
    TEST(one_that_was_published_opens_and_is_zero_behind_its_head);
    TEST(its_head_is_good_for_this_store_key_and_number_alone);
    TEST(no_bit_of_its_head_can_change);
    TEST(one_without_its_name_is_not_seen);
    TEST(the_last_is_the_highest_number);
    TEST(a_full_disk_leaves_nothing_behind);
    return g_test_run();
}
