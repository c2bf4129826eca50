/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* table-key.h - the physical key of a record: a MAC, so that any part of it is as good as a hash */

#include <glib.h>
#include <string.h>

#define TABLE_KEY_BYTES 16U

static inline guint table_key_hash(gconstpointer key)
{
    guint hash = 0;

    memcpy(&hash, key, sizeof(hash));
    return hash;
}

static inline gboolean table_key_equal(gconstpointer a, gconstpointer b)
{
    return memcmp(a, b, TABLE_KEY_BYTES) == 0;
}
