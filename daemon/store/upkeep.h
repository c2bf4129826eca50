/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * upkeep.h - the thread that keeps a store small: checkpoint, broom, and the work that was asked
 * for
 *
 * A checkpoint begins when the closed segments weigh as much as the snapshot
 * (UPKEEP_SEGMENTS_MIN at least), after UPKEEP_AGE_USEC, or when asked. A failure that is no full
 * disk has no caller: it ends the store.
 */

#include "store/pace.h"
#include "store/store-inside.h"
#include "store/work.h"

#define UPKEEP_SEGMENTS_MIN 4U
#define UPKEEP_AGE_USEC     USEC_PER_DAY

Upkeep *upkeep_start(Store *store);
/* Gives up what is under way, and waits for the thread. The journal still runs. */
void upkeep_stop(Upkeep *upkeep);
/* When the journal, which wakes it, has ended too. */
void upkeep_free(Upkeep *upkeep);

/* Something may be due: a segment was closed, the time has moved. Any thread. */
void upkeep_wake(Upkeep *upkeep);

/* A copy, for other threads than upkeep's own. */
void upkeep_manifest(Upkeep *upkeep, Manifest *ret_manifest);

/* For what the thread does, in files of its own: */
Store *upkeep_store(Upkeep *upkeep);
const Pace *upkeep_pace(Upkeep *upkeep);
void upkeep_expect(Upkeep *upkeep, guint64 total_bytes);
/* Closes what is written, makes a checkpoint of all that was committed before, and sweeps. A
 * failure that is neither a full disk nor a stop has ended the store. */
gboolean upkeep_checkpoint(Upkeep *upkeep, GError **error);
/* Puts another manifest in the place of the present one, on the disk too. */
gboolean upkeep_set_manifest(Upkeep *upkeep, const Manifest *manifest, GError **error);
