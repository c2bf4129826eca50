/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "store/files.h"

#include "base/error.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define NAME  "small"
#define WORDS "some words that are longer than one short write"

/* What the kernel may do at any time. */
static int pwrite_errno; /* of every write; 0: it writes three bytes */
static gboolean interrupted;
static int rename_errno;
static int fsync_errno;
static int dir_fsync_errno;

static ssize_t short_pwrite(int fd, const void *data, size_t size, off_t offset)
{
    if (pwrite_errno != 0) {
        errno = pwrite_errno;
        return -1;
    }
    interrupted = !interrupted;
    if (interrupted) {
        errno = EINTR;
        return -1;
    }
    return pwrite(fd, data, MIN(size, 3), offset);
}

static ssize_t short_pread(int fd, void *data, size_t size, off_t offset)
{
    interrupted = !interrupted;
    if (interrupted) {
        errno = EINTR;
        return -1;
    }
    return pread(fd, data, MIN(size, 3), offset);
}

static int rename_or_not(const char *from, const char *to)
{
    errno = rename_errno;
    return rename_errno != 0 ? -1 : rename(from, to);
}

static int fsync_or_not(int fd)
{
    struct stat status;
    gboolean is_dir = fstat(fd, &status) == 0 && S_ISDIR(status.st_mode);

    errno = is_dir ? dir_fsync_errno : fsync_errno;
    return errno != 0 ? -1 : fsync(fd);
}

typedef struct Desk {
    StoreFiles files;
    char *dir;
    char *path; /* of NAME */
} Desk;

static void set_up(Desk *desk, G_GNUC_UNUSED gconstpointer data)
{
    desk->files = *store_files_system();
    desk->files.pwrite = short_pwrite;
    desk->files.pread = short_pread;
    desk->files.rename = rename_or_not;
    desk->files.fsync = fsync_or_not;
    pwrite_errno = rename_errno = fsync_errno = 0;
    desk->dir = g_dir_make_tmp("antara-files-XXXXXX", NULL);
    desk->path = g_build_filename(desk->dir, NAME, NULL);
}

static void tear_down(Desk *desk, G_GNUC_UNUSED gconstpointer data)
{
    g_autofree char *fresh = g_strconcat(desk->path, ".new", NULL);

    (void)g_unlink(desk->path);
    (void)g_unlink(fresh);
    g_assert_cmpint(g_rmdir(desk->dir), ==, 0);
    g_free(desk->path);
    g_free(desk->dir);
}

static gboolean replace(const Desk *desk, const char *words, GError **error)
{
    g_autoptr(GBytes) bytes = g_bytes_new(words, strlen(words));

    return files_replace(&desk->files, desk->dir, NAME, bytes, error);
}

static void holds(const Desk *desk, const char *words)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GBytes) bytes = NULL;

    g_assert_true(files_load(&desk->files, desk->path, &bytes, &error));
    g_assert_no_error(error);
    g_assert_cmpmem(g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes), words, strlen(words));
}

static void short_and_interrupted_calls_go_on(Desk *desk, G_GNUC_UNUSED gconstpointer data)
{
    g_autoptr(GError) error = NULL;

    g_assert_true(replace(desk, WORDS, &error));
    g_assert_no_error(error);
    holds(desk, WORDS);
}

static void what_is_missing_is_no_error(Desk *desk, G_GNUC_UNUSED gconstpointer data)
{
    g_autoptr(GBytes) bytes = g_bytes_new_static("x", 1);

    g_assert_true(files_load(&desk->files, "/nonexistent/file", &bytes, NULL));
    g_assert_null(bytes);
    bytes = NULL;
    g_assert_true(files_load(&desk->files, desk->path, &bytes, NULL));
    g_assert_null(bytes);
}

static void a_link_is_not_followed(Desk *desk, G_GNUC_UNUSED gconstpointer data)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GBytes) bytes = NULL;

    g_assert_cmpint(symlink("/etc/passwd", desk->path), ==, 0);
    g_assert_false(files_load(&desk->files, desk->path, &bytes, &error));
    g_assert_nonnull(strstr(error->message, desk->path));
}

static void whatever_fails_the_old_file_stays_whole(Desk *desk, G_GNUC_UNUSED gconstpointer data)
{
    int *const failing[] = {&pwrite_errno, &fsync_errno, &rename_errno};

    g_assert_true(replace(desk, "old", NULL));
    for (gsize i = 0; i < G_N_ELEMENTS(failing); i++) {
        g_autoptr(GError) error = NULL;
        *failing[i] = EIO;
        g_assert_false(replace(desk, "new", &error));
        g_assert_nonnull(strstr(error->message, desk->path));
        *failing[i] = 0;
        holds(desk, "old");
    }
}

static void a_full_disk_has_an_error_of_its_own(Desk *desk, G_GNUC_UNUSED gconstpointer data)
{
    const int full[] = {ENOSPC, EDQUOT};

    for (gsize i = 0; i < G_N_ELEMENTS(full); i++) {
        g_autoptr(GError) error = NULL;
        pwrite_errno = full[i];
        g_assert_false(replace(desk, "new", &error));
        g_assert_error(error, ANTARA_ERROR, ANTARA_ERROR_NO_ROOM);
    }
    g_autoptr(GError) error = NULL;
    pwrite_errno = EIO;
    g_assert_false(replace(desk, "new", &error));
    g_assert_error(error, ANTARA_ERROR, ANTARA_ERROR_FAILED);
}

/* A second try would not be the same. */
static void
what_has_its_name_already_is_no_matter_of_room(Desk *desk, G_GNUC_UNUSED gconstpointer data)
{
    g_autoptr(GError) error = NULL;

    dir_fsync_errno = ENOSPC;
    g_assert_false(replace(desk, "new", &error));
    g_assert_error(error, ANTARA_ERROR, ANTARA_ERROR_FAILED);
    dir_fsync_errno = 0;
    holds(desk, "new");
}

static void a_staged_file_has_not_its_name_yet(Desk *desk, G_GNUC_UNUSED gconstpointer data)
{
    g_autoptr(GBytes) bytes = g_bytes_new_static("new", 3);

    g_assert_true(replace(desk, "old", NULL));
    g_assert_true(files_stage(&desk->files, desk->dir, NAME, bytes, NULL));
    holds(desk, "old");
}

static void nobody_else_may_read_it(Desk *desk, G_GNUC_UNUSED gconstpointer data)
{
    GStatBuf status;

    g_assert_true(replace(desk, "words", NULL));
    g_assert_cmpint(g_stat(desk->path, &status), ==, 0);
    g_assert_cmpint(status.st_mode & 07777, ==, 0600);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define TEST(promise) g_test_add("/store/files/" #promise, Desk, NULL, set_up, promise, tear_down)
    TEST(short_and_interrupted_calls_go_on);
    TEST(what_is_missing_is_no_error);
    TEST(a_link_is_not_followed);
    TEST(whatever_fails_the_old_file_stays_whole);
    TEST(a_full_disk_has_an_error_of_its_own);
    TEST(what_has_its_name_already_is_no_matter_of_room);
    TEST(a_staged_file_has_not_its_name_yet);
    TEST(nobody_else_may_read_it);
    return g_test_run();
}
