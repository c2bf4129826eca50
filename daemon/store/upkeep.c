/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "store/upkeep-inside.h"

#include "base/error.h"
#include "store/backup.h"
#include "store/broom.h"
#include "store/checkpoint.h"
#include "store/rotate.h"

#include <errno.h>

#define LOOK_SECONDS  60                  /* how often it looks whether something is due */
#define RETRY_USEC    (10 * USEC_PER_SEC) /* after a full disk */
#define REST_FACTOR   4U                  /* rests, in times of the journal's latency */
#define REST_USEC_MIN 1000U
#define REST_USEC_MAX 250000U

/* Locked; returns early when woken. */
static void sleep_some(Upkeep *upkeep, gint64 usec)
{
    struct timespec until;

    (void)clock_gettime(CLOCK_MONOTONIC, &until);
    gint64 nsec = until.tv_nsec + usec % USEC_PER_SEC * 1000;
    until.tv_sec += usec / USEC_PER_SEC + nsec / 1000000000;
    until.tv_nsec = nsec % 1000000000;
    (void)pthread_cond_timedwait(&upkeep->wake, &upkeep->lock, &until);
}

/* The rest of Pace. */
static gboolean rest(guint64 bytes, gpointer data)
{
    Upkeep *upkeep = data;
    guint64 latency = journal_latency_usec(upkeep->store->journal);
    gint64 usec = (gint64)CLAMP(latency * REST_FACTOR, REST_USEC_MIN, REST_USEC_MAX);
    gint64 end = g_get_monotonic_time() + usec;
    LOCKED(&upkeep->lock);

    upkeep->work.done += upkeep->work.state == STORE_WORK_RUNNING ? bytes : 0;
    for (gint64 left = usec; left > 0 && !upkeep->stopping; left = end - g_get_monotonic_time()) {
        sleep_some(upkeep, left);
    }
    return !upkeep->stopping;
}

Store *upkeep_store(Upkeep *upkeep)
{
    return upkeep->store;
}

const Pace *upkeep_pace(Upkeep *upkeep)
{
    return &upkeep->pace;
}

void upkeep_expect(Upkeep *upkeep, guint64 total_bytes)
{
    LOCKED(&upkeep->lock);

    upkeep->work.total += upkeep->work.state == STORE_WORK_RUNNING ? total_bytes : 0;
}

void upkeep_manifest(Upkeep *upkeep, Manifest *ret_manifest)
{
    LOCKED(&upkeep->lock);

    *ret_manifest = upkeep->store->manifest;
}

static void manifest_take(Upkeep *upkeep, const Manifest *manifest)
{
    LOCKED(&upkeep->lock);

    upkeep->store->manifest = *manifest;
}

gboolean upkeep_set_manifest(Upkeep *upkeep, const Manifest *manifest, GError **error)
{
    const Store *store = upkeep->store;

    if (!manifest_save(manifest, store->files, store->dir, store->keyring, error)) {
        return FALSE;
    }
    manifest_take(upkeep, manifest);
    return TRUE;
}

static gint64 now_of(Store *store, gboolean *ret_calm)
{
    LOCKED(&store->lock);
    gint64 now_usec = store_time_now(&store->time);

    *ret_calm = store_time_is_calm(&store->time);
    return now_usec;
}

/* A full disk and a stop end a checkpoint, all else the store. */
static void note_failure(Upkeep *upkeep, const GError *failure)
{
    if (g_error_matches(failure, ANTARA_ERROR, ANTARA_ERROR_NO_ROOM)) {
        upkeep->retry_usec = g_get_monotonic_time() + RETRY_USEC;
    } else if (!g_error_matches(failure, ANTARA_ERROR, ANTARA_ERROR_STOPPED)) {
        store_fail(upkeep->store, failure);
    }
}

/* Up to the last closed segment, then what has expired in it goes. */
static gboolean checkpoint_and_sweep(Upkeep *upkeep, guint64 last_closed, GError **error)
{
    Store *store = upkeep->store;
    gboolean calm = FALSE;
    gint64 now_usec = now_of(store, &calm);
    g_auto(Broom) broom = {.now_usec = 0};
    Manifest manifest;
    guint64 deleted = 0;
    const Checkpoint checkpoint = {
        .set = &store->segments,
        .keyring = store->keyring,
        .old = &store->manifest, /* only this thread changes it */
        .last_closed = last_closed,
        .now_usec = now_usec,
        .pace = &upkeep->pace,
        .visit = calm ? broom_look : NULL,
        .data = &broom,
    };

    broom_init(&broom, now_usec);
    upkeep_expect(
        upkeep, checkpoint_work_bytes(&store->manifest, last_closed, store->segments.bytes));
    if (!checkpoint_make(&checkpoint, &manifest, error)) {
        return FALSE;
    }
    manifest_take(upkeep, &manifest);
    return broom_sweep(store, &broom, &upkeep->pace, &deleted, error);
}

static gboolean checkpoint_to(Upkeep *upkeep, guint64 last_closed, GError **error)
{
    g_autoptr(GError) failure = NULL;

    if (checkpoint_and_sweep(upkeep, last_closed, &failure)) {
        return TRUE;
    }
    note_failure(upkeep, failure);
    g_propagate_error(error, g_steal_pointer(&failure));
    return FALSE;
}

gboolean upkeep_checkpoint(Upkeep *upkeep, GError **error)
{
    Store *store = upkeep->store;
    guint64 last_closed = 0;

    if (!journal_close_segment(store->journal, &last_closed)) {
        gboolean full = journal_is_short(store->journal);
        g_set_error(
            error, ANTARA_ERROR, full ? ANTARA_ERROR_NO_ROOM : ANTARA_ERROR_STOPPED, "%s: %s",
            store->dir, full ? "the disk is full" : "given up, since the daemon stops");
        return FALSE;
    }
    return last_closed < store->manifest.begin.segment || checkpoint_to(upkeep, last_closed, error);
}

/* --- what is due by itself --- */

static gboolean is_heavy(const Store *store, guint64 current)
{
    guint64 closed = current - store->manifest.begin.segment;

    return closed >= UPKEEP_SEGMENTS_MIN &&
           closed * store->segments.bytes >= store->manifest.snapshot_bytes;
}

static gboolean is_old(Store *store)
{
    gboolean calm = FALSE;

    return now_of(store, &calm) >= store->manifest.made_usec + UPKEEP_AGE_USEC &&
           journal_next(store->journal) > store->manifest.begin.sequence + 1;
}

/* One that fails for a reason of its own is not tried again before the next start, or when asked.
 */
static gboolean rotate(Upkeep *upkeep, GError **error)
{
    g_autoptr(GError) failure = NULL;

    if (rotate_go_on(upkeep, &failure)) {
        upkeep->rotate_failed = FALSE;
        return TRUE;
    }
    upkeep->rotate_failed = !g_error_matches(failure, ANTARA_ERROR, ANTARA_ERROR_NO_ROOM);
    g_propagate_error(error, g_steal_pointer(&failure));
    return FALSE;
}

static gboolean do_due(Upkeep *upkeep, GError **error)
{
    Store *store = upkeep->store;
    guint64 current = journal_segment(store->journal);

    if (g_get_monotonic_time() < upkeep->retry_usec) {
        return TRUE;
    }
    if (is_heavy(store, current)) {
        return checkpoint_to(upkeep, current - 1, error);
    }
    if (rotate_is_pending(store) && !upkeep->rotate_failed) {
        return rotate(upkeep, error); /* it was cut off */
    }
    return !is_old(store) || upkeep_checkpoint(upkeep, error);
}

/* --- what was asked for --- */

static gboolean confirm_restore(Upkeep *upkeep, GError **error)
{
    Manifest manifest = upkeep->store->manifest;

    manifest.restored_usec = 0;
    return upkeep_set_manifest(upkeep, &manifest, error);
}

static gboolean do_asked(Upkeep *upkeep, GError **error)
{
    gboolean calm = FALSE;

    switch (upkeep->asked.kind) {
    case STORE_WORK_CHECKPOINT:
        return upkeep_checkpoint(upkeep, error);
    case STORE_WORK_ROTATE:
        return (!upkeep->asked.kek || rotate_begin(upkeep, upkeep->asked.kek, error)) &&
               rotate(upkeep, error);
    case STORE_WORK_BACKUP:
        return backup_write(upkeep, upkeep->asked.fd, error);
    case STORE_WORK_CONFIRM:
        return confirm_restore(upkeep, error);
    case STORE_WORK_SIGNING:
        return rotate_signing(upkeep, &upkeep->asked, now_of(upkeep->store, &calm), error);
    case STORE_WORK_CHECK:
        return check_running(upkeep, error);
    case STORE_WORK_NONE:
        break;
    }
    return TRUE;
}

static void do_one(Upkeep *upkeep)
{
    g_autoptr(GError) failure = NULL;

    if (work_begin(upkeep)) {
        (void)do_asked(upkeep, &failure);
        work_end(upkeep, failure);
    } else {
        (void)do_due(upkeep, &failure);
    }
}

static gboolean wait_for_more(Upkeep *upkeep)
{
    LOCKED(&upkeep->lock);
    gboolean asked = upkeep->work.number > 0 && upkeep->work.state == STORE_WORK_WAITING;

    if (!upkeep->stopping && !asked && !upkeep->woken) {
        sleep_some(upkeep, LOOK_SECONDS * USEC_PER_SEC);
    }
    upkeep->woken = FALSE;
    return !upkeep->stopping && !store_has_failed(upkeep->store);
}

static void *keep_up(void *data)
{
    while (wait_for_more(data)) {
        do_one(data);
    }
    work_give_up(data);
    return NULL;
}

Upkeep *upkeep_start(Store *store)
{
    Upkeep *upkeep = g_new0(Upkeep, 1);
    pthread_condattr_t monotonic;

    upkeep->store = store;
    upkeep->asked.fd = -1;
    upkeep->pace = (Pace){rest, upkeep};
    if (rotate_is_pending(store)) { /* so that its progress shows */
        upkeep->work = (StoreWork){.number = 1, .kind = STORE_WORK_ROTATE};
        upkeep->asked.kind = STORE_WORK_ROTATE;
    }
    g_assert(pthread_condattr_init(&monotonic) == 0);
    g_assert(pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC) == 0);
    g_assert(pthread_cond_init(&upkeep->wake, &monotonic) == 0);
    (void)pthread_condattr_destroy(&monotonic);
    g_assert(pthread_mutex_init(&upkeep->lock, NULL) == 0);
    g_assert(pthread_create(&upkeep->thread, NULL, keep_up, upkeep) == 0);
    return upkeep;
}

void upkeep_stop(Upkeep *upkeep)
{
    {
        LOCKED(&upkeep->lock);
        upkeep->stopping = TRUE;
        (void)pthread_cond_broadcast(&upkeep->wake);
    }
    g_assert(pthread_join(upkeep->thread, NULL) == 0);
}

void upkeep_free(Upkeep *upkeep)
{
    work_asked_clear(&upkeep->asked);
    (void)pthread_cond_destroy(&upkeep->wake);
    (void)pthread_mutex_destroy(&upkeep->lock);
    g_free(upkeep);
}

void upkeep_wake(Upkeep *upkeep)
{
    LOCKED(&upkeep->lock);

    upkeep->woken = TRUE;
    (void)pthread_cond_broadcast(&upkeep->wake);
}
