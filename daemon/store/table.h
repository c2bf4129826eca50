/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * table.h - the index of what the journal says; never the truth. The only user of GDBM
 *
 * GDBM answers nothing after one failed write, so room is claimed before each (store/room.h), and
 * any error of its own ends the process.
 */

#include <glib.h>

#define TABLE_KEY_BYTES 16U

typedef struct Table Table;

/* @fresh: throw away what is there. */
Table *table_open(const char *path, gboolean fresh, GError **error);
/* Syncs, closes and frees. */
gboolean table_close(Table *table, GError **error);
void table_free(Table *table); /* without a sync; NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Table, table_free)

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
gboolean table_delete(Table *table, const guint8 key[TABLE_KEY_BYTES], GError **error);
