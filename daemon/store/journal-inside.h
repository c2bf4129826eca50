/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* journal-inside.h - how a journal looks inside; for journal.c and journal-ahead.c alone */

#include "base/lock.h"
#include "store/journal.h"

struct Journal {
    JournalOptions options;
    guint64 durable; /* atomic */
    Lock lock;
    pthread_cond_t work;    /* for the writer: commits, the next segment, stop */
    pthread_cond_t room;    /* for the upkeep thread: the next segment is wanted, stop */
    pthread_cond_t drained; /* for committers: less is waiting; a segment was closed */
    GQueue pending;         /* of Pending */
    gsize waiting_bytes;    /* of frames that are pending or being written */
    Segment *next;          /* made ahead, or NULL */
    gboolean stopping;
    guint64 close_behind;    /* the segment ends behind this commit, full or not; 0: none */
    guint64 closed_sequence; /* of the last commit in a closed segment */
    gint64 latency_at_usec;  /* atomic: monotonic, when it was measured last */
    guint64 latency_usec;    /* atomic */
    gboolean broken;         /* nothing more is written */
    gboolean written;        /* the journal's thread has ended */
    int is_short;            /* atomic: the next segment could not be claimed */
    guint64 sequence;        /* of the last commit handed in */
    gint64 time_usec;
    guint64 segment_number; /* of the current segment */
    gsize used;             /* of the current segment */
    /* of the journal's thread alone */
    JournalPlace place;
    Segment *segment;
    pthread_t writer;
    pthread_t upkeep;
};

/* The end: nothing more is written; all who wait are woken. */
void journal_fail(Journal *journal, const GError *error);

/* The upkeep thread: the next segment is made one ahead of need. @data is the Journal. */
void *journal_keep_ahead(void *data);
