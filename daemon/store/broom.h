/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * broom.h - takes away what has expired
 *
 * It looks where nobody else writes, in a snapshot. What it finds there an ordinary commit deletes,
 * if it is still expired in the table.
 */

#include "store/pace.h"
#include "store/store-inside.h"

#define BROOM_KEYS_MAX 65536U /* found in one round; the rest waits for the next */

typedef struct Broom {
    gint64 now_usec;
    GByteArray *keys; /* of what has expired, one behind the other */
} Broom;

void broom_init(Broom *broom, gint64 now_usec);
void broom_clear(Broom *broom);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Broom, broom_clear)

/* A TableVisit: notes the key of what has expired; @data is the Broom. */
gboolean
broom_look(const guint8 key[TABLE_KEY_BYTES], GBytes *value, gpointer data, GError **error);

/* Deletes what was found and is still expired; *ret_deleted counts it. Takes the store's lock for
 * some records at a time. */
gboolean broom_sweep(
    Store *store,
    const Broom *broom,
    const Pace *pace,
    guint64 *ret_deleted,
    GError **error);
