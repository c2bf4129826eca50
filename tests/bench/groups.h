/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * groups.h - how the journal wrote, noted call by call, and the same writes without a store
 *
 * The bare writer appends the same numbers of bytes to files that are as long, zeroed and synced
 * before as segments are, and syncs where the journal did.
 */

#include "store/files.h"

/* The kernel's functions, which note the size of what each fdatasync() covers. */
const StoreFiles *groups_files(void);

/* Forgets what was noted, and notes from now on. Before the store is opened. */
void groups_begin(guint sync_usec); /* each takes that much longer, also in groups_write_bare() */
/* (transfer full): of guint32, in order. After the store is closed. */
GArray *groups_end(void);

typedef enum BareFiles {
    BARE_MADE_BEFORE, /* all files stand before the clock runs */
    BARE_MADE_AHEAD,  /* one is zeroed and synced by another thread, while one is written */
} BareFiles;

/* Seconds that it took. Files are made in @dir, and removed. */
double groups_write_bare(const char *dir, const GArray *groups, BareFiles made);
