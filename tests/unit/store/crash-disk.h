/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * crash-disk.h - what a disk may hold after a power cut, from a record of all that a store did
 *
 * Each call is noted while it is really done. crash_disk_leave() then makes a directory as a power
 * cut at some place of that record could leave it: what was synced is there; of each other write
 * nothing, all, or any sectors of 512 bytes; of names that were changed since the last sync of the
 * directory any part. What GDBM writes is not seen: the table is left as garbage, and a snapshot
 * counts as written when it is synced.
 */

#include "store/files.h"

typedef struct CrashDisk CrashDisk;

/* One at a time, since a table of functions has no place for data. It begins with what is in @dir
 * now, all of it synced. */
CrashDisk *crash_disk_new(const char *dir);
void crash_disk_free(CrashDisk *disk);

const StoreFiles *crash_disk_files(void);

/* Notes that all up to @point was answered. */
void crash_disk_answer(CrashDisk *disk, guint64 point);

/* How many calls and answers were noted. */
guint crash_disk_length(CrashDisk *disk);

/**
 * crash_disk_leave() - one state of many
 * @at: the power goes after that many notes
 * @to: an empty directory
 *
 * Returns: the last point that was answered before.
 */
guint64 crash_disk_leave(const CrashDisk *disk, guint at, GRand *random, const char *to);
