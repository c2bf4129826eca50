/* SPDX-License-Identifier: GPL-3.0-or-later */

/* journal-ahead.c - room for what comes next, claimed before it is needed */

#include "base/error.h"
#include "store/journal-inside.h"

#define RETRY_SECONDS 1

/* Makes the next segment while the lock is free; a full disk is tried again, not told: the store is
 * read-only then. */
static void next_make(Journal *journal)
{
    guint64 number = journal->segment_number + 1;
    g_autoptr(GError) error = NULL;

    g_assert(pthread_mutex_unlock(&journal->lock) == 0);
    Segment *made = segment_make(journal->options.set, number, &error);
    if (made && !segment_publish(made, &error)) {
        g_clear_pointer(&made, segment_free);
    }
    if (error && !g_error_matches(error, ANTARA_ERROR, ANTARA_ERROR_NO_ROOM)) {
        journal_fail(journal, error);
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
    gboolean lacking = journal->options.claim(journal_is_short(journal), journal->options.data);
    (void)lock_enter(&journal->lock);
    return lacking;
}

void *journal_keep_ahead(void *data)
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
