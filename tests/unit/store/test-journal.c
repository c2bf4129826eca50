/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "store/journal.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#define COMMITS 200U

static const guint8 store_id[16] = {1};

/* What the journal's threads see and say. */
static gint syncs;      /* atomic */
static gint sync_fails; /* atomic */
static gint sync_held;  /* atomic */

static int sync_or_not(int fd)
{
    (void)__atomic_add_fetch(&syncs, 1, __ATOMIC_ACQ_REL);
    while (__atomic_load_n(&sync_held, __ATOMIC_ACQUIRE)) {
        g_thread_yield();
    }
    if (__atomic_load_n(&sync_fails, __ATOMIC_ACQUIRE)) {
        errno = EIO;
        return -1;
    }
    return fdatasync(fd);
}

typedef struct Desk {
    char *dir;
    StoreFiles files;
    SegmentSet set;
    JournalOptions options;
    Journal *journal;
    gint closed;   /* atomic: segments that were left */
    guint64 told;  /* the last durable sequence; the journal's thread */
    gint failures; /* atomic */
} Desk;

static void durable(guint64 sequence, gpointer data)
{
    Desk *desk = data;

    g_assert_cmpuint(sequence, >, desk->told);
    desk->told = sequence;
}

static void failed(const GError *error, gpointer data)
{
    g_assert_nonnull(strstr(error->message, "journal-00000001"));
    (void)__atomic_add_fetch(&((Desk *)data)->failures, 1, __ATOMIC_ACQ_REL);
}

static void closed(gpointer data)
{
    (void)__atomic_add_fetch(&((Desk *)data)->closed, 1, __ATOMIC_ACQ_REL);
}

static gboolean
nothing_is_lacking(G_GNUC_UNUSED gboolean journal_is_short, G_GNUC_UNUSED gpointer data)
{
    return FALSE;
}

static void start(Desk *desk)
{
    g_autoptr(GError) error = NULL;

    desk->journal = journal_start(&desk->options, &error);
    g_assert_no_error(error);
}

static void set_up(Desk *desk, G_GNUC_UNUSED gconstpointer data)
{
    desk->dir = g_dir_make_tmp("antara-journal-XXXXXX", NULL);
    desk->files = *store_files_system();
    desk->files.fdatasync = sync_or_not;
    __atomic_store_n(&syncs, 0, __ATOMIC_RELEASE);
    __atomic_store_n(&sync_fails, 0, __ATOMIC_RELEASE);
    __atomic_store_n(&sync_held, 0, __ATOMIC_RELEASE);
    desk->set = (SegmentSet){
        .files = &desk->files,
        .dir = desk->dir,
        .store_id = store_id,
        .bytes = SEGMENT_BYTES,
    };
    frame_keys_derive((const guint8[32]){3}, &desk->set.keys);
    desk->options = (JournalOptions){
        .set = &desk->set,
        .place = {.segment = 1, .end = SEGMENT_HEAD_BYTES},
        .durable = durable,
        .failed = failed,
        .claim = nothing_is_lacking,
        .closed = closed,
        .data = desk,
    };
    g_autoptr(Segment) first = segment_make(&desk->set, 1, NULL);
    g_assert_true(segment_publish(first, NULL));
    start(desk);
}

static void tear_down(Desk *desk, G_GNUC_UNUSED gconstpointer data)
{
    g_autoptr(GDir) dir = g_dir_open(desk->dir, 0, NULL);

    g_assert_null(desk->journal);
    for (const char *name; (name = g_dir_read_name(dir));) {
        g_autofree char *path = g_build_filename(desk->dir, name, NULL);
        g_assert_cmpint(g_unlink(path), ==, 0);
    }
    g_assert_cmpint(g_rmdir(desk->dir), ==, 0);
    g_free(desk->dir);
}

static guint64 commit(const Desk *desk, gint64 time_usec)
{
    return journal_commit(desk->journal, g_bytes_new_static("payload", 7), time_usec);
}

static void
all_that_was_handed_in_is_durable_after_a_stop(Desk *desk, G_GNUC_UNUSED gconstpointer data)
{
    JournalPlace place;

    for (guint i = 1; i <= COMMITS; i++) {
        g_assert_cmpuint(journal_next(desk->journal), ==, i);
        g_assert_cmpuint(commit(desk, i), ==, i);
    }
    g_assert_true(journal_stop(g_steal_pointer(&desk->journal), &place));
    g_assert_cmpuint(place.sequence, ==, COMMITS);
    g_assert_cmpuint(desk->told, ==, COMMITS);
    g_assert_cmpint(place.time_usec, ==, COMMITS);
    g_assert_cmpuint(place.end, ==, SEGMENT_HEAD_BYTES + COMMITS * frame_size(7));
}

static void
what_comes_during_a_sync_shares_the_next_one(Desk *desk, G_GNUC_UNUSED gconstpointer data)
{
    JournalPlace place;

    __atomic_store_n(&sync_held, 1, __ATOMIC_RELEASE);
    (void)commit(desk, 1);
    journal_push(desk->journal);
    while (__atomic_load_n(&syncs, __ATOMIC_ACQUIRE) == 0) {
        g_thread_yield();
    }
    for (guint i = 2; i <= COMMITS; i++) {
        (void)commit(desk, i);
    }
    g_assert_cmpuint(journal_durable(desk->journal), ==, 0);
    __atomic_store_n(&sync_held, 0, __ATOMIC_RELEASE);
    g_assert_true(journal_stop(g_steal_pointer(&desk->journal), &place));
    g_assert_cmpuint(place.sequence, ==, COMMITS);
    g_assert_cmpuint(place.group, ==, 2);
    g_assert_cmpint(__atomic_load_n(&syncs, __ATOMIC_ACQUIRE), ==, 2);
}

static void it_goes_on_where_it_stopped(Desk *desk, G_GNUC_UNUSED gconstpointer data)
{
    (void)commit(desk, 1);
    g_assert_true(journal_stop(g_steal_pointer(&desk->journal), &desk->options.place));
    start(desk);
    g_assert_cmpuint(journal_durable(desk->journal), ==, 1);
    g_assert_cmpuint(commit(desk, 2), ==, 2);
    g_assert_true(journal_stop(g_steal_pointer(&desk->journal), &desk->options.place));
    g_assert_cmpuint(desk->options.place.end, ==, SEGMENT_HEAD_BYTES + 2 * frame_size(7));
}

static void
a_failed_sync_is_told_once_and_never_tried_again(Desk *desk, G_GNUC_UNUSED gconstpointer data)
{
    JournalPlace place;

    __atomic_store_n(&sync_fails, 1, __ATOMIC_RELEASE);
    (void)commit(desk, 1);
    journal_push(desk->journal);
    while (!__atomic_load_n(&desk->failures, __ATOMIC_ACQUIRE)) {
        g_thread_yield(); /* meson's time limit ends a test that waits for ever */
    }
    __atomic_store_n(&sync_fails, 0, __ATOMIC_RELEASE);
    (void)commit(desk, 2);
    g_assert_cmpuint(journal_durable(desk->journal), ==, 0);
    g_assert_false(journal_stop(g_steal_pointer(&desk->journal), &place));
    g_assert_cmpint(__atomic_load_n(&syncs, __ATOMIC_ACQUIRE), ==, 1);
    g_assert_cmpint(desk->failures, ==, 1);
    g_assert_cmpuint(desk->told, ==, 0);
}

static void a_stop_after_a_failed_sync_is_no_clean_one(Desk *desk, G_GNUC_UNUSED gconstpointer data)
{
    JournalPlace place;

    __atomic_store_n(&sync_fails, 1, __ATOMIC_RELEASE);
    (void)commit(desk, 1);
    g_assert_false(journal_stop(g_steal_pointer(&desk->journal), &place));
    g_assert_cmpuint(place.end, ==, SEGMENT_HEAD_BYTES);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define TEST(promise) g_test_add("/store/journal/" #promise, Desk, NULL, set_up, promise, tear_down)
    TEST(all_that_was_handed_in_is_durable_after_a_stop);
    TEST(what_comes_during_a_sync_shares_the_next_one);
    TEST(it_goes_on_where_it_stopped);
    TEST(a_failed_sync_is_told_once_and_never_tried_again);
    TEST(a_stop_after_a_failed_sync_is_no_clean_one);
    return g_test_run();
}
