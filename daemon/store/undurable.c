/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "store/undurable.h"

#include <string.h>

typedef struct Entry {
    guint8 key[TABLE_KEY_BYTES]; /* first: the entry is its own key */
    guint64 sequence;
} Entry;

struct Undurable {
    GHashTable *latest; /* key -> the Entry of its last commit */
    GQueue order;       /* of all Entry, owned, by sequence */
};

Undurable *undurable_new(void)
{
    Undurable *undurable = g_new0(Undurable, 1);

    undurable->latest = g_hash_table_new(table_key_hash, table_key_equal);
    g_queue_init(&undurable->order);
    return undurable;
}

void undurable_free(Undurable *undurable)
{
    g_hash_table_unref(undurable->latest);
    g_queue_clear_full(&undurable->order, g_free);
    g_free(undurable);
}

void undurable_add(Undurable *undurable, const guint8 key[TABLE_KEY_BYTES], guint64 sequence)
{
    Entry *entry = g_new(Entry, 1);

    memcpy(entry->key, key, TABLE_KEY_BYTES);
    entry->sequence = sequence;
    (void)g_hash_table_replace(undurable->latest, entry, entry);
    g_queue_push_tail(&undurable->order, entry);
}

guint64 undurable_find(const Undurable *undurable, const guint8 key[TABLE_KEY_BYTES])
{
    Entry wanted = {.sequence = 0};

    memcpy(wanted.key, key, TABLE_KEY_BYTES);
    const Entry *found = g_hash_table_lookup(undurable->latest, &wanted);
    return found ? found->sequence : 0;
}

void undurable_prune(Undurable *undurable, guint64 durable)
{
    for (Entry *entry;
         (entry = g_queue_peek_head(&undurable->order)) && entry->sequence <= durable;) {
        (void)g_queue_pop_head(&undurable->order);
        if (g_hash_table_lookup(undurable->latest, entry) == entry) {
            (void)g_hash_table_remove(undurable->latest, entry);
        }
        g_free(entry);
    }
}
