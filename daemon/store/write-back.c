/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "store/write-back.h"

#include <string.h>

struct WriteBack {
    GHashTable *entries; /* key (in the entry) -> WriteBackEntry, owned */
    GQueue order;        /* of WriteBackEntry, the first to come first */
    gsize bytes;         /* of all values */
};

static void entry_free(gpointer data)
{
    WriteBackEntry *entry = data;

    g_clear_pointer(&entry->value, g_bytes_unref);
    g_free(entry);
}

WriteBack *write_back_new(void)
{
    WriteBack *back = g_new0(WriteBack, 1);

    back->entries = g_hash_table_new_full(table_key_hash, table_key_equal, NULL, entry_free);
    g_queue_init(&back->order);
    return back;
}

void write_back_free(WriteBack *back)
{
    if (back) {
        g_hash_table_unref(back->entries);
        g_free(back);
    }
}

const WriteBackEntry *write_back_find(const WriteBack *back, const guint8 key[TABLE_KEY_BYTES])
{
    return g_hash_table_lookup(back->entries, key);
}

static WriteBackEntry *entry_add(WriteBack *back, const guint8 key[TABLE_KEY_BYTES])
{
    WriteBackEntry *entry = g_new0(WriteBackEntry, 1);

    memcpy(entry->key, key, TABLE_KEY_BYTES);
    entry->place.data = entry;
    (void)g_hash_table_insert(back->entries, entry->key, entry);
    g_queue_push_tail_link(&back->order, &entry->place);
    return entry;
}

static gsize size_of(const WriteBackEntry *entry)
{
    return entry->value ? g_bytes_get_size(entry->value) : 0;
}

void write_back_put(WriteBack *back, const guint8 key[TABLE_KEY_BYTES], GBytes *value)
{
    WriteBackEntry *entry = g_hash_table_lookup(back->entries, key);

    if (!entry) {
        entry = entry_add(back, key);
    }
    back->bytes -= size_of(entry);
    g_clear_pointer(&entry->value, g_bytes_unref);
    entry->value = value;
    back->bytes += size_of(entry);
}

gboolean write_back_is_over(const WriteBack *back)
{
    return back->order.length > WRITE_BACK_MAX || back->bytes > WRITE_BACK_BYTES_MAX;
}

const WriteBackEntry *write_back_first(const WriteBack *back)
{
    return g_queue_peek_head((GQueue *)&back->order);
}

void write_back_drop_first(WriteBack *back)
{
    WriteBackEntry *first = g_queue_peek_head(&back->order);

    back->bytes -= size_of(first);
    g_queue_unlink(&back->order, &first->place);
    (void)g_hash_table_remove(back->entries, first->key);
}
