/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * write-back.h - the latest writes, which the table has yet to take
 *
 * A record that was written is often written again soon: a code when it is redeemed, a budget at
 * each request, a list at each entry. GDBM takes 20 us and six system calls for each, so the table
 * (store/table.h) takes only the last of them, in the order of their first. Nothing depends on it
 * for what survives: that is the journal's.
 */

#include "store/table-key.h"

#define WRITE_BACK_MAX       512U                /* writes that may wait, and */
#define WRITE_BACK_BYTES_MAX ((gsize)512 * 1024) /* bytes of their values */

typedef struct WriteBack WriteBack;

typedef struct WriteBackEntry {
    guint8 key[TABLE_KEY_BYTES];
    GBytes *value; /* NULL: deleted */
    GList place;   /* in the order of coming */
} WriteBackEntry;

WriteBack *write_back_new(void);
void write_back_free(WriteBack *back); /* forgets what waits; NULL is fine */

/* (nullable) (transfer none): good until the next call. */
const WriteBackEntry *write_back_find(const WriteBack *back, const guint8 key[TABLE_KEY_BYTES]);

/* In place of what waits for this key. @value (transfer full), NULL to delete. */
void write_back_put(WriteBack *back, const guint8 key[TABLE_KEY_BYTES], GBytes *value);

/* Whether the first is to be taken before more may wait. */
gboolean write_back_is_over(const WriteBack *back);

/* (nullable) (transfer none): the one that came first. */
const WriteBackEntry *write_back_first(const WriteBack *back);
void write_back_drop_first(WriteBack *back);
