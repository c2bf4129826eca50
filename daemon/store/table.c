/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "store/table.h"

#include "base/error.h"

#include <gdbm.h>
#include <stdlib.h>

/* Buckets of one block each: what GDBM keeps of the file beside the page cache. */
#define CACHE_BUCKETS 1024U

struct Table {
    GDBM_FILE file;
    char *path;
};

static gboolean failed(const Table *table, const char *what, GError **error)
{
    g_set_error(
        error, ANTARA_ERROR, ANTARA_ERROR_FAILED, "%s: %s: %s", table->path, what,
        gdbm_strerror(gdbm_errno));
    return FALSE;
}

static gboolean set_cache(Table *table, GError **error)
{
    size_t buckets = CACHE_BUCKETS;

    return gdbm_setopt(table->file, GDBM_SETCACHESIZE, &buckets, sizeof(buckets)) == 0 ||
           failed(table, "the cache can't be set", error);
}

Table *table_open(const char *path, gboolean fresh, GError **error)
{
    g_autoptr(Table) table = g_new0(Table, 1);
    int flags = (fresh ? GDBM_NEWDB : GDBM_WRITER) | GDBM_NOMMAP | GDBM_NOLOCK | GDBM_CLOEXEC;

    table->path = g_strdup(path);
    table->file = gdbm_open(path, 4096, flags, 0600, NULL);
    if (!table->file) {
        (void)failed(table, "can't be opened", error);
        return NULL;
    }
    return set_cache(table, error) ? g_steal_pointer(&table) : NULL;
}

gboolean table_close(Table *table, GError **error)
{
    gboolean done = gdbm_sync(table->file) == 0 || failed(table, "can't be synced", error);

    table_free(table);
    return done;
}

void table_free(Table *table)
{
    if (!table) {
        return;
    }
    if (table->file) {
        (void)gdbm_close(table->file);
    }
    g_free(table->path);
    g_free(table);
}

int table_fd(const Table *table)
{
    return gdbm_fdesc(table->file);
}

gboolean
table_get(Table *table, const guint8 key[TABLE_KEY_BYTES], GBytes **ret_value, GError **error)
{
    const datum name = {(char *)key, TABLE_KEY_BYTES};
    datum value = gdbm_fetch(table->file, name);

    if (!value.dptr && gdbm_errno != GDBM_ITEM_NOT_FOUND) {
        return failed(table, "can't be read", error);
    }
    *ret_value = value.dptr
                     ? g_bytes_new_with_free_func(value.dptr, (gsize)value.dsize, free, value.dptr)
                     : NULL;
    return TRUE;
}

gboolean table_put(
    Table *table,
    const guint8 key[TABLE_KEY_BYTES],
    const void *value,
    gsize size,
    GError **error)
{
    const datum name = {(char *)key, TABLE_KEY_BYTES};
    const datum content = {(char *)value, (int)size};

    return gdbm_store(table->file, name, content, GDBM_REPLACE) == 0 ||
           failed(table, "can't be written", error);
}

gboolean table_delete(Table *table, const guint8 key[TABLE_KEY_BYTES], GError **error)
{
    const datum name = {(char *)key, TABLE_KEY_BYTES};

    return gdbm_delete(table->file, name) == 0 || gdbm_errno == GDBM_ITEM_NOT_FOUND ||
           failed(table, "can't be written", error);
}
