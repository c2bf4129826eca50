/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "store/journal.h"

#include "base/error.h"
#include "base/lock.h"
#include "store/group.h"

#define RESERVE_BYTES                                                                              \
    ((gsize)4 * 1024 * 1024) /* of the last segment, kept for revocations on a full disk */
#define RETRY_SECONDS 1

struct Journal {
    JournalOptions options;
    char *dir;
    guint64 durable; /* atomic */
    Lock lock;
    pthread_cond_t work;    /* for the writer: commits, the next segment, stop */
    pthread_cond_t room;    /* for the upkeep thread: the next segment is wanted, stop */
    pthread_cond_t drained; /* for committers: less is waiting */
    GQueue pending;         /* of Pending */
    gsize waiting_bytes;    /* of frames that are pending or being written */
    Segment *next;          /* made ahead, or NULL */
    gboolean stopping;
    gboolean broken;  /* nothing more is written */
    gboolean written; /* the journal's thread has ended */
    int is_short;     /* atomic: the next segment could not be claimed */
    guint64 sequence; /* of the last commit handed in */
    gint64 time_usec;
    guint64 segment_number; /* of the current segment */
    gsize used;             /* of the current segment */
    /* of the journal's thread alone */
    JournalPlace place;
    Segment *segment;
    pthread_t writer;
    pthread_t upkeep;
};

static void fail(Journal *journal, const GError *error)
{
    {
        LOCKED(&journal->lock);
        journal->broken = TRUE;
        (void)pthread_cond_signal(&journal->work);
        (void)pthread_cond_signal(&journal->room);
        (void)pthread_cond_broadcast(&journal->drained);
    }
    journal->options.failed(error, journal->options.data);
}

/* The segment is full: goes on in the next one, which the upkeep thread has made, or is making. */
static gboolean segment_switch(Journal *journal)
{
    LOCKED(&journal->lock);

    while (!journal->next && !journal->broken) {
        (void)pthread_cond_signal(&journal->room);
        (void)pthread_cond_wait(&journal->work, &journal->lock);
    }
    if (!journal->next || journal->broken) {
        return FALSE;
    }
    segment_free(journal->segment);
    journal->segment = g_steal_pointer(&journal->next);
    journal->place.segment = journal->segment->number;
    journal->place.end = journal->segment->end;
    journal->used = journal->segment->end;
    journal->segment_number = journal->segment->number;
    (void)pthread_cond_signal(&journal->room);
    (void)pthread_cond_broadcast(&journal->drained);
    return TRUE;
}

static gboolean group_write(Journal *journal, const GPtrArray *group, GError **error)
{
    Segment *segment = journal->segment;
    const StoreFiles *files = journal->options.files;
    g_autoptr(GByteArray) out =
        group_frames(group, &journal->options.keys, journal->segment->salt, &journal->place);

    if (!files_write(
            files, segment->fd, segment->path, out->data, out->len, (off_t)segment->end, error) ||
        (files->fdatasync(segment->fd) < 0 &&
         !files_failed("can't be synced", segment->path, error))) {
        return FALSE;
    }
    segment->end += out->len;
    journal->place.end = segment->end;
    {
        LOCKED(&journal->lock);
        journal->waiting_bytes -= out->len;
        journal->used = segment->end;
        (void)pthread_cond_broadcast(&journal->drained);
    }
    __atomic_store_n(&journal->durable, journal->place.sequence, __ATOMIC_RELEASE);
    journal->options.durable(journal->place.sequence, journal->options.data);
    return TRUE;
}

/* Waits for work; NULL when the journal stops and nothing is left, or has failed. */
static GPtrArray *work_wait(Journal *journal)
{
    LOCKED(&journal->lock);

    while (!journal->pending.length && !journal->stopping && !journal->broken) {
        (void)pthread_cond_wait(&journal->work, &journal->lock);
    }
    return journal->pending.length > 0 && !journal->broken
               ? group_take(&journal->pending, journal->segment->end)
               : NULL;
}

/* An empty group: the first commit that waits doesn't fit in this segment any more. */
static gboolean write_or_switch(Journal *journal, const GPtrArray *group)
{
    g_autoptr(GError) error = NULL;

    if (group->len == 0) {
        return segment_switch(journal);
    }
    if (!group_write(journal, group, &error)) {
        fail(journal, error);
        return FALSE;
    }
    return TRUE;
}

static void *write_groups(void *data)
{
    Journal *journal = data;

    for (GPtrArray *group; (group = work_wait(journal));) {
        gboolean good = write_or_switch(journal, group);
        g_ptr_array_unref(group);
        if (!good) {
            break;
        }
    }
    LOCKED(&journal->lock);
    journal->written = TRUE;
    (void)pthread_cond_signal(&journal->room);
    return NULL;
}

/* Makes the next segment while the lock is free; a full disk is tried again, not told: the store is
 * read-only then. */
static void next_make(Journal *journal)
{
    guint64 number = journal->segment_number + 1;
    g_autoptr(GError) error = NULL;

    g_assert(pthread_mutex_unlock(&journal->lock) == 0);
    Segment *made = segment_make(
        journal->options.files, journal->dir, number, &journal->options.keys,
        journal->options.store_id, &error);
    if (made && !segment_publish(made, journal->dir, &error)) {
        g_clear_pointer(&made, segment_free);
    }
    if (error && !g_error_matches(error, ANTARA_ERROR, ANTARA_ERROR_NO_ROOM)) {
        fail(journal, error);
    }
    (void)lock_enter(&journal->lock);
    journal->next = made;
    journal->broken = journal->broken || (!made && journal->stopping);
    __atomic_store_n(&journal->is_short, !made, __ATOMIC_RELEASE);
    (void)pthread_cond_signal(&journal->work);
    (void)pthread_cond_broadcast(&journal->drained);
}

/* While room is lacking a second at most, so that it comes back by itself. Locked. */
static void upkeep_wait(Journal *journal, gboolean again)
{
    struct timespec until;

    if (!again) {
        (void)pthread_cond_wait(&journal->room, &journal->lock);
        return;
    }
    (void)clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += RETRY_SECONDS;
    (void)pthread_cond_timedwait(&journal->room, &journal->lock, &until);
}

/* What the store wants to claim besides. */
static gboolean claim_more(Journal *journal)
{
    g_assert(pthread_mutex_unlock(&journal->lock) == 0);
    gboolean lacking = journal->options.claim(journal->options.data);
    (void)lock_enter(&journal->lock);
    return lacking;
}

static void *keep_ahead(void *data)
{
    Journal *journal = data;
    LOCKED(&journal->lock);

    while (!journal->written && !journal->broken) {
        if (!journal->next) {
            next_make(journal);
        }
        gboolean lacking = claim_more(journal);
        if (!journal->written && !journal->broken && (journal->next || !journal->stopping)) {
            upkeep_wait(journal, lacking || !journal->next);
        }
    }
    return NULL;
}

static void conditions_init(Journal *journal)
{
    pthread_condattr_t monotonic; /* a wall clock that is set must not make a wait longer */

    g_assert(pthread_condattr_init(&monotonic) == 0);
    g_assert(pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC) == 0);
    g_assert(pthread_cond_init(&journal->work, &monotonic) == 0);
    g_assert(pthread_cond_init(&journal->room, &monotonic) == 0);
    g_assert(pthread_cond_init(&journal->drained, &monotonic) == 0);
    (void)pthread_condattr_destroy(&monotonic);
}

Journal *journal_start(const JournalOptions *options, GError **error)
{
    g_autoptr(Segment) segment = segment_open(
        options->files, options->dir, options->place.segment, &options->keys, options->store_id,
        options->place.end, error);
    if (!segment) {
        return NULL;
    }

    Journal *journal = g_new0(Journal, 1);
    journal->options = *options;
    journal->dir = g_strdup(options->dir);
    journal->place = options->place;
    journal->sequence = journal->durable = options->place.sequence;
    journal->time_usec = options->place.time_usec;
    journal->used = segment->end;
    journal->segment_number = segment->number;
    journal->segment = g_steal_pointer(&segment);
    g_queue_init(&journal->pending);
    g_assert(pthread_mutex_init(&journal->lock, NULL) == 0);
    conditions_init(journal);
    g_assert(pthread_create(&journal->writer, NULL, write_groups, journal) == 0);
    g_assert(pthread_create(&journal->upkeep, NULL, keep_ahead, journal) == 0);
    return journal;
}

static void journal_free(Journal *journal)
{
    g_queue_clear_full(&journal->pending, pending_free);
    segment_free(journal->segment);
    segment_free(journal->next);
    (void)pthread_cond_destroy(&journal->work);
    (void)pthread_cond_destroy(&journal->room);
    (void)pthread_cond_destroy(&journal->drained);
    (void)pthread_mutex_destroy(&journal->lock);
    secret_wipe(&journal->options.keys, sizeof(journal->options.keys));
    g_free(journal->dir);
    g_free(journal);
}

gboolean journal_stop(Journal *journal, JournalPlace *ret_place)
{
    {
        LOCKED(&journal->lock);
        journal->stopping = TRUE;
        (void)pthread_cond_signal(&journal->work);
        (void)pthread_cond_signal(&journal->room);
    }
    g_assert(pthread_join(journal->writer, NULL) == 0 && pthread_join(journal->upkeep, NULL) == 0);
    gboolean good = !journal->broken && !journal->pending.length;
    if (journal->next) { /* never used: a start goes on in the current one and makes it anew */
        (void)journal->options.files->unlink(journal->next->path);
    }
    *ret_place = journal->place;
    ret_place->time_usec = journal->time_usec;
    journal_free(journal);
    return good;
}

guint64 journal_commit(Journal *journal, GBytes *plain, gint64 time_usec)
{
    Pending *pending = g_new(Pending, 1);
    LOCKED(&journal->lock);

    *pending = (Pending){++journal->sequence, plain};
    journal->time_usec = time_usec;
    journal->waiting_bytes += frame_size(g_bytes_get_size(plain));
    g_queue_push_tail(&journal->pending, pending);
    return pending->sequence;
}

void journal_push(Journal *journal)
{
    LOCKED(&journal->lock);

    (void)pthread_cond_signal(&journal->work);
}

guint64 journal_next(Journal *journal)
{
    LOCKED(&journal->lock);

    return journal->sequence + 1;
}

gboolean journal_is_short(Journal *journal)
{
    return __atomic_load_n(&journal->is_short, __ATOMIC_ACQUIRE);
}

void journal_claim_soon(Journal *journal)
{
    LOCKED(&journal->lock);

    (void)pthread_cond_signal(&journal->room);
}

guint64 journal_durable(Journal *journal)
{
    return __atomic_load_n(&journal->durable, __ATOMIC_ACQUIRE);
}

/* The disk is behind, so the callers slow down: more is waiting than the next segment holds, or
 * that one is still being made. Locked. */
static gboolean must_wait(Journal *journal, gsize size, gsize wanted)
{
    if (journal->next) {
        return journal->waiting_bytes + size > SEGMENT_BYTES - SEGMENT_HEAD_BYTES;
    }
    return !journal_is_short(journal) &&
           journal->used + journal->waiting_bytes + wanted > SEGMENT_BYTES;
}

gboolean journal_has_room(Journal *journal, gsize plain_bytes, gboolean revoking)
{
    gsize size = frame_size(plain_bytes);
    gsize wanted = size + (revoking ? 0 : RESERVE_BYTES);
    LOCKED(&journal->lock);

    while (!journal->broken && must_wait(journal, size, wanted)) {
        (void)pthread_cond_signal(&journal->room);
        (void)pthread_cond_signal(&journal->work);
        (void)pthread_cond_wait(&journal->drained, &journal->lock);
    }
    return journal->next || journal->used + journal->waiting_bytes + wanted <= SEGMENT_BYTES;
}
