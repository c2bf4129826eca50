/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* shelf.h - a real store in a temporary directory, with a clock that the test sets */

#include "store/list.h"

typedef struct Shelf {
    char *dir;
    Store *store;
    Kek *kek;
    gint64 wall_usec;
    gint64 boot_usec;
    Clock clock;
    const struct StoreFiles *files; /* NULL: the kernel's */
    gsize segment_bytes;            /* 0: as in earnest */
    gboolean may_fail;              /* else a failure of the store ends the test */
    gint failures;                  /* atomic */
} Shelf;

#define SHELF_BORN_USEC G_GINT64_CONSTANT(1800000000000000)

/* (transfer full): a new directory, in memory where there is room: syncs cost nothing there. */
char *shelf_make_dir(void);

void shelf_prepare(Shelf *shelf); /* an empty directory, not opened */
void shelf_init(Shelf *shelf);    /* makes and opens it; tenants "acme" and "other" */
gboolean shelf_open(Shelf *shelf, GError **error);
void shelf_close(Shelf *shelf); /* cleanly */
void shelf_clear(Shelf *shelf); /* removes all */
void shelf_advance(Shelf *shelf, gint64 usec);

/* Copies the directory as a power cut would leave it now, and goes on with the copy; the first is
 * closed. */
void shelf_pull_the_plug(Shelf *shelf);

/* One transaction each; NULL deletes. Returns the point. */
guint64 shelf_put(Shelf *shelf, const char *tenant, const char *id, const char *value);
/* (transfer full): NULL when there is none. */
char *shelf_get(Shelf *shelf, const char *tenant, const char *id);
/* One checkpoint, and waits for it. */
void shelf_checkpoint(Shelf *shelf);
void shelf_wait_durable(Shelf *shelf, guint64 point);
