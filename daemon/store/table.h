/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * table.h - the index of what the journal says; never the truth. The only user of GDBM
 *
 * GDBM answers nothing after one failed write, so room is claimed before each (store/room.h), and
 * any error of its own ends the process.
 */

#include "store/table-key.h"

#define TABLE_RECORD_BYTES                                                                         \
    (TABLE_KEY_BYTES + 24U) /* that a record needs beside its value: key, place in a bucket */

typedef struct Table Table;

typedef enum TableMode {
    TABLE_FRESH, /* throw away what is there */
    TABLE_WRITE,
    TABLE_LOOK, /* only read */
} TableMode;

/* No room on the disk is ANTARA_ERROR_NO_ROOM, here and below. */
Table *table_open(const char *path, TableMode mode, GError **error);
/* Syncs, closes and frees. */
gboolean table_close(Table *table, GError **error);
void table_free(Table *table); /* without a sync; NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Table, table_free)

/* From here on writes wait a little, so that of several of one record only the last is written:
 * store/write-back.h. Reads see them, a walk and table_close() write them first, table_free()
 * forgets them. */
void table_write_back(Table *table);

int table_fd(const Table *table);

/* *ret_value NULL when there is none; else (transfer full). */
gboolean
table_get(Table *table, const guint8 key[TABLE_KEY_BYTES], GBytes **ret_value, GError **error);
gboolean table_put(
    Table *table,
    const guint8 key[TABLE_KEY_BYTES],
    const void *value,
    gsize size,
    GError **error);
/* FALSE with an error ends the walk. */
typedef gboolean (
    *TableVisit)(const guint8 key[TABLE_KEY_BYTES], GBytes *value, gpointer data, GError **error);

/* Visits all records, in no order; nothing may be written meanwhile. */
gboolean table_walk(Table *table, TableVisit visit, gpointer data, GError **error);

gboolean table_delete(Table *table, const guint8 key[TABLE_KEY_BYTES], GError **error);
