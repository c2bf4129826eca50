/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "crash-disk.h"

#include "base/lock.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define SECTOR_BYTES ((gsize)512)
#define FDS_MAX      1024
#define GARBAGE      20000U

typedef enum NoteKind {
    NOTE_NAME,
    NOTE_UNNAME,
    NOTE_WRITE,
    NOTE_SYNC,
    NOTE_SYNC_DIR,
    NOTE_ANSWER
} NoteKind;

typedef struct Note {
    NoteKind kind;
    guint file;  /* which: counts the files that were made */
    char *name;  /* NAME, UNNAME */
    char *gone;  /* NAME: the name before; a rename is one step */
    gsize place; /* WRITE */
    GBytes *data;
    gboolean whole; /* WRITE: all that is in the file */
    guint64 point;  /* ANSWER */
} Note;

struct CrashDisk {
    char *dir;
    Lock lock;
    GPtrArray *notes;
    GHashTable *names; /* name -> file, as of now */
    guint files;
    guint begun; /* notes of what was there before */
};

static CrashDisk *now; /* the one that is recording */
static guint file_of[FDS_MAX];
static gboolean is_dir[FDS_MAX];
static gboolean is_snapshot[FDS_MAX];

static void note_free(gpointer data)
{
    Note *note = data;

    g_free(note->name);
    g_free(note->gone);
    g_clear_pointer(&note->data, g_bytes_unref);
    g_free(note);
}

/* Locked. */
static Note *add(NoteKind kind, guint file)
{
    Note *note = g_new0(Note, 1);

    *note = (Note){.kind = kind, .file = file};
    g_ptr_array_add(now->notes, note);
    return note;
}

static void add_name(const char *name, guint file)
{
    add(NOTE_NAME, file)->name = g_strdup(name);
    g_hash_table_replace(now->names, g_strdup(name), GUINT_TO_POINTER(file));
}

static void add_write(guint file, gsize place, const void *data, gsize size, gboolean whole)
{
    Note *note = add(NOTE_WRITE, file);

    note->place = place;
    note->data = g_bytes_new(data, size);
    note->whole = whole;
}

static int noted_open(const char *path, int flags, mode_t mode)
{
    g_autofree char *name = g_path_get_basename(path);
    LOCKED(&now->lock);
    int fd = store_files_system()->open(path, flags, mode);

    if (fd < 0) {
        return fd;
    }
    g_assert_cmpint(fd, <, FDS_MAX);
    gboolean known = g_hash_table_contains(now->names, name);
    if (!(flags & O_DIRECTORY) && (!known || (flags & O_TRUNC))) {
        add_name(name, ++now->files); /* one that GDBM made is seen here first */
    }
    is_dir[fd] = (flags & O_DIRECTORY) != 0;
    is_snapshot[fd] = g_str_has_prefix(name, "snapshot");
    file_of[fd] = GPOINTER_TO_UINT(g_hash_table_lookup(now->names, name));
    return fd;
}

static int noted_close(int fd)
{
    LOCKED(&now->lock);

    file_of[fd] = 0; /* GDBM may get this number next */
    is_dir[fd] = is_snapshot[fd] = FALSE;
    return close(fd);
}

static ssize_t noted_pwrite(int fd, const void *data, size_t size, off_t place)
{
    LOCKED(&now->lock);

    if (!is_snapshot[fd]) {
        add_write(file_of[fd], (gsize)place, data, size, FALSE);
    }
    return pwrite(fd, data, size, place);
}

/* What GDBM wrote meanwhile. */
static void note_whole(int fd)
{
    off_t size = lseek(fd, 0, SEEK_END);
    g_autofree guint8 *data = g_malloc((gsize)size + 1);

    g_assert_cmpint(pread(fd, data, (size_t)size, 0), ==, size);
    add_write(file_of[fd], 0, data, (gsize)size, TRUE);
}

static int noted_sync(int fd)
{
    LOCKED(&now->lock);

    if (is_snapshot[fd]) {
        note_whole(fd);
    }
    (void)add(is_dir[fd] ? NOTE_SYNC_DIR : NOTE_SYNC, file_of[fd]);
    return 0;
}

static int noted_unlink(const char *path)
{
    g_autofree char *name = g_path_get_basename(path);
    LOCKED(&now->lock);
    int r = unlink(path);

    if (r == 0) {
        add(NOTE_UNNAME, 0)->name = g_strdup(name);
        g_hash_table_remove(now->names, name);
    }
    return r;
}

static int noted_rename(const char *from, const char *to)
{
    g_autofree char *old = g_path_get_basename(from);
    g_autofree char *new = g_path_get_basename(to);
    LOCKED(&now->lock);

    g_assert_cmpint(rename(from, to), ==, 0);
    add_name(new, GPOINTER_TO_UINT(g_hash_table_lookup(now->names, old)));
    Note *note = now->notes->pdata[now->notes->len - 1];
    note->gone = g_strdup(old);
    g_hash_table_remove(now->names, old);
    return 0;
}

/* Syncs of what GDBM has open go past open(): its files are of no interest here. */
static int noted_fdatasync(int fd)
{
    return fd < FDS_MAX && file_of[fd] && !is_snapshot[fd] ? noted_sync(fd) : 0;
}

const StoreFiles *crash_disk_files(void)
{
    static StoreFiles files;

    files = *store_files_system();
    files.open = noted_open;
    files.close = noted_close;
    files.pwrite = noted_pwrite;
    files.fsync = noted_sync;
    files.fdatasync = noted_fdatasync;
    files.unlink = noted_unlink;
    files.rename = noted_rename;
    return &files;
}

static void note_what_is_there(CrashDisk *disk, const char *name)
{
    g_autofree char *path = g_build_filename(disk->dir, name, NULL);
    g_autofree char *data = NULL;
    gsize size = 0;

    g_assert_true(g_file_get_contents(path, &data, &size, NULL));
    add_name(name, ++disk->files);
    add_write(disk->files, 0, data, size, TRUE);
    (void)add(NOTE_SYNC, disk->files);
}

CrashDisk *crash_disk_new(const char *dir)
{
    CrashDisk *disk = g_new0(CrashDisk, 1);
    g_autoptr(GDir) names = g_dir_open(dir, 0, NULL);

    disk->dir = g_strdup(dir);
    disk->notes = g_ptr_array_new_with_free_func(note_free);
    disk->names = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_assert(pthread_mutex_init(&disk->lock, NULL) == 0);
    now = disk;
    memset(file_of, 0, sizeof(file_of));
    for (const char *name; (name = g_dir_read_name(names));) {
        note_what_is_there(disk, name);
    }
    (void)add(NOTE_SYNC_DIR, 0);
    disk->begun = disk->notes->len;
    return disk;
}

void crash_disk_free(CrashDisk *disk)
{
    now = NULL;
    g_ptr_array_unref(disk->notes);
    g_hash_table_unref(disk->names);
    (void)pthread_mutex_destroy(&disk->lock);
    g_free(disk->dir);
    g_free(disk);
}

void crash_disk_answer(CrashDisk *disk, guint64 point)
{
    LOCKED(&disk->lock);

    add(NOTE_ANSWER, 0)->point = point;
}

guint crash_disk_length(CrashDisk *disk)
{
    LOCKED(&disk->lock);

    return disk->notes->len - disk->begun;
}

/* --- after the power cut --- */

/* What the disk holds of one file, and what was not synced yet. */
typedef struct Content {
    GByteArray *bytes;
    GPtrArray *waiting; /* of Note */
} Content;

static void content_free(gpointer data)
{
    Content *content = data;

    g_byte_array_unref(content->bytes);
    g_ptr_array_unref(content->waiting);
    g_free(content);
}

static Content *content_new(void)
{
    Content *content = g_new0(Content, 1);

    *content = (Content){g_byte_array_new(), g_ptr_array_new()};
    return content;
}

static void write_part(Content *content, const Note *note, gsize from, gsize to)
{
    const guint8 *data = g_bytes_get_data(note->data, NULL);
    gsize end = note->place + to;

    if (from == to) {
        return;
    }
    if (content->bytes->len < end) {
        guint old = content->bytes->len;
        g_byte_array_set_size(content->bytes, (guint)end);
        memset(content->bytes->data + old, 0, end - old);
    }
    memcpy(content->bytes->data + note->place + from, data + from, to - from);
}

static void write_whole(Content *content, const Note *note)
{
    if (note->whole) {
        g_byte_array_set_size(content->bytes, 0);
    }
    write_part(content, note, 0, g_bytes_get_size(note->data));
}

/* Any of its sectors. */
static void write_torn(Content *content, const Note *note, GRand *random)
{
    gsize size = g_bytes_get_size(note->data);

    for (gsize at = 0; at < size;) {
        gsize sector_end = (note->place + at) / SECTOR_BYTES * SECTOR_BYTES + SECTOR_BYTES;
        gsize to = MIN(sector_end - note->place, size);
        if (g_rand_boolean(random)) {
            write_part(content, note, at, to);
        }
        at = to;
    }
}

static void sync_content(Content *content)
{
    for (guint i = 0; i < content->waiting->len; i++) {
        write_whole(content, content->waiting->pdata[i]);
    }
    g_ptr_array_set_size(content->waiting, 0);
}

/* What was not synced: all, nothing, some writes, some sectors, or all up to a torn one. */
static void lose_content(Content *content, GRand *random)
{
    gint way = g_rand_int_range(random, 0, 5);
    guint n = content->waiting->len;
    guint cut = n ? (guint)g_rand_int_range(random, 0, (gint32)n) : 0;

    for (guint i = 0; i < n; i++) {
        const Note *note = content->waiting->pdata[i];
        if (way == 1 || (way == 2 && g_rand_boolean(random)) || (way == 4 && i < cut)) {
            write_whole(content, note);
        } else if (way == 3 || (way == 4 && i == cut)) {
            write_torn(content, note, random);
        }
    }
}

static void rename_now(GHashTable *names, const Note *note)
{
    if (note->kind == NOTE_NAME) {
        g_hash_table_replace(names, note->name, GUINT_TO_POINTER(note->file));
        if (note->gone) {
            g_hash_table_remove(names, note->gone);
        }
    } else {
        g_hash_table_remove(names, note->name);
    }
}

/* The same for names: all, none, the first ones, or any. */
static void lose_names(GHashTable *names, const GPtrArray *waiting, GRand *random)
{
    gint way = g_rand_int_range(random, 0, 4);
    guint cut = waiting->len ? (guint)g_rand_int_range(random, 0, (gint32)waiting->len) : 0;

    for (guint i = 0; i < waiting->len; i++) {
        if (way == 1 || (way == 2 && i < cut) || (way == 3 && g_rand_boolean(random))) {
            rename_now(names, waiting->pdata[i]);
        }
    }
}

typedef struct Wreck {
    GHashTable *contents; /* file -> Content */
    GHashTable *names;    /* name -> file */
    GPtrArray *waiting;   /* names that are not synced: of Note */
    guint64 answered;
} Wreck;

static Content *content_of(const Wreck *wreck, guint file)
{
    Content *content = g_hash_table_lookup(wreck->contents, GUINT_TO_POINTER(file));

    if (!content) {
        content = content_new();
        (void)g_hash_table_insert(wreck->contents, GUINT_TO_POINTER(file), content);
    }
    return content;
}

static void replay(Wreck *wreck, Note *note)
{
    switch (note->kind) {
    case NOTE_NAME:
    case NOTE_UNNAME:
        g_ptr_array_add(wreck->waiting, note);
        break;
    case NOTE_WRITE:
        g_ptr_array_add(content_of(wreck, note->file)->waiting, note);
        break;
    case NOTE_SYNC:
        sync_content(content_of(wreck, note->file));
        break;
    case NOTE_SYNC_DIR:
        for (guint i = 0; i < wreck->waiting->len; i++) {
            rename_now(wreck->names, wreck->waiting->pdata[i]);
        }
        g_ptr_array_set_size(wreck->waiting, 0);
        break;
    case NOTE_ANSWER:
        wreck->answered = MAX(wreck->answered, note->point);
        break;
    }
}

static void save(const char *to, const char *name, const void *data, gsize size)
{
    g_autofree char *path = g_build_filename(to, name, NULL);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

    g_assert_true(size == 0 || write(fd, data, size) == (ssize_t)size);
    g_assert_cmpint(close(fd), ==, 0);
}

static void save_all(const Wreck *wreck, GRand *random, const char *to)
{
    g_autofree guint8 *garbage = g_malloc(GARBAGE);
    GHashTableIter each;
    gpointer name = NULL;
    gpointer file = NULL;

    g_hash_table_iter_init(&each, wreck->names);
    while (g_hash_table_iter_next(&each, &name, &file)) {
        const Content *content = content_of(wreck, GPOINTER_TO_UINT(file));
        save(to, name, content->bytes->data, content->bytes->len);
    }
    memset(garbage, g_rand_int_range(random, 0, 256), GARBAGE);
    if (g_hash_table_contains(wreck->names, "manifest")) {
        save(to, "table", garbage, GARBAGE);
    }
}

guint64 crash_disk_leave(const CrashDisk *disk, guint at, GRand *random, const char *to)
{
    g_autoptr(GHashTable) contents = g_hash_table_new_full(NULL, NULL, NULL, content_free);
    g_autoptr(GHashTable) names = g_hash_table_new(g_str_hash, g_str_equal);
    g_autoptr(GPtrArray) waiting = g_ptr_array_new();
    Wreck wreck = {.contents = contents, .names = names, .waiting = waiting};
    GHashTableIter each;
    gpointer content = NULL;

    for (guint i = 0; i < disk->begun + at; i++) {
        replay(&wreck, disk->notes->pdata[i]);
    }
    g_hash_table_iter_init(&each, contents);
    while (g_hash_table_iter_next(&each, NULL, &content)) {
        lose_content(content, random);
    }
    lose_names(names, waiting, random);
    save_all(&wreck, random, to);
    return wreck.answered;
}
