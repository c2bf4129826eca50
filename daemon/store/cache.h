/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * cache.h - values that were opened or written lately
 *
 * A read that finds its value here costs no MAC, no cipher and no table. It is used under the
 * store's lock, and a commit changes it only after the table: it never tells what the table does
 * not. What was not wanted for longest goes first. It holds copies of its own: no thread shares
 * what it gave out.
 */

#include "store/value.h"

#define CACHE_VALUES_MAX      4096U
#define CACHE_BYTES_MAX       ((gsize)2 * 1024 * 1024) /* of all values */
#define CACHE_VALUE_BYTES_MAX ((gsize)2048)            /* a larger one is not kept */

typedef struct Cache Cache;

typedef struct CacheEntry {
    Address address;
    guint8 key[TABLE_KEY_BYTES]; /* of that address */
    guint8 *plain;               /* copied; wiped when it goes */
    gsize size;
    gint64 expires_usec;
    GList use; /* place in the order of use */
} CacheEntry;

Cache *cache_new(void);
void cache_free(Cache *cache);

/* (nullable) (transfer none): good until the next call. Expired values are found too. */
const CacheEntry *cache_find(Cache *cache, const Address *address);

/* In place of what was there. */
void cache_put(
    Cache *cache,
    const Address *address,
    const guint8 key[TABLE_KEY_BYTES],
    GBytes *plain,
    gint64 expires_usec);

/* What is not there is fine. */
void cache_drop(Cache *cache, const Address *address);

guint cache_length(const Cache *cache);
