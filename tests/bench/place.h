/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* place.h - a real store in a directory of its own on the disk that is measured */

#include "store/store.h"
#include "store/txn.h"
#include "store/work.h"

#define RECORD_BYTES 300U
#define RECORD_KIND  7U

typedef struct Place {
    char *dir;
    Store *store;
    const struct StoreFiles *files; /* NULL: the kernel's */
} Place;

/* Ends the program with the error's message. */
void must(gboolean good, const GError *error);

/* A new store in a new directory below @parent; opened. */
void place_init(Place *place, const char *parent, const struct StoreFiles *files);
void place_open(Place *place);
void place_close(Place *place);
void place_clear(Place *place); /* closes what is open, removes all */

/* One transaction with one record; the point that its answer would wait for. */
guint64 place_put(Place *place, guint64 number);
/* The same, but the journal waits for store_push(). */
guint64 place_put_gathered(Place *place, guint64 number);
/* FALSE: there is none. */
gboolean place_get(Place *place, guint64 number);
/* Many records in each transaction, and waits until they are durable. */
void place_fill(Place *place, guint64 from, guint64 to);
void place_settle(Place *place); /* waits until all is durable */

/* Into the page cache. */
void place_read_table(const Place *place);

/* Single commits, until the journal's latency, which a checkpoint's pauses follow, is that of a
 * calm store again. */
void place_calm(Place *place);

/* One checkpoint: asked for, then waited for; or both. */
void place_ask_checkpoint(Place *place);
void place_end_checkpoint(Place *place);
void place_checkpoint(Place *place);

/* Of all files whose names begin with @prefix ("": all). */
guint64 place_disk_bytes(const Place *place, const char *prefix);
