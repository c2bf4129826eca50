/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "store/store.h"

#include "base/error.h"
#include "store/backup.h"
#include "store/replay.h"
#include "store/settle.h"
#include "store/upkeep.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/file.h>
#include <sys/vfs.h>
#include <unistd.h>

#ifndef CIFS_SUPER_MAGIC
#define CIFS_SUPER_MAGIC 0xff534d42
#endif

static gboolean refuse(const Store *store, GError **error, const char *words)
{
    g_set_error(error, ANTARA_ERROR, ANTARA_ERROR_FAILED, "%s: %s", store->dir, words);
    return FALSE;
}

/* Locks and syncs of a network file system are not to be trusted. */
static gboolean is_local(const Store *store, GError **error)
{
    static const guint32 remote[] = {NFS_SUPER_MAGIC,  SMB_SUPER_MAGIC, SMB2_SUPER_MAGIC,
                                     CIFS_SUPER_MAGIC, AFS_SUPER_MAGIC, CODA_SUPER_MAGIC,
                                     CEPH_SUPER_MAGIC, V9FS_MAGIC,      FUSE_SUPER_MAGIC};
    struct statfs status;

    if (statfs(store->dir, &status) < 0) {
        return files_failed("can't be opened: make the directory first", store->dir, error);
    }
    for (guint i = 0; i < G_N_ELEMENTS(remote); i++) {
        if ((guint32)status.f_type == remote[i]) {
            return refuse(
                store, error, "this is a network file system: a store needs a local disk");
        }
    }
    return TRUE;
}

static gboolean take_lock(Store *store, GError **error)
{
    g_autofree char *path = g_build_filename(store->dir, "lock", NULL);

    store->lock_fd = store->files->open(path, O_RDWR | O_CREAT, 0600);
    if (store->lock_fd < 0) {
        return files_failed("can't be opened", path, error);
    }
    return flock(store->lock_fd, LOCK_EX | LOCK_NB) == 0 ||
           refuse(store, error, "another antarad has this store open");
}

/* A new store: first the segment, then the manifest that names it; before that it is not a store.
 */
static gboolean make_files(Store *store, const Clock *clock, GError **error)
{
    store->manifest.made_usec = clock->wall_usec(clock->data);
    g_autoptr(Segment) segment = segment_make(&store->segments, 1, error);

    return segment && segment_publish(segment, error) &&
           manifest_save(&store->manifest, store->files, store->dir, store->keyring, error);
}

void store_fail(Store *store, const GError *error)
{
    __atomic_store_n(&store->has_failed, 1, __ATOMIC_RELEASE);
    store->failed(error, store->failed_data);
}

gboolean store_has_failed(const Store *store)
{
    return __atomic_load_n(&store->has_failed, __ATOMIC_ACQUIRE);
}

static void journal_has_failed(const GError *error, gpointer data)
{
    store_fail(data, error);
}

static gboolean claim_table_room(gboolean journal_is_short, gpointer data)
{
    Store *store = data;
    gboolean lacking = !room_claim(&store->room, 0, 0, FALSE);
    int read_only = lacking || journal_is_short;

    if (__atomic_exchange_n(&store->told_read_only, read_only, __ATOMIC_ACQ_REL) != read_only) {
        store_ring(store);
    }
    return lacking;
}

static void segment_was_closed(gpointer data)
{
    upkeep_wake(((Store *)data)->upkeep);
}

static gboolean journal_begin(Store *store, const JournalPlace *place, GError **error)
{
    const JournalOptions journal = {
        .set = &store->segments,
        .place = *place,
        .durable = store_became_durable,
        .failed = journal_has_failed,
        .claim = claim_table_room,
        .closed = segment_was_closed,
        .data = store,
    };

    store->journal = journal_start(&journal, error);
    return store->journal != NULL;
}

static void segments_init(Store *store, gsize segment_bytes)
{
    const Secret *key = keyring_current(store->keyring, KEYRING_SYSTEM, KEY_JOURNAL, NULL);

    store->segments = (SegmentSet){
        .files = store->files,
        .dir = store->dir,
        .store_id = keyring_store_id(store->keyring),
        .bytes = segment_bytes ? segment_bytes : SEGMENT_BYTES,
    };
    frame_keys_derive(secret_peek(key), &store->segments.keys);
}

static gboolean
store_start(Store *store, const StoreOptions *options, gboolean fresh, GError **error)
{
    JournalPlace place = {0};

    segments_init(store, options->segment_bytes);
    if ((fresh && !make_files(store, options->clock, error)) ||
        !manifest_load(&store->manifest, store->files, store->dir, store->keyring, error) ||
        !settle_leftovers(store, error) || !replay_table(store, options, &place, error)) {
        return FALSE;
    }
    store->epoch = store->manifest.epoch;
    store->room.fd = table_fd(store->table);
    table_write_back(store->table);
    store_time_init(&store->time, options->clock, place.time_usec);
    if (!journal_begin(store, &place, error)) {
        return FALSE;
    }
    store->upkeep = upkeep_start(store);
    return TRUE;
}

static void store_free(Store *store)
{
    g_clear_pointer(&store->upkeep, upkeep_free);
    g_clear_pointer(&store->table, table_free);
    g_clear_pointer(&store->keyring, keyring_free);
    room_clear(&store->room);
    store_listeners_clear(store);
    undurable_free(store->undurable);
    cache_free(store->cache);
    if (store->lock_fd >= 0) {
        (void)store->files->close(store->lock_fd);
    }
    secret_wipe(&store->segments.keys, sizeof(store->segments.keys));
    (void)pthread_mutex_destroy(&store->lock);
    (void)pthread_mutex_destroy(&store->listeners_lock);
    keks_free(store->keks);
    kek_unref(store->kek);
    g_free(store->dir);
    g_free(store);
}

static Store *store_new(const StoreOptions *options)
{
    Store *store = g_new0(Store, 1);

    store->files = options->files ? options->files : store_files_system();
    store->dir = g_strdup(options->dir);
    store->lock_fd = -1;
    store->kek = kek_ref(options->kek);
    store->failed = options->failed;
    store->rewrap = options->rewrap;
    store->failed_data = options->data;
    store->undurable = undurable_new();
    store->cache = cache_new();
    room_init(&store->room, store->files);
    manifest_init(&store->manifest);
    store->listeners = g_ptr_array_new();
    g_queue_init(&store->told);
    g_assert(pthread_mutex_init(&store->lock, NULL) == 0);
    g_assert(pthread_mutex_init(&store->listeners_lock, NULL) == 0);
    return store;
}

Store *store_open(const StoreOptions *options, GError **error)
{
    Store *store = store_new(options);
    gboolean fresh = FALSE;

    if (!is_local(store, error) || !take_lock(store, error) ||
        !settle_keyring(store, options->tenants, &fresh, error) ||
        !store_start(store, options, fresh, error)) {
        store_free(store);
        return NULL;
    }
    return store;
}

gboolean store_close(Store *store, GError **error)
{
    JournalPlace place = {0};

    upkeep_stop(store->upkeep);
    gboolean good = journal_stop(store->journal, &place) && !store_has_failed(store);

    if (!good) {
        (void)refuse(
            store, error,
            "journal and table could not be written to their end: the next start "
            "recovers");
    }
    good = good && table_close(g_steal_pointer(&store->table), error) &&
           clean_write(store, &place, error);
    store_free(store);
    return good;
}

void store_push(Store *store)
{
    journal_push(store->journal);
}

guint64 store_durable_point(Store *store)
{
    return journal_durable(store->journal);
}

gboolean store_is_read_only(Store *store)
{
    return room_is_short(&store->room) || journal_is_short(store->journal);
}

const Kek *store_kek(Store *store)
{
    return store->kek;
}

gboolean store_restore(const StoreOptions *options, const char *from, GError **error)
{
    const StoreFiles *files = options->files ? options->files : store_files_system();
    const Clock *clock = options->clock;

    return backup_restore(
        files, from, options->dir, options->kek, clock->wall_usec(clock->data), error);
}

guint64 store_epoch(const Store *store)
{
    return store->epoch;
}

guint store_keyring_changes(const Store *store)
{
    return (guint)g_atomic_int_get(&store->keyring_changes);
}

void store_believe_clock(Store *store)
{
    LOCKED(&store->lock);

    store_time_believe(&store->time);
}
