/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "groups.h"

#include "figures.h"

#include "store/segment.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>

#define CHUNK_BYTES ((gsize)1024 * 1024)
#define FILES_MAX   64U

/* A table of functions has no place for data. */
static GArray *noted;
static __thread guint32 written;
static guint extra_usec; /* of each sync */

/* A disk that takes longer. What it does meanwhile costs no processor, here as there. */
static int disk_sync(int fd)
{
    if (extra_usec > 0) {
        g_usleep(extra_usec);
    }
    return fdatasync(fd);
}

static ssize_t note_write(int fd, const void *data, size_t size, off_t offset)
{
    ssize_t done = pwrite(fd, data, size, offset);

    written += done > 0 ? (guint32)done : 0;
    return done;
}

/* Of the store's threads only the journal's calls it, as long as there is no checkpoint. */
static int note_sync(int fd)
{
    g_array_append_val(noted, written);
    written = 0;
    return disk_sync(fd);
}

const StoreFiles *groups_files(void)
{
    static StoreFiles files;

    files = *store_files_system();
    files.pwrite = note_write;
    files.fdatasync = note_sync;
    return &files;
}

void groups_begin(guint sync_usec)
{
    extra_usec = sync_usec;
    g_assert(noted == NULL);
    noted = g_array_new(FALSE, FALSE, sizeof(guint32));
}

GArray *groups_end(void)
{
    return g_steal_pointer(&noted);
}

typedef struct Bare {
    char *paths[FILES_MAX];
    int fds[FILES_MAX];
    guint needed;
    pthread_mutex_t lock;
    pthread_cond_t moved;
    guint made;
    guint used; /* one more is made ahead of it */
    BareFiles how;
} Bare;

static gboolean make_file(const char *path, int *ret_fd)
{
    g_autofree guint8 *zeros = g_malloc0(CHUNK_BYTES);
    int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

    for (gsize at = 0; fd >= 0 && at < SEGMENT_BYTES; at += CHUNK_BYTES) {
        if (pwrite(fd, zeros, CHUNK_BYTES, (off_t)at) != (ssize_t)CHUNK_BYTES) {
            return FALSE;
        }
    }
    *ret_fd = fd;
    return fd >= 0 && fsync(fd) == 0;
}

static void *make_files(void *data)
{
    Bare *bare = data;

    for (guint i = 0; i < bare->needed; i++) {
        (void)pthread_mutex_lock(&bare->lock);
        while (bare->how == BARE_MADE_AHEAD && i > bare->used + 1) {
            (void)pthread_cond_wait(&bare->moved, &bare->lock);
        }
        (void)pthread_mutex_unlock(&bare->lock);
        g_assert(make_file(bare->paths[i], &bare->fds[i]));
        (void)pthread_mutex_lock(&bare->lock);
        bare->made = i + 1;
        (void)pthread_cond_signal(&bare->moved);
        (void)pthread_mutex_unlock(&bare->lock);
    }
    return NULL;
}

/* Goes on in that file. */
static int use_file(Bare *bare, guint number)
{
    (void)pthread_mutex_lock(&bare->lock);
    bare->used = number;
    (void)pthread_cond_signal(&bare->moved);
    while (bare->made <= number) {
        (void)pthread_cond_wait(&bare->moved, &bare->lock);
    }
    (void)pthread_mutex_unlock(&bare->lock);
    return bare->fds[number];
}

static void write_groups(Bare *bare, const GArray *groups, const guint8 *bytes)
{
    guint number = 0;
    int fd = use_file(bare, 0);
    gsize end = SEGMENT_HEAD_BYTES;

    for (guint i = 0; i < groups->len; i++) {
        guint32 size = g_array_index(groups, guint32, i);
        if (end + size > SEGMENT_BYTES) {
            fd = use_file(bare, ++number);
            end = SEGMENT_HEAD_BYTES;
        }
        g_assert(pwrite(fd, bytes, size, (off_t)end) == (ssize_t)size && disk_sync(fd) == 0);
        end += size;
    }
}

/* How many files the groups fill, none of them split. */
static guint files_needed(const GArray *groups, guint32 *ret_largest)
{
    gsize end = SEGMENT_HEAD_BYTES;
    guint files = 1;

    *ret_largest = 1;
    for (guint i = 0; i < groups->len; i++) {
        guint32 size = g_array_index(groups, guint32, i);
        *ret_largest = MAX(*ret_largest, size);
        files += end + size > SEGMENT_BYTES;
        end = end + size > SEGMENT_BYTES ? SEGMENT_HEAD_BYTES + size : end + size;
    }
    return files;
}

static void bare_init(Bare *bare, const char *dir, guint needed, BareFiles how)
{
    *bare = (Bare){.needed = needed, .how = how};
    g_assert(needed <= FILES_MAX);
    g_assert(pthread_mutex_init(&bare->lock, NULL) == 0);
    g_assert(pthread_cond_init(&bare->moved, NULL) == 0);
    for (guint i = 0; i < needed; i++) {
        bare->paths[i] = g_strdup_printf("%s/antara-bare-%u", dir, i);
    }
}

static void bare_clear(Bare *bare)
{
    for (guint i = 0; i < bare->needed; i++) {
        (void)close(bare->fds[i]);
        (void)g_unlink(bare->paths[i]);
        g_free(bare->paths[i]);
    }
    (void)pthread_cond_destroy(&bare->moved);
    (void)pthread_mutex_destroy(&bare->lock);
}

double groups_write_bare(const char *dir, const GArray *groups, BareFiles made)
{
    Bare bare;
    guint32 largest = 0;
    pthread_t maker;

    bare_init(&bare, dir, files_needed(groups, &largest), made);
    g_autofree guint8 *bytes = g_malloc(largest);
    memset(bytes, 'a', largest);
    g_assert(pthread_create(&maker, NULL, make_files, &bare) == 0);
    (void)use_file(&bare, made == BARE_MADE_BEFORE ? bare.needed - 1 : 0);
    double begun = seconds_now();
    write_groups(&bare, groups, bytes);
    double took = seconds_now() - begun;
    g_assert(pthread_join(maker, NULL) == 0);
    bare_clear(&bare);
    return took;
}
