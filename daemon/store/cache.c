/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "store/cache.h"

#include "base/secret.h"

#include <string.h>

struct Cache {
    GHashTable *entries; /* Address (in the entry) -> CacheEntry, owned */
    GQueue uses;         /* of CacheEntry, the latest first */
    gsize bytes;         /* of all values */
};

/* Ids are random or MACs but for names that people choose: at worst a search of all that is kept.
 */
static guint address_hash(gconstpointer data)
{
    const Address *address = data;
    guint32 hash = 5381;

    for (gsize i = 0; i < address->size; i++) {
        hash = hash * 33 + address->bytes[i];
    }
    return hash;
}

static gboolean address_equal(gconstpointer a, gconstpointer b)
{
    const Address *one = a;
    const Address *other = b;

    return one->size == other->size && memcmp(one->bytes, other->bytes, one->size) == 0;
}

static void entry_free(gpointer data)
{
    CacheEntry *entry = data;

    address_clear(&entry->address);
    secret_wipe(entry->plain, entry->size);
    g_free(entry->plain);
    g_free(entry);
}

Cache *cache_new(void)
{
    Cache *cache = g_new0(Cache, 1);

    cache->entries = g_hash_table_new_full(address_hash, address_equal, NULL, entry_free);
    g_queue_init(&cache->uses);
    return cache;
}

void cache_free(Cache *cache)
{
    g_hash_table_unref(cache->entries);
    g_free(cache);
}

static void entry_drop(Cache *cache, CacheEntry *entry)
{
    cache->bytes -= entry->size;
    g_queue_unlink(&cache->uses, &entry->use);
    (void)g_hash_table_remove(cache->entries, &entry->address);
}

static void make_room(Cache *cache, gsize bytes)
{
    while (cache->uses.length == CACHE_VALUES_MAX || cache->bytes + bytes > CACHE_BYTES_MAX) {
        entry_drop(cache, g_queue_peek_tail(&cache->uses));
    }
}

const CacheEntry *cache_find(Cache *cache, const Address *address)
{
    CacheEntry *entry = g_hash_table_lookup(cache->entries, address);

    if (entry && cache->uses.head != &entry->use) {
        g_queue_unlink(&cache->uses, &entry->use);
        g_queue_push_head_link(&cache->uses, &entry->use);
    }
    return entry;
}

void cache_put(
    Cache *cache,
    const Address *address,
    const guint8 key[TABLE_KEY_BYTES],
    GBytes *plain,
    gint64 expires_usec)
{
    gsize size = 0;
    const void *data = g_bytes_get_data(plain, &size);

    cache_drop(cache, address);
    if (size > CACHE_VALUE_BYTES_MAX) {
        return;
    }
    make_room(cache, size);

    CacheEntry *entry = g_new0(CacheEntry, 1);
    entry->address = (Address){g_memdup2(address->bytes, address->size), address->size};
    memcpy(entry->key, key, TABLE_KEY_BYTES);
    entry->plain = g_memdup2(data, size);
    entry->size = size;
    cache->bytes += size;
    entry->expires_usec = expires_usec;
    entry->use.data = entry;
    (void)g_hash_table_insert(cache->entries, &entry->address, entry);
    g_queue_push_head_link(&cache->uses, &entry->use);
}

void cache_drop(Cache *cache, const Address *address)
{
    CacheEntry *entry = g_hash_table_lookup(cache->entries, address);

    if (entry) {
        entry_drop(cache, entry);
    }
}

guint cache_length(const Cache *cache)
{
    return cache->uses.length;
}
