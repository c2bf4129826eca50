/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "store/sift.h"

#include <string.h>

typedef struct Last {
    guint8 key[TABLE_KEY_BYTES];
    guint64 place; /* counts the writes of the segment */
} Last;

typedef struct Sift {
    GHashTable *last; /* of Last */
    guint64 place;
    gint64 time_usec;
    PayloadVisit visit;
    gpointer data;
} Sift;

/* The key is a MAC: any part of it is as good as a hash. */
static guint last_hash(gconstpointer last)
{
    guint hash = 0;

    memcpy(&hash, ((const Last *)last)->key, sizeof(hash));
    return hash;
}

static gboolean last_equal(gconstpointer a, gconstpointer b)
{
    return memcmp(((const Last *)a)->key, ((const Last *)b)->key, TABLE_KEY_BYTES) == 0;
}

static gboolean note(const PayloadWrite *write, gpointer data, G_GNUC_UNUSED GError **error)
{
    Sift *sift = data;
    Last *last = g_new(Last, 1);

    memcpy(last->key, write->key, TABLE_KEY_BYTES);
    last->place = sift->place++;
    (void)g_hash_table_replace(sift->last, last, last);
    return TRUE;
}

static gboolean pass_on(const PayloadWrite *write, gpointer data, GError **error)
{
    Sift *sift = data;
    Last wanted = {.place = sift->place++};

    memcpy(wanted.key, write->key, TABLE_KEY_BYTES);
    const Last *last = g_hash_table_lookup(sift->last, &wanted);
    g_assert(last); /* the first pass saw the same bytes */
    return last->place != wanted.place || sift->visit(write, sift->data, error);
}

static gboolean note_all(GBytes *plain, gpointer data, GError **error)
{
    return payload_walk(plain, &((Sift *)data)->time_usec, note, data, error);
}

static gboolean pass_all(GBytes *plain, gpointer data, GError **error)
{
    return payload_walk(plain, &((Sift *)data)->time_usec, pass_on, data, error);
}

static gboolean is_whole(const Scan *scan, GError **error)
{
    gsize offset = 0;

    return !scan_finds_later_group(scan, &offset) ||
           scan_damaged(scan, scan->at, "valid commits stand behind it", error);
}

gboolean
sift_segment(Scan *scan, PayloadVisit visit, gpointer data, gint64 *ret_time_usec, GError **error)
{
    g_autoptr(GHashTable) last = g_hash_table_new_full(last_hash, last_equal, g_free, NULL);
    Sift sift = {.last = last, .time_usec = *ret_time_usec, .visit = visit, .data = data};

    if (!scan_frames(scan, note_all, &sift, error) || !is_whole(scan, error)) {
        return FALSE;
    }
    scan_rewind(scan);
    sift.place = 0;
    if (!scan_frames(scan, pass_all, &sift, error)) {
        return FALSE;
    }
    *ret_time_usec = sift.time_usec;
    return TRUE;
}
