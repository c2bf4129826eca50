/* SPDX-License-Identifier: GPL-3.0-or-later */

/* check-store.c - a check of a store that nobody has open, and of one that runs */

#include "base/error.h"
#include "store/check.h"
#include "store/checkpoint.h"
#include "store/snapshot.h"
#include "store/upkeep-inside.h"

#include <fcntl.h>
#include <string.h>
#include <sys/file.h>

static void say(GString *report, const char *format, ...) G_GNUC_PRINTF(2, 3);

static void say(GString *report, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    g_string_append_vprintf(report, format, arguments);
    va_end(arguments);
    g_string_append_c(report, '\n');
}

static gboolean lock(const StoreOptions *options, int *ret_fd, GError **error)
{
    g_autofree char *path = g_build_filename(options->dir, "lock", NULL);

    *ret_fd = store_files_system()->open(path, O_RDONLY, 0);
    if (*ret_fd < 0) {
        return files_failed("can't be opened: is there a store?", path, error);
    }
    if (flock(*ret_fd, LOCK_EX | LOCK_NB) == 0) {
        return TRUE;
    }
    g_set_error(
        error, ANTARA_ERROR, ANTARA_ERROR_FAILED,
        "%s: antarad has this store open: use antaractl check", options->dir);
    return FALSE;
}

static Keyring *
try_keyring(const StoreOptions *options, const char *name, GString *report, GError **error)
{
    g_autofree char *path = g_build_filename(options->dir, name, NULL);
    g_autoptr(GBytes) wrapped = NULL;

    if (!files_load(store_files_system(), path, &wrapped, error)) {
        return NULL;
    }
    if (!wrapped) {
        g_set_error(error, ANTARA_ERROR, ANTARA_ERROR_DAMAGED, "%s: missing", path);
        return NULL;
    }
    Keyring *keyring = keyring_unwrap(wrapped, options->kek, error);
    if (keyring) {
        say(report, "%s: whole, wrapped by the KEK %s", name, kek_id(options->kek));
    } else {
        g_prefix_error(error, "%s: ", path);
    }
    return keyring;
}

/* The first of the two files that the KEK opens; the error is that of the first. */
static Keyring *find_keyring(const StoreOptions *options, GString *report, GError **error)
{
    Keyring *keyring = try_keyring(options, "keyring", report, error);

    if (!keyring) {
        keyring = try_keyring(options, "keyring-next", report, NULL);
    }
    return keyring;
}

static void say_manifest(GString *report, const Manifest *manifest)
{
    say(report,
        "manifest: whole; snapshot %" G_GUINT64_FORMAT " with %" G_GUINT64_FORMAT
        " records, then the journal from segment %" G_GUINT64_FORMAT
        " on; epoch %" G_GUINT64_FORMAT,
        manifest->snapshot, manifest->records, manifest->begin.segment, manifest->epoch);
}

static gboolean
check_files(const StoreOptions *options, const Keyring *keyring, GString *report, GError **error)
{
    const Secret *key = keyring_current(keyring, KEYRING_SYSTEM, KEY_JOURNAL, NULL);
    SegmentSet set = {
        .files = store_files_system(),
        .dir = options->dir,
        .store_id = keyring_store_id(keyring),
        .bytes = options->segment_bytes ? options->segment_bytes : SEGMENT_BYTES};
    Manifest manifest;
    Check check = {.set = &set, .keyring = keyring, .manifest = &manifest};
    JournalPlace place = {0};

    frame_keys_derive(secret_peek(key), &set.keys);
    if (!manifest_load(&manifest, set.files, set.dir, keyring, error)) {
        return FALSE;
    }
    say_manifest(report, &manifest);
    if (!check_snapshot(&check, error)) {
        return FALSE;
    }
    say(report, "snapshot: %" G_GUINT64_FORMAT " records, all whole", check.records);
    if (!check_journal(&check, &place, error)) {
        return FALSE;
    }
    say(report,
        "journal: %" G_GUINT64_FORMAT " commits, all whole; the last is number %" G_GUINT64_FORMAT
        ", in segment %" G_GUINT64_FORMAT,
        check.commits, place.sequence, place.segment);
    return TRUE;
}

/* What can be done, where something is not right. */
static void say_advice(GString *report, const GError *error)
{
    if (g_error_matches(error, ANTARA_ERROR, ANTARA_ERROR_DAMAGED)) {
        say(report,
            "\nWhat can be done: first copy the whole directory away, and change nothing in it.\n"
            "1. If a file is missing, or came from elsewhere: put the right one back.\n"
            "2. If the disk is failing: copy the directory to a good one, and check the copy.\n"
            "3. Restore the last backup into an empty directory: antarad --restore FILE; what came "
            "after it is lost.");
    }
}

gboolean store_check(const StoreOptions *options, GString *report, GError **error)
{
    g_autoptr(GError) problem = NULL;
    int fd = -1;

    if (!lock(options, &fd, error)) {
        return FALSE;
    }
    g_autoptr(Keyring) keyring = find_keyring(options, report, &problem);
    if (keyring) {
        g_clear_error(&problem);
    }
    gboolean good = keyring && check_files(options, keyring, report, &problem);
    (void)store_files_system()->close(fd);
    if (!good) {
        say(report, "%s", problem->message);
        say_advice(report, problem);
        g_propagate_error(error, g_steal_pointer(&problem));
    }
    return good;
}

/* --- of one that runs --- */

typedef struct Live {
    Store *store;
    guint64 records;
    const Pace *pace;
} Live;

/* What stands in the table for a record of the snapshot. */
static gboolean
see_live(const guint8 *key, G_GNUC_UNUSED GBytes *value, gpointer data, GError **error)
{
    Live *live = data;

    {
        g_autoptr(GBytes) now = NULL;
        LOCKED(&live->store->lock);
        if (!table_get(live->store->table, key, &now, error) ||
            (now && !check_value(live->store->keyring, key, now, error))) {
            return FALSE;
        }
    }
    return ++live->records % 256U != 0 || pace_rest(live->pace, 0, error);
}

static gboolean check_table(Upkeep *upkeep, GError **error)
{
    Store *store = upkeep->store;
    Live live = {.store = store, .pace = &upkeep->pace};
    g_autofree char *path = snapshot_path(store->dir, store->manifest.snapshot);

    if (!store->manifest.snapshot) {
        return TRUE;
    }
    g_autoptr(Table) table = table_open(path, TABLE_LOOK, error);
    return table && table_walk(table, see_live, &live, error);
}

gboolean check_running(Upkeep *upkeep, GError **error)
{
    Store *store = upkeep->store;
    guint64 last_closed = journal_segment(store->journal) - 1;
    Check check = {
        .set = &store->segments,
        .keyring = store->keyring,
        .manifest = &store->manifest,
        .pace = &upkeep->pace};

    upkeep_expect(
        upkeep, checkpoint_work_bytes(&store->manifest, last_closed, store->segments.bytes) / 2);
    if (!check_snapshot(&check, error) || !check_closed(&check, last_closed, error) ||
        !check_table(upkeep, error)) {
        return FALSE;
    }
    LOCKED(&upkeep->lock);
    (void)g_snprintf(
        upkeep->work.words, sizeof(upkeep->work.words),
        "%" G_GUINT64_FORMAT " records of the snapshot and of the table, and %" G_GUINT64_FORMAT
        " commits of the journal are whole",
        check.records, check.commits);
    return TRUE;
}
