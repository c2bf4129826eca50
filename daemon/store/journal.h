/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * journal.h - commits become durable: one thread, one fdatasync for all that arrived meanwhile
 *
 * A group is written only after the sync of the one before, and never spans two segments. After a
 * failed write or sync nothing is tried again: the failure is told, and the process should end. The
 * next segment is made one ahead of need, by the upkeep thread.
 */

#include "store/segment.h"

typedef struct Journal Journal;

typedef struct JournalPlace {
    guint64 sequence; /* of the last frame; 0: none */
    guint64 group;
    guint8 tag[FRAME_TAG_BYTES];
    guint64 segment;
    gsize end;        /* in that segment */
    gint64 time_usec; /* of the last commit */
} JournalPlace;

typedef struct JournalOptions {
    const SegmentSet *set; /* outlives the journal */
    JournalPlace place;    /* go on here */
    void (
        *durable)(guint64 sequence, gpointer data); /* in the journal's thread, after each group */
    void (*failed)(const GError *error, gpointer data);
    /* In the upkeep thread, told whether a segment is lacking: claims what else is; TRUE: it still
     * is, ask in a second. Takes no lock under which journal_has_room() is called. */
    gboolean (*claim)(gboolean journal_is_short, gpointer data);
    void (*closed)(gpointer data); /* in the journal's thread: a segment was left for the next */
    gpointer data;
} JournalOptions;

Journal *journal_start(const JournalOptions *options, GError **error);

/* Waits until all is durable, ends the threads, frees; *ret_place: where the next start goes on.
 * FALSE after a failure. */
gboolean journal_stop(Journal *journal, JournalPlace *ret_place);

/**
 * journal_commit() - hand in one commit; returns at once
 * @plain: taken over
 *
 * It may wait for journal_push(), so that several share one group.
 *
 * Callers come one at a time, in the order of the sequence (the store's lock).
 *
 * Returns: the commit's sequence.
 */
guint64 journal_commit(Journal *journal, GBytes *plain, gint64 time_usec);

/* Wakes the journal's thread for what was handed in. */
void journal_push(Journal *journal);

/**
 * journal_close_segment() - leaves the current segment for the next one, once all that was handed
 * in is durable; waits for it
 * @ret_closed: the last closed segment; the one before the current where that is empty
 *
 * Returns: FALSE when there is no room for a next segment, or the journal stops or has failed.
 */
gboolean journal_close_segment(Journal *journal, guint64 *ret_closed);

/* The segment that is written to; all before it are closed. Any thread. */
guint64 journal_segment(Journal *journal);

/* How long a write and sync of a group took lately: a mean that forgets; 0 when nothing was written
 * for a while, so that nobody waits for what nobody uses. Any thread. */
guint64 journal_latency_usec(Journal *journal);

/* The sequence that the next commit will get. */
guint64 journal_next(Journal *journal);

guint64 journal_durable(Journal *journal);

/* TRUE while the next segment can't be claimed. Any thread. */
gboolean journal_is_short(Journal *journal);
/* Something is lacking: the upkeep thread claims it soon. */
void journal_claim_soon(Journal *journal);

/* FALSE while the next segment can't be claimed and what is left is kept for revocations. Waits
 * only while more is waiting than a segment holds, or the next one is being made; the journal's
 * threads take no lock of the caller's. */
gboolean journal_has_room(Journal *journal, gsize plain_bytes, gboolean revoking);
