/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "store/check.h"

#include "base/error.h"
#include "store/payload.h"
#include "store/recover.h"
#include "store/snapshot.h"
#include "store/value.h"

#include <string.h>

#define RECORDS_A_REST 256U

static gboolean damaged(GError **error, const char *path, const char *words)
{
    g_set_error(error, ANTARA_ERROR, ANTARA_ERROR_DAMAGED, "%s: %s", path, words);
    return FALSE;
}

gboolean check_value(
    const Keyring *keyring,
    const guint8 key[TABLE_KEY_BYTES],
    GBytes *sealed,
    GError **error)
{
    const char *tenant = keyring_tenant_of(keyring, value_data_key_id(sealed));
    g_auto(Address) address = {0};
    guint8 expected[TABLE_KEY_BYTES];
    gint64 expires_usec = 0;
    ValueKeys keys;

    if (!tenant) {
        return damaged(error, "a record", "it is damaged, or under a key that is gone");
    }
    if (!value_keys_init(&keys, keyring, tenant, error)) {
        return FALSE;
    }
    if (!value_address(&keys, key, sealed, &address)) {
        return damaged(error, "a record", "it is damaged");
    }
    value_key(&keys, &address, expected);
    g_autoptr(GBytes) plain = value_open(&keys, &address, sealed, &expires_usec, error);
    return plain && (memcmp(expected, key, sizeof(expected)) == 0 ||
                     damaged(error, "a record", "it stands where another belongs"));
}

static gboolean see(const guint8 *key, GBytes *value, gpointer data, GError **error)
{
    Check *check = data;

    check->records++;
    return check_value(check->keyring, key, value, error) &&
           (check->records % RECORDS_A_REST != 0 || pace_rest(check->pace, 0, error));
}

gboolean check_snapshot(Check *check, GError **error)
{
    const Manifest *manifest = check->manifest;
    g_autofree char *path = snapshot_path(check->set->dir, manifest->snapshot);
    Snapshot snapshot = {.files = check->set->files, .path = path};

    if (!manifest->snapshot) {
        return TRUE;
    }
    if (!snapshot_measure(&snapshot, check->pace, error)) {
        return FALSE;
    }
    if (snapshot.bytes != manifest->snapshot_bytes ||
        memcmp(snapshot.sha256, manifest->snapshot_sha256, sizeof(snapshot.sha256)) != 0) {
        return damaged(error, path, "damaged, or not the snapshot that the manifest names");
    }
    g_autoptr(Table) table = table_open(path, TABLE_LOOK, error);
    if (!table || !table_walk(table, see, check, error)) {
        g_prefix_error(error, "%s: ", path);
        return FALSE;
    }
    return TRUE;
}

static gboolean nothing(
    G_GNUC_UNUSED const PayloadWrite *write,
    G_GNUC_UNUSED gpointer data,
    G_GNUC_UNUSED GError **error)
{
    return TRUE;
}

static gboolean count(GBytes *plain, gpointer data, GError **error)
{
    Check *check = data;
    gint64 time_usec = 0;

    check->commits++;
    return payload_walk(plain, &time_usec, nothing, NULL, error);
}

static gboolean check_segment(Check *check, Scan *scan, guint64 number, GError **error)
{
    gsize offset = 0;

    return scan_load(scan, number, error) && scan_frames(scan, count, check, error) &&
           (!scan_finds_later_group(scan, &offset) ||
            scan_damaged(scan, scan->at, "valid commits stand behind it", error)) &&
           pace_rest(check->pace, check->set->bytes, error);
}

gboolean check_closed(Check *check, guint64 last_closed, GError **error)
{
    const JournalPlace *begin = &check->manifest->begin;
    FrameHead last = {.sequence = begin->sequence, .group = begin->group, .of = 1};
    g_auto(Scan) scan = {.set = NULL};

    memcpy(last.tag, begin->tag, sizeof(last.tag));
    scan_init(&scan, check->set, &last);
    for (guint64 number = begin->segment; number <= last_closed; number++) {
        if (!check_segment(check, &scan, number, error)) {
            return FALSE;
        }
    }
    return TRUE;
}

gboolean check_journal(Check *check, JournalPlace *ret_place, GError **error)
{
    const RecoverOptions look = {
        .set = check->set,
        .begin = check->manifest->begin,
        .look = TRUE,
        .apply = count,
        .data = check,
    };

    return recover_journal(&look, ret_place, error);
}
