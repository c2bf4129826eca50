/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * payload.h - what a frame holds: a time, then the writes of one commit
 *
 * Each write is its physical key, its size (deleted: all ones), its bytes.
 */

#include "store/table.h"

#define PAYLOAD_DELETED G_MAXUINT32

void payload_begin(GByteArray *payload, gint64 time_usec);
void payload_add(
    GByteArray *payload,
    const guint8 key[TABLE_KEY_BYTES],
    GBytes *value); /* NULL: deleted */

typedef struct PayloadWrite {
    const guint8 *key;
    const guint8 *value; /* NULL: deleted */
    gsize size;
} PayloadWrite;

/* FALSE with an error ends the walk. */
typedef gboolean (*PayloadVisit)(const PayloadWrite *write, gpointer data, GError **error);

gboolean payload_walk(
    GBytes *payload,
    gint64 *ret_time_usec,
    PayloadVisit visit,
    gpointer data,
    GError **error);

/* One write to a table; @table is a Table. */
gboolean payload_put(const PayloadWrite *write, gpointer table, GError **error);

/* All of it to the table. */
gboolean payload_apply(GBytes *payload, Table *table, gint64 *ret_time_usec, GError **error);
