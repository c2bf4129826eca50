/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "store/room.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <sys/stat.h>
#include <unistd.h>

static gboolean full;
static off_t room_left; /* that even a full disk gives */
static guint claims;

static int claim_or_not(int fd, off_t offset, off_t size)
{
    (void)fd, (void)offset;
    claims++;
    errno = ENOSPC;
    return full && size > room_left ? -1 : 0;
}

typedef struct Desk {
    StoreFiles files;
    Room room;
    char *path;
} Desk;

static void set_up(Desk *desk, G_GNUC_UNUSED gconstpointer data)
{
    desk->files = *store_files_system();
    desk->files.claim = claim_or_not;
    full = FALSE;
    room_left = 0;
    claims = 0;
    room_init(&desk->room, &desk->files);
    desk->room.fd = g_file_open_tmp("antara-room-XXXXXX", &desk->path, NULL);
    g_assert_cmpint(desk->room.fd, >=, 0);
}

static void tear_down(Desk *desk, G_GNUC_UNUSED gconstpointer data)
{
    g_assert_cmpint(close(desk->room.fd), ==, 0);
    g_assert_cmpint(g_unlink(desk->path), ==, 0);
    g_free(desk->path);
    room_clear(&desk->room);
}

/* The table has grown, and with what waits will end @spare bytes below what was claimed. */
static void grow(Desk *desk, goffset spare)
{
    Room *room = &desk->room;
    goffset size = room->claimed - ROOM_WAITING_BYTES - room->last - spare;

    g_assert_cmpint(ftruncate(room->fd, size), ==, 0);
    room->end = room->claimed - spare; /* of many grants */
}

/* A granted write makes the table as much longer as it may. */
static void grow_by(const Desk *desk, goffset growth)
{
    struct stat status;

    g_assert_cmpint(fstat(desk->room.fd, &status), ==, 0);
    g_assert_cmpint(ftruncate(desk->room.fd, status.st_size + growth), ==, 0);
}

static void one_claim_serves_many_writes(Desk *desk, G_GNUC_UNUSED gconstpointer data)
{
    for (guint i = 0; i < 100; i++) {
        g_assert_true(room_claim(&desk->room, 4, 4000, FALSE));
    }
    g_assert_cmpuint(claims, ==, 1);
    grow(desk, ROOM_RESERVE_BYTES);
    g_assert_true(room_claim(&desk->room, 4, 4000, FALSE));
    g_assert_cmpuint(claims, ==, 2);
}

static void
on_a_full_disk_the_reserve_is_for_revocations(Desk *desk, G_GNUC_UNUSED gconstpointer data)
{
    g_assert_true(room_claim(&desk->room, 1, 100, FALSE));
    full = TRUE;
    g_assert_true(room_claim(&desk->room, 1, 100, FALSE)); /* claimed before */
    grow(desk, ROOM_RESERVE_BYTES);
    g_assert_false(room_claim(&desk->room, 1, 100, FALSE));
    g_assert_true(room_is_short(&desk->room));
    g_assert_true(room_claim(&desk->room, 1, 100, TRUE));
    grow(desk, ROOM_WRITE_BYTES);
    g_assert_false(room_claim(&desk->room, 1, 100, TRUE));
}

static void what_was_granted_is_not_granted_twice(Desk *desk, G_GNUC_UNUSED gconstpointer data)
{
    const goffset growth = ROOM_GROWTH(100, 0);
    guint granted = 0;

    g_assert_true(room_claim(&desk->room, 100, 0, FALSE));
    full = TRUE;
    while (room_claim(&desk->room, 100, 0, FALSE)) {
        granted++;
        grow_by(desk, growth);
    }
    g_assert_cmpuint(granted, >, 0);
    g_assert_cmpint(desk->room.size + ROOM_WAITING_BYTES + growth, <=, desk->room.claimed);
}

static void after_a_start_on_a_full_disk_revocations_take_what_is_left(
    Desk *desk,
    G_GNUC_UNUSED gconstpointer data)
{
    full = TRUE;
    room_left = ROOM_WAITING_BYTES + ROOM_GROWTH(1, 100);
    g_assert_false(room_claim(&desk->room, 1, 100, FALSE));
    g_assert_true(room_claim(&desk->room, 1, 100, TRUE));
    g_assert_true(room_is_short(&desk->room));
    g_assert_false(room_claim(&desk->room, 1, 100, FALSE));
}

static void large_values_need_more_of_it(Desk *desk, G_GNUC_UNUSED gconstpointer data)
{
    g_assert_true(room_claim(&desk->room, 1, 100, FALSE));
    full = TRUE;
    g_assert_false(room_claim(&desk->room, 1, ROOM_STEP_BYTES, FALSE));
    g_assert_false(room_claim(&desk->room, 100000, 0, FALSE));
}

static void it_comes_back_by_itself(Desk *desk, G_GNUC_UNUSED gconstpointer data)
{
    full = TRUE;
    g_assert_false(room_claim(&desk->room, 1, 100, FALSE));
    g_assert_true(room_is_short(&desk->room));
    full = FALSE;
    g_assert_true(room_claim(&desk->room, 1, 100, FALSE));
    g_assert_false(room_is_short(&desk->room));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define TEST(promise) g_test_add("/store/room/" #promise, Desk, NULL, set_up, promise, tear_down)
    TEST(one_claim_serves_many_writes);
    TEST(on_a_full_disk_the_reserve_is_for_revocations);
    TEST(what_was_granted_is_not_granted_twice);
    TEST(after_a_start_on_a_full_disk_revocations_take_what_is_left);
    TEST(large_values_need_more_of_it);
    TEST(it_comes_back_by_itself);
    return g_test_run();
}
