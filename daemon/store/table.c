/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "store/table.h"

#include "base/error.h"
#include "store/files.h"
#include "store/write-back.h"

#include <errno.h>
#include <gdbm.h>
#include <stdlib.h>

/* Buckets of one block each: what GDBM keeps of the file beside the page cache. A walk goes from
 * bucket to bucket and needs few. */
#define CACHE_BUCKETS      1024U
#define CACHE_BUCKETS_WALK 64U

struct Table {
    GDBM_FILE file;
    char *path;
    WriteBack *back; /* NULL: each write goes to the file at once */
};

static gboolean failed(const Table *table, const char *what, GError **error)
{
    int number = gdbm_check_syserr(gdbm_errno) ? errno : 0;
    AntaraError code = files_error(number);

    g_set_error(
        error, ANTARA_ERROR, (int)code, "%s: %s: %s%s%s", table->path, what,
        gdbm_strerror(gdbm_errno), number ? ": " : "", number ? g_strerror(number) : "");
    return FALSE;
}

static gboolean set_cache(Table *table, TableMode mode, GError **error)
{
    size_t buckets = mode == TABLE_LOOK ? CACHE_BUCKETS_WALK : CACHE_BUCKETS;

    return gdbm_setopt(table->file, GDBM_SETCACHESIZE, &buckets, sizeof(buckets)) == 0 ||
           failed(table, "the cache can't be set", error);
}

Table *table_open(const char *path, TableMode mode, GError **error)
{
    static const int modes[] = {GDBM_NEWDB, GDBM_WRITER, GDBM_READER};
    g_autoptr(Table) table = g_new0(Table, 1);
    int flags = modes[mode] | GDBM_NOMMAP | GDBM_NOLOCK | GDBM_CLOEXEC;

    table->path = g_strdup(path);
    table->file = gdbm_open(path, 4096, flags, 0600, NULL);
    if (!table->file) {
        (void)failed(table, "can't be opened", error);
        return NULL;
    }
    return set_cache(table, mode, error) ? g_steal_pointer(&table) : NULL;
}

static gboolean
file_put(const Table *table, const guint8 *key, const void *value, gsize size, GError **error)
{
    const datum name = {(char *)key, TABLE_KEY_BYTES};
    const datum content = {(char *)value, (int)size};

    return gdbm_store(table->file, name, content, GDBM_REPLACE) == 0 ||
           failed(table, "can't be written", error);
}

static gboolean file_delete(const Table *table, const guint8 *key, GError **error)
{
    const datum name = {(char *)key, TABLE_KEY_BYTES};

    return gdbm_delete(table->file, name) == 0 || gdbm_errno == GDBM_ITEM_NOT_FOUND ||
           failed(table, "can't be written", error);
}

/* Takes the first of the writes that wait. */
static gboolean take_first(Table *table, GError **error)
{
    const WriteBackEntry *first = write_back_first(table->back);
    gsize size = 0;
    const void *value = first->value ? g_bytes_get_data(first->value, &size) : NULL;

    if (first->value ? !file_put(table, first->key, value, size, error)
                     : !file_delete(table, first->key, error)) {
        return FALSE;
    }
    write_back_drop_first(table->back);
    return TRUE;
}

static gboolean take_all(Table *table, GError **error)
{
    while (table->back && write_back_first(table->back)) {
        if (!take_first(table, error)) {
            return FALSE;
        }
    }
    return TRUE;
}

/* @value (transfer full), NULL to delete */
static gboolean put_back(Table *table, const guint8 *key, GBytes *value, GError **error)
{
    write_back_put(table->back, key, value);
    while (write_back_is_over(table->back)) {
        if (!take_first(table, error)) {
            return FALSE;
        }
    }
    return TRUE;
}

void table_write_back(Table *table)
{
    g_assert(!table->back);
    table->back = write_back_new();
}

gboolean table_close(Table *table, GError **error)
{
    gboolean done = take_all(table, error) &&
                    (gdbm_sync(table->file) == 0 || failed(table, "can't be synced", error));

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
    write_back_free(table->back);
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
    const WriteBackEntry *waits = table->back ? write_back_find(table->back, key) : NULL;
    const datum name = {(char *)key, TABLE_KEY_BYTES};

    if (waits) {
        *ret_value = waits->value ? g_bytes_ref(waits->value) : NULL;
        return TRUE;
    }
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
    return table->back ? put_back(table, key, g_bytes_new(value, size), error)
                       : file_put(table, key, value, size, error);
}

gboolean table_delete(Table *table, const guint8 key[TABLE_KEY_BYTES], GError **error)
{
    return table->back ? put_back(table, key, NULL, error) : file_delete(table, key, error);
}

/* The key after @key, which is freed; dptr NULL at the end, or after an error. */
static datum key_after(Table *table, datum key)
{
    datum next = gdbm_nextkey(table->file, key);

    free(key.dptr);
    return next;
}

static gboolean visit_key(Table *table, datum key, TableVisit visit, gpointer data, GError **error)
{
    g_autoptr(GBytes) value = NULL;

    if (key.dsize != (int)TABLE_KEY_BYTES) {
        g_set_error(
            error, ANTARA_ERROR, ANTARA_ERROR_DAMAGED, "%s: a key is not of ours", table->path);
        return FALSE;
    }
    return table_get(table, (const guint8 *)key.dptr, &value, error) &&
           (value || failed(table, "a key has no value", error)) &&
           visit((const guint8 *)key.dptr, value, data, error);
}

gboolean table_walk(Table *table, TableVisit visit, gpointer data, GError **error)
{
    if (!take_all(table, error)) {
        return FALSE;
    }
    datum key = gdbm_firstkey(table->file);
    while (key.dptr) {
        if (!visit_key(table, key, visit, data, error)) {
            free(key.dptr);
            return FALSE;
        }
        key = key_after(table, key);
    }
    return gdbm_errno == GDBM_ITEM_NOT_FOUND || failed(table, "can't be walked", error);
}
