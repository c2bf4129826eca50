/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * fuzz-store.c - any bytes as frame, head of a segment, value, and payload of a commit
 *
 * The first byte chooses. Keys are fixed, so that saved inputs that verify go on verifying.
 */

#include "store/payload.h"
#include "store/segment.h"
#include "store/value.h"

#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const guint8 journal_key[32] = {1};
static const guint8 store_id[16] = {2};
static const guint8 salt[FRAME_SALT_BYTES] = {3};

static void read_frame(const guint8 *data, gsize size)
{
    FrameKeys keys;
    FrameHead head;

    frame_keys_derive(journal_key, &keys);
    if (frame_read(&keys, salt, data, size, &head)) {
        g_autoptr(GBytes) plain = frame_open(&keys, &head, data);
        g_assert(!plain || g_bytes_get_size(plain) < size);
    }
}

static void read_segment_head(const guint8 *data, gsize size)
{
    guint8 found[FRAME_SALT_BYTES];
    SegmentSet set = {.store_id = store_id};

    frame_keys_derive(journal_key, &set.keys);
    (void)segment_head_read(&set, 1, data, size, found);
}

static void read_value(const guint8 *data, gsize size)
{
    static Keyring *keyring;
    g_autoptr(GBytes) sealed = g_bytes_new(data, size);
    g_auto(Address) address = {0};
    g_auto(Address) found = {0};
    guint8 place[TABLE_KEY_BYTES];
    ValueKeys keys;
    gint64 expires = 0;

    keyring = keyring ? keyring : keyring_new();
    g_assert(value_keys_init(&keys, keyring, KEYRING_SYSTEM, NULL));
    address_init(&address, KEYRING_SYSTEM, 7, "id", 2);
    value_key(&keys, &address, place);
    g_assert(!value_address(&keys, place, sealed, &found));
    g_autoptr(GBytes) plain = value_open(&keys, &address, sealed, &expires, NULL);
    g_assert(!plain);
}

static Table *make_table(void)
{
    g_autofree char *dir = g_dir_make_tmp("antara-fuzz-XXXXXX", NULL);
    g_autofree char *path = g_build_filename(dir, "table", NULL);
    Table *table = table_open(path, TABLE_FRESH, NULL);

    g_assert(table && unlink(path) == 0 && rmdir(dir) == 0);
    return table;
}

static void read_payload(const guint8 *data, gsize size)
{
    static Table *table;
    g_autoptr(GBytes) payload = g_bytes_new(data, size);
    gint64 time_usec = 0;

    table = table ? table : make_table();
    (void)payload_apply(payload, table, &time_usec, NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static void (*const readers[])(const guint8 *, gsize) = {
        read_frame, read_segment_head, read_value, read_payload};

    if (size > 0) {
        readers[data[0] % G_N_ELEMENTS(readers)](data + 1, size - 1);
    }
    return 0;
}
