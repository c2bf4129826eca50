/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * test-crash.c - power cuts by the thousand: whatever of the unsynced writes is dropped, torn or
 * reordered, what was answered is there, nothing else is, and no honest power cut is refused
 *
 * 10,000 states; 100,000 where ANTARA_TEST_LONG is set. GLib's --seed repeats a run's choices.
 */

#include "crash-disk.h"
#include "shelf.h"

#include <glib/gstdio.h>
#include <string.h>

#define SEGMENT_SMALL ((gsize)8 * 1024)
#define LIVES         20U
#define STATES        10000U
#define STATES_LONG   100000U
#define IDS           12U
#define BURSTS        14U
#define COMMITS_MAX   100000U

/* Each commit of all lives, by its sequence: which id, and which value. */
typedef struct History {
    guint8 id[COMMITS_MAX];
    guint32 version[COMMITS_MAX]; /* 0: deleted */
    guint32 made;                 /* versions so far */
} History;

static void value_of(guint32 version, char value[600])
{
    gsize size = 20 + version * 37 % 500;

    memset(value, 'a' + (int)(version % 26), size);
    (void)g_snprintf(value, 16, "%08u", version);
    value[8] = '-';
    value[size] = '\0';
}

static guint64 commit(Shelf *shelf, History *history)
{
    char value[600];
    char id[8];
    guint number = (guint)g_test_rand_int_range(0, IDS);
    guint32 version = g_test_rand_int_range(0, 6) == 0 ? 0 : ++history->made;

    (void)g_snprintf(id, sizeof(id), "%u", number);
    value_of(version, value);
    guint64 sequence = shelf_put(shelf, "acme", id, version ? value : NULL);
    g_assert_cmpuint(sequence, <, COMMITS_MAX);
    history->id[sequence] = (guint8)number;
    history->version[sequence] = version;
    return sequence;
}

/* One life, all of it noted: bursts of commits, checkpoints, at times a clean stop. */
static void live(Shelf *shelf, CrashDisk *disk, History *history)
{
    for (guint burst = 0; burst < BURSTS; burst++) {
        guint64 point = 0;
        for (gint32 left = g_test_rand_int_range(1, 8); left > 0; left--) {
            point = commit(shelf, history);
        }
        shelf_wait_durable(shelf, point);
        crash_disk_answer(disk, point);
        if (g_test_rand_int_range(0, 6) == 0) {
            shelf_checkpoint(shelf);
        }
        if (g_test_rand_int_range(0, 12) == 0) {
            shelf_close(shelf);
            g_assert_true(shelf_open(shelf, NULL));
        }
    }
    shelf_close(shelf);
}

/* All records are as they were at one moment, and that is not before what was answered. */
static guint64 verify(Shelf *shelf, const History *history, guint64 answered)
{
    guint64 sequence = store_durable_point(shelf->store);
    guint32 expected[IDS] = {0};
    char value[600];
    char id[8];

    g_assert_cmpuint(sequence, >=, answered);
    for (guint64 i = 1; i <= sequence; i++) {
        expected[history->id[i]] = history->version[i];
    }
    for (guint number = 0; number < IDS; number++) {
        (void)g_snprintf(id, sizeof(id), "%u", number);
        value_of(expected[number], value);
        g_autofree char *found = shelf_get(shelf, "acme", id);
        g_assert_cmpstr(found, ==, expected[number] ? value : NULL);
    }
    return sequence;
}

static void empty_dir(const char *path)
{
    g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);

    for (const char *name; (name = g_dir_read_name(dir));) {
        g_autofree char *file = g_build_filename(path, name, NULL);
        g_assert_cmpint(g_unlink(file), ==, 0);
    }
}

/* One power cut, and the start after it. */
static guint64
cut(const Shelf *shelf, CrashDisk *disk, const History *history, GRand *random, const char *dir)
{
    g_autoptr(GError) error = NULL;
    Shelf wreck = *shelf;
    guint at = (guint)g_rand_int_range(random, 0, (gint32)crash_disk_length(disk) + 1);

    empty_dir(dir);
    wreck.dir = (char *)dir;
    wreck.files = NULL;
    guint64 answered = crash_disk_leave(disk, at, random, dir);
    (void)shelf_open(&wreck, &error);
    g_assert_no_error(error);
    guint64 sequence = verify(&wreck, history, answered);
    shelf_close(&wreck);
    return sequence;
}

/* The next life begins with a power cut of the last one, whose start is noted as well. */
static void begin_with_a_wreck(Shelf *shelf, CrashDisk *disk, GRand *random)
{
    guint at = (guint)g_rand_int_range(random, 0, (gint32)crash_disk_length(disk) + 1);

    empty_dir(shelf->dir);
    (void)crash_disk_leave(disk, at, random, shelf->dir);
}

static void no_power_cut_loses_an_answer_or_is_refused(void)
{
    guint states = g_getenv("ANTARA_TEST_LONG") ? STATES_LONG : STATES;
    g_autofree History *history = g_new0(History, 1);
    g_autofree char *dir = shelf_make_dir();
    GRand *random = g_rand_new_with_seed((guint32)g_test_rand_int());
    Shelf shelf;

    shelf_prepare(&shelf);
    shelf.segment_bytes = SEGMENT_SMALL;
    shelf.files = crash_disk_files();
    for (guint life = 0; life < LIVES; life++) {
        CrashDisk *disk = crash_disk_new(shelf.dir);
        g_assert_true(shelf_open(&shelf, NULL));
        live(&shelf, disk, history);
        for (guint state = 0; state < states / LIVES; state++) {
            (void)cut(&shelf, disk, history, random, dir);
        }
        begin_with_a_wreck(&shelf, disk, random);
        crash_disk_free(disk);
    }
    shelf.files = NULL;
    empty_dir(dir);
    g_assert_cmpint(g_rmdir(dir), ==, 0);
    g_rand_free(random);
    shelf_clear(&shelf);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func(
        "/store/crash/no_power_cut_loses_an_answer_or_is_refused",
        no_power_cut_loses_an_answer_or_is_refused);
    return g_test_run();
}
