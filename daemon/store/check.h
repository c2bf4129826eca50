/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* check.h - reads all that a store has on the disk, and changes nothing */

#include "store/manifest.h"
#include "store/pace.h"
#include "store/scan.h"
#include "store/table.h"

typedef struct Check {
    const SegmentSet *set;
    const Keyring *keyring;
    const Manifest *manifest;
    const Pace *pace;
    guint64 records; /* found whole in the snapshot */
    guint64 commits; /* found whole behind it */
} Check;

/* The snapshot is the one that the manifest names, and each record in it opens. */
gboolean check_snapshot(Check *check, GError **error);

/* The closed segments, up to that one. */
gboolean check_closed(Check *check, guint64 last_closed, GError **error);

/* The whole journal of a store that nobody has open; *ret_place: its end. */
gboolean check_journal(Check *check, JournalPlace *ret_place, GError **error);

/* One value, to its last byte. */
gboolean check_value(
    const Keyring *keyring,
    const guint8 key[TABLE_KEY_BYTES],
    GBytes *sealed,
    GError **error);
