/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "store/settle.h"

#include "base/error.h"
#include "store/sealed-file.h"
#include "store/snapshot.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#define KEYRING_FILE  "keyring"
#define MANIFEST_FILE "manifest"
#define MANIFEST_NEW  "manifest.new"
#define KEYRING_NEW   "keyring.new"
#define KEYRING_NEXT  "keyring-next"
#define CLEAN_FILE    "clean"
#define TABLE_FILE    "table"

static gboolean refuse(const Store *store, GError **error, const char *name, const char *words)
{
    g_set_error(error, ANTARA_ERROR, ANTARA_ERROR_DAMAGED, "%s/%s: %s", store->dir, name, words);
    return FALSE;
}

static gboolean load(const Store *store, const char *name, GBytes **ret_bytes, GError **error)
{
    g_autofree char *path = g_build_filename(store->dir, name, NULL);

    return files_load(store->files, path, ret_bytes, error);
}

/*
 * Whether no store was ever here: nothing but the lock, or what a birth leaves that was cut off. A
 * birth writes "manifest.new" before the keyring, and gives it its name last of all: before that no
 * commit was taken.
 */
static gboolean is_unborn(const Store *store, gboolean *ret_unborn, GError **error)
{
    static const char *const empty[] = {"lock", "lost+found", MANIFEST_NEW, NULL};
    static const char *const begun[] = {
        KEYRING_FILE, KEYRING_NEW, "journal-00000001", "journal-00000001.new", NULL};
    g_autoptr(GDir) dir = g_dir_open(store->dir, 0, error);
    gboolean has_begun = FALSE;
    gboolean is_staged = FALSE;
    gboolean is_ours = TRUE;

    for (const char *name; dir && (name = g_dir_read_name(dir));) {
        has_begun = has_begun || g_strv_contains(begun, name);
        is_staged = is_staged || g_str_equal(name, MANIFEST_NEW);
        is_ours = is_ours && (g_strv_contains(empty, name) || g_strv_contains(begun, name));
    }
    *ret_unborn = is_ours && (!has_begun || is_staged);
    return dir != NULL;
}

static gboolean save_wrapped(
    const Store *store,
    const char *name,
    const Keyring *keyring,
    const Kek *kek,
    GError **error)
{
    g_autoptr(GBytes) wrapped = keyring_wrap(keyring, kek);

    return files_replace(store->files, store->dir, name, wrapped, error);
}

static gboolean is_same_kek(const Kek *a, const Kek *b)
{
    return strcmp(kek_id(a), kek_id(b)) == 0;
}

gboolean
settle_save_keyring(const Store *store, const Keyring *keyring, const Keks *keks, GError **error)
{
    const Kek *next = keks_current(keks);

    return (is_same_kek(next, store->kek) ||
            save_wrapped(store, KEYRING_NEXT, keyring, next, error)) &&
           save_wrapped(store, KEYRING_FILE, keyring, store->kek, error);
}

/* The daemon was started with the new KEK of a rotation: its keyring takes the place of the other.
 * NULL with *error as it was: there is none that this KEK opens. */
static Keyring *promote(const Store *store, GError **error)
{
    g_autofree char *from = g_build_filename(store->dir, KEYRING_NEXT, NULL);
    g_autofree char *to = g_build_filename(store->dir, KEYRING_FILE, NULL);
    g_autoptr(GBytes) wrapped = NULL;

    if (!load(store, KEYRING_NEXT, &wrapped, NULL) || !wrapped) {
        return NULL;
    }
    g_autoptr(Keyring) keyring = keyring_unwrap(wrapped, store->kek, NULL);
    if (!keyring || store->files->rename(from, to) < 0 ||
        !files_sync_dir(store->files, store->dir, NULL)) {
        return NULL;
    }
    g_clear_error(error);
    return g_steal_pointer(&keyring);
}

/* Where no rotation has begun with it, the second file is one that was cut off. */
static gboolean settle_next(const Store *store, GError **error)
{
    g_autofree char *path = g_build_filename(store->dir, KEYRING_NEXT, NULL);

    if (!is_same_kek(keks_current(store->keks), store->kek)) {
        return settle_save_keyring(store, store->keyring, store->keks, error);
    }
    return store->files->unlink(path) == 0 || errno == ENOENT ||
           files_failed("can't be removed", path, error);
}

static gboolean
add_tenants(Store *store, const char *const *tenants, gboolean *changed, GError **error)
{
    for (; *tenants; tenants++) {
        if (!keyring_has_tenant(store->keyring, *tenants)) {
            keyring_add_tenant(store->keyring, *tenants);
        }
        if (!keyring_draw_signing(store->keyring, *tenants, changed, error)) {
            return FALSE;
        }
    }
    return TRUE;
}

/* Says that a birth has begun; manifest_save() ends it. */
static gboolean manifest_stage(const Store *store, GError **error)
{
    g_autoptr(GBytes) bytes = manifest_make(&store->manifest, store->keyring);

    return files_stage(store->files, store->dir, MANIFEST_FILE, bytes, error) &&
           files_sync_dir(store->files, store->dir, error);
}

/* @wrapped NULL: a new one. */
static gboolean unwrap(Store *store, GBytes *wrapped, GError **error)
{
    g_autoptr(GError) problem = NULL;

    store->keyring = wrapped ? keyring_unwrap(wrapped, store->kek, &problem) : keyring_new();
    if (!store->keyring) {
        store->keyring = promote(store, &problem);
    }
    if (!store->keyring) {
        g_propagate_prefixed_error(
            error, g_steal_pointer(&problem), "%s/" KEYRING_FILE ": ", store->dir);
        return FALSE;
    }
    store->keks = keks_new(store->keyring, store->kek);
    return TRUE;
}

gboolean
settle_keyring(Store *store, const char *const *tenants, gboolean *ret_fresh, GError **error)
{
    g_autoptr(GBytes) wrapped = NULL;
    gboolean changed = FALSE;

    if (!load(store, KEYRING_FILE, &wrapped, error) || !is_unborn(store, ret_fresh, error)) {
        return FALSE;
    }
    if (!wrapped && !*ret_fresh) {
        return refuse(
            store, error, KEYRING_FILE,
            "missing in a directory that is not empty: it is no store of ours");
    }
    if (!unwrap(store, wrapped, error)) {
        return FALSE;
    }
    return add_tenants(store, tenants, &changed, error) &&
           (!*ret_fresh || manifest_stage(store, error)) &&
           ((!changed && wrapped) ||
            settle_save_keyring(store, store->keyring, store->keks, error)) &&
           (*ret_fresh || settle_next(store, error));
}

/* Stays on the machine that wrote it, so it keeps the machine's byte order. */
typedef struct Clean {
    JournalPlace place;
    guint64 inode;
    guint64 size;
} Clean;

static gboolean table_status(const Store *store, struct stat *ret_status, GError **error)
{
    g_autofree char *path = g_build_filename(store->dir, TABLE_FILE, NULL);

    return stat(path, ret_status) == 0 || files_failed("can't be seen", path, error);
}

gboolean clean_write(Store *store, const JournalPlace *place, GError **error)
{
    struct stat status;
    Clean clean;

    memset(&clean, 0, sizeof(clean));
    if (!table_status(store, &status, error)) {
        return FALSE;
    }
    clean.place = *place;
    clean.inode = status.st_ino;
    clean.size = (guint64)status.st_size;
    g_autoptr(GBytes) bytes = sealed_file_make(store->keyring, CLEAN_FILE, &clean, sizeof(clean));
    return files_replace(store->files, store->dir, CLEAN_FILE, bytes, error);
}

gboolean clean_take(Store *store, JournalPlace *ret_place, gboolean *ret_clean, GError **error)
{
    g_autofree char *path = g_build_filename(store->dir, CLEAN_FILE, NULL);
    g_autoptr(GError) ignored = NULL;
    const SealedFile file = {store->files, store->dir, CLEAN_FILE, store->keyring, sizeof(Clean)};
    struct stat status = {0};
    Clean clean = {0};
    gboolean there = FALSE;

    /* One that can't be read says nothing: then the journal is replayed. */
    *ret_clean = sealed_file_load(&file, &clean, &there, &ignored) && there &&
                 table_status(store, &status, NULL) && clean.inode == status.st_ino &&
                 clean.size == (guint64)status.st_size;
    if (*ret_clean) {
        *ret_place = clean.place;
    }
    if (store->files->unlink(path) < 0 && errno != ENOENT) {
        return files_failed("can't be removed", path, error);
    }
    return files_sync_dir(store->files, store->dir, error);
}

/* Of what a store makes under a name of its own first. */
static gboolean is_staged(const char *name)
{
    return g_str_has_suffix(name, ".new") &&
           (g_str_has_prefix(name, "journal-") || g_str_has_prefix(name, "snapshot-") ||
            g_str_equal(name, MANIFEST_NEW) || g_str_equal(name, KEYRING_NEW) ||
            g_str_equal(name, KEYRING_NEXT ".new") || g_str_equal(name, CLEAN_FILE ".new"));
}

static gboolean is_left_over(const Store *store, const char *name)
{
    guint64 snapshot = snapshot_number(name);
    guint64 segment = segment_number(name);

    return is_staged(name) || (snapshot && snapshot != store->manifest.snapshot) ||
           (segment && segment < store->manifest.begin.segment);
}

gboolean settle_leftovers(const Store *store, GError **error)
{
    g_autoptr(GDir) dir = g_dir_open(store->dir, 0, error);

    for (const char *name; dir && (name = g_dir_read_name(dir));) {
        g_autofree char *path = g_build_filename(store->dir, name, NULL);
        if (is_left_over(store, name) && store->files->unlink(path) < 0) {
            return files_failed("can't be removed", path, error);
        }
    }
    return dir != NULL;
}
