/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "store/group.h"
#include "store/journal-inside.h"

#define QUIET_USEC   ((gint64)500 * 1000)
#define RESERVE_PART 4U /* of the last segment, kept for revocations on a full disk */

void journal_fail(Journal *journal, const GError *error)
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

/* Goes on in the next segment, which the upkeep thread has made, or is making. Locked. */
static gboolean next_take(Journal *journal)
{
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
    journal->closed_sequence = journal->place.sequence;
    if (journal->closed_sequence >= journal->close_behind) {
        journal->close_behind = 0;
    }
    (void)pthread_cond_signal(&journal->room);
    (void)pthread_cond_broadcast(&journal->drained);
    return TRUE;
}

static gboolean segment_switch(Journal *journal)
{
    {
        LOCKED(&journal->lock);
        if (!next_take(journal)) {
            return FALSE;
        }
    }
    journal->options.closed(journal->options.data);
    return TRUE;
}

/* An eighth of what is new: a disk that gets slow is felt within some groups. */
static void note_latency(Journal *journal, gint64 begun_usec)
{
    gint64 now = g_get_monotonic_time();
    gint64 took = now - begun_usec;
    gint64 before = (gint64)__atomic_load_n(&journal->latency_usec, __ATOMIC_ACQUIRE);

    __atomic_store_n(
        &journal->latency_usec, (guint64)(before + (took - before) / 8), __ATOMIC_RELEASE);
    __atomic_store_n(&journal->latency_at_usec, now, __ATOMIC_RELEASE);
}

static gboolean group_write(Journal *journal, const GPtrArray *group, GError **error)
{
    Segment *segment = journal->segment;
    const SegmentSet *set = journal->options.set;
    const StoreFiles *files = set->files;
    g_autoptr(GByteArray) out = group_frames(group, &set->keys, segment->salt, &journal->place);
    gint64 begun_usec = g_get_monotonic_time();

    if (!files_write(
            files, segment->fd, segment->path, out->data, out->len, (off_t)segment->end, error) ||
        (files->fdatasync(segment->fd) < 0 &&
         !files_failed("can't be synced", segment->path, error))) {
        return FALSE;
    }
    note_latency(journal, begun_usec);
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

/* Whether the segment is to be left now, and can be. Locked. */
static gboolean must_close(const Journal *journal)
{
    return journal->close_behind != 0 && journal->place.sequence >= journal->close_behind &&
           journal->next && !journal->stopping;
}

/* Waits for work; NULL when the journal stops and nothing is left, or has failed. */
static GPtrArray *work_wait(Journal *journal)
{
    LOCKED(&journal->lock);

    while (!journal->pending.length && !must_close(journal) && !journal->stopping &&
           !journal->broken) {
        (void)pthread_cond_wait(&journal->work, &journal->lock);
    }
    if (journal->broken || (!journal->pending.length && !must_close(journal))) {
        return NULL;
    }
    gsize room = must_close(journal) ? 0 : journal->options.set->bytes - journal->segment->end;
    return group_take(&journal->pending, room);
}

/* An empty group: this segment is full, or to be left. */
static gboolean write_or_switch(Journal *journal, const GPtrArray *group)
{
    g_autoptr(GError) error = NULL;

    if (group->len == 0) {
        return segment_switch(journal);
    }
    if (!group_write(journal, group, &error)) {
        journal_fail(journal, error);
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
    g_autoptr(Segment) segment =
        segment_open(options->set, options->place.segment, options->place.end, error);
    if (!segment) {
        return NULL;
    }

    Journal *journal = g_new0(Journal, 1);
    journal->options = *options;
    journal->place = options->place;
    journal->sequence = journal->durable = options->place.sequence;
    journal->time_usec = options->place.time_usec;
    journal->used = segment->end;
    journal->closed_sequence = segment->end == SEGMENT_HEAD_BYTES ? options->place.sequence : 0;
    journal->segment_number = segment->number;
    journal->segment = g_steal_pointer(&segment);
    g_queue_init(&journal->pending);
    g_assert(pthread_mutex_init(&journal->lock, NULL) == 0);
    conditions_init(journal);
    g_assert(pthread_create(&journal->writer, NULL, write_groups, journal) == 0);
    g_assert(pthread_create(&journal->upkeep, NULL, journal_keep_ahead, journal) == 0);
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
    g_free(journal);
}

gboolean journal_stop(Journal *journal, JournalPlace *ret_place)
{
    {
        LOCKED(&journal->lock);
        journal->stopping = TRUE;
        (void)pthread_cond_signal(&journal->work);
        (void)pthread_cond_signal(&journal->room);
        (void)pthread_cond_broadcast(&journal->drained);
    }
    g_assert(pthread_join(journal->writer, NULL) == 0 && pthread_join(journal->upkeep, NULL) == 0);
    gboolean good = !journal->broken && !journal->pending.length;
    if (journal->next) { /* never used: a start goes on in the current one and makes it anew */
        (void)journal->options.set->files->unlink(journal->next->path);
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

gboolean journal_close_segment(Journal *journal, guint64 *ret_closed)
{
    LOCKED(&journal->lock);
    guint64 wanted = journal->sequence;

    if (journal->closed_sequence < wanted) {
        journal->close_behind = wanted;
        (void)pthread_cond_signal(&journal->work);
    }
    while (journal->closed_sequence < wanted && !journal->broken && !journal->stopping &&
           !journal_is_short(journal)) {
        (void)pthread_cond_wait(&journal->drained, &journal->lock);
    }
    *ret_closed = journal->segment_number - 1;
    return journal->closed_sequence >= wanted;
}

guint64 journal_segment(Journal *journal)
{
    LOCKED(&journal->lock);

    return journal->segment_number;
}

guint64 journal_latency_usec(Journal *journal)
{
    gint64 at = __atomic_load_n(&journal->latency_at_usec, __ATOMIC_ACQUIRE);

    return g_get_monotonic_time() - at > QUIET_USEC
               ? 0
               : __atomic_load_n(&journal->latency_usec, __ATOMIC_ACQUIRE);
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
        return journal->waiting_bytes + size > journal->options.set->bytes - SEGMENT_HEAD_BYTES;
    }
    return !journal_is_short(journal) &&
           journal->used + journal->waiting_bytes + wanted > journal->options.set->bytes;
}

gboolean journal_has_room(Journal *journal, gsize plain_bytes, gboolean revoking)
{
    gsize size = frame_size(plain_bytes);
    gsize bytes = journal->options.set->bytes;
    gsize wanted = size + (revoking ? 0 : bytes / RESERVE_PART);
    LOCKED(&journal->lock);

    while (!journal->broken && must_wait(journal, size, wanted)) {
        (void)pthread_cond_signal(&journal->room);
        (void)pthread_cond_signal(&journal->work);
        (void)pthread_cond_wait(&journal->drained, &journal->lock);
    }
    return journal->next || journal->used + journal->waiting_bytes + wanted <= bytes;
}
