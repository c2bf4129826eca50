/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* replay.h - the table at a start: as it is after a clean stop, else made anew */

#include "store/store-inside.h"

/**
 * replay_table() - opens the store's table
 * @ret_place: where the journal goes on
 *
 * After anything but a clean stop the table is thrown away, the snapshot copied, the journal
 * replayed, and what was accepted of its end made durable.
 *
 * Returns: FALSE with DAMAGED, which names file and offset, or NO_ROOM, which says how much is
 * missing.
 */
gboolean
replay_table(Store *store, const StoreOptions *options, JournalPlace *ret_place, GError **error);
