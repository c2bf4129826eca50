/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "antaractl/pam/file.h"
#include "faults.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

#define OLD "auth required pam_unix.so\n"
#define NEW "auth sufficient pam_antara.so\nauth required pam_unix.so\n"

typedef struct Fixture {
    char *root, *folder, *path, *backup, *fresh;
    PamTree *tree;
} Fixture;

static void fixture_begin(Fixture *self, G_GNUC_UNUSED gconstpointer data)
{
    self->root = g_dir_make_tmp("antara-pam-XXXXXX", NULL);
    self->folder = g_build_filename(self->root, "etc/pam.d", NULL);
    self->path = g_build_filename(self->folder, "sshd", NULL);
    self->backup = g_strconcat(self->path, ".antara-backup", NULL);
    self->fresh = g_build_filename(self->folder, ".sshd.antara-new", NULL);
    self->tree = pam_tree_new(self->root);
    g_assert_cmpint(g_mkdir_with_parents(self->folder, 0755), ==, 0);
    g_assert_true(g_file_set_contents(self->path, OLD, -1, NULL));
    g_assert_cmpint(g_chmod(self->path, 0640), ==, 0);
}

static void remove_all(const char *path)
{
    g_autoptr(GDir) folder =
        g_file_test(path, G_FILE_TEST_IS_SYMLINK) ? NULL : g_dir_open(path, 0, NULL);
    const char *name = NULL;

    while (folder && (name = g_dir_read_name(folder))) {
        g_autofree char *inside = g_build_filename(path, name, NULL);
        remove_all(inside);
    }
    (void)g_remove(path);
}

static void fixture_end(Fixture *self, G_GNUC_UNUSED gconstpointer data)
{
    faults_set(0, FALSE);
    remove_all(self->root);
    g_free(self->root);
    g_free(self->folder);
    g_free(self->path);
    g_free(self->backup);
    g_free(self->fresh);
    pam_tree_free(self->tree);
}

static void assert_holds(const char *path, const char *text)
{
    g_autofree char *found = NULL;

    g_assert_true(g_file_get_contents(path, &found, NULL, NULL));
    g_assert_cmpstr(found, ==, text);
}

static gboolean change(const Fixture *self, GError **error)
{
    g_auto(PamFile) file = {.folder_fd = -1};

    return pam_file_open(self->tree, "sshd", FALSE, &file, error) &&
           pam_file_back_up(&file, error) && pam_file_write(&file, NEW, error);
}

static void assert_refused(const Fixture *self, const char *words)
{
    g_autoptr(GError) error = NULL;

    g_assert_false(change(self, &error));
    g_assert_nonnull(strstr(error->message, words));
}

static void a_change_keeps_mode_and_backup(Fixture *self, G_GNUC_UNUSED gconstpointer data)
{
    GStatBuf now = {0};

    g_assert_true(g_file_set_contents(self->fresh, "of a crash", -1, NULL));
    g_assert_true(change(self, NULL));
    assert_holds(self->path, NEW);
    assert_holds(self->backup, OLD);
    g_assert_cmpint(g_stat(self->path, &now), ==, 0);
    g_assert_cmpuint(now.st_mode & 07777, ==, 0640);
    g_assert_false(g_file_test(self->fresh, G_FILE_TEST_EXISTS));
}

static void what_others_write_meanwhile_stays(Fixture *self, G_GNUC_UNUSED gconstpointer data)
{
    g_auto(PamFile) file = {.folder_fd = -1};
    g_autoptr(PamTree) tree = pam_tree_new(self->root);
    g_autoptr(GError) error = NULL;

    g_assert_true(pam_file_open(tree, "sshd", FALSE, &file, NULL));
    g_assert_true(g_file_set_contents(self->path, "of others\n", -1, NULL));
    g_assert_false(pam_file_write(&file, NEW, &error));
    g_assert_nonnull(strstr(error->message, "changed by somebody else"));
    assert_holds(self->path, "of others\n");
    g_assert_false(g_file_test(self->fresh, G_FILE_TEST_EXISTS));
}

static void
what_was_written_by_itself_is_written_again(Fixture *self, G_GNUC_UNUSED gconstpointer data)
{
    g_auto(PamFile) file = {.folder_fd = -1};
    g_autoptr(PamTree) tree = pam_tree_new(self->root);

    g_assert_true(pam_file_open(tree, "sshd", FALSE, &file, NULL));
    g_assert_true(pam_file_write(&file, NEW, NULL) && pam_file_write(&file, OLD, NULL));
    assert_holds(self->path, OLD);
}

/* Each step of the backup and of the file; only the last sync comes too late to undo. */
static void a_full_disk_changes_nothing(Fixture *self, G_GNUC_UNUSED gconstpointer data)
{
    for (guint nth = 1; nth < 2 * 6; nth++) {
        g_autoptr(GError) error = NULL;
        faults_set(nth, FALSE);
        g_assert_false(change(self, &error));
        g_assert_nonnull(strstr(error->message, "No space left"));
        assert_holds(self->path, OLD);
        g_assert_false(g_file_test(self->fresh, G_FILE_TEST_EXISTS));
    }
    faults_set(0, FALSE);
    g_assert_true(change(self, NULL));
}

static void a_crash_leaves_a_whole_file(Fixture *self, G_GNUC_UNUSED gconstpointer data)
{
    guint old = 0;

    for (guint nth = 1; nth <= 2 * 6; nth++) {
        int status = 0;
        g_assert_true(g_file_set_contents(self->path, OLD, -1, NULL));
        (void)g_unlink(self->backup);
        const pid_t child = fork();
        if (child == 0) {
            faults_set(nth, TRUE);
            _exit(change(self, NULL) ? 0 : 1);
        }
        g_assert_cmpint(waitpid(child, &status, 0), ==, child);
        g_assert_cmpint(WEXITSTATUS(status), ==, 9);
        g_autofree char *text = NULL;
        g_assert_true(g_file_get_contents(self->path, &text, NULL, NULL));
        g_assert_true(g_str_equal(text, OLD) || g_str_equal(text, NEW));
        old += g_str_equal(text, OLD) ? 1 : 0;
        if (g_str_equal(text, NEW) || g_file_test(self->backup, G_FILE_TEST_EXISTS)) {
            assert_holds(self->backup, OLD);
        }
    }
    g_assert_cmpuint(old, ==, 11); /* all but the sync of the folder */
}

static void a_symlink_is_not_followed(Fixture *self, G_GNUC_UNUSED gconstpointer data)
{
    g_autofree char *outside = g_build_filename(self->root, "outside", NULL);

    g_assert_cmpint(g_rename(self->path, outside), ==, 0);
    g_assert_cmpint(symlink(outside, self->path), ==, 0);
    assert_refused(self, "A symlink is not edited");
    assert_holds(outside, OLD);
}

static void a_symlink_on_the_way_is_not_followed(Fixture *self, G_GNUC_UNUSED gconstpointer data)
{
    g_autofree char *outside = g_build_filename(self->root, "outside", NULL);

    g_assert_cmpint(g_rename(self->folder, outside), ==, 0);
    g_assert_cmpint(symlink(outside, self->folder), ==, 0);
    assert_refused(self, "a symlink on the way is not followed");
}

static void a_second_name_is_refused(Fixture *self, G_GNUC_UNUSED gconstpointer data)
{
    g_autofree char *second = g_build_filename(self->root, "second", NULL);

    g_assert_cmpint(link(self->path, second), ==, 0);
    assert_refused(self, "no plain file with one name");
}

static void a_folder_is_refused(Fixture *self, G_GNUC_UNUSED gconstpointer data)
{
    g_assert_cmpint(g_unlink(self->path), ==, 0);
    g_assert_cmpint(g_mkdir(self->path, 0755), ==, 0);
    assert_refused(self, "no plain file with one name");
}

static void what_others_can_write_is_refused(Fixture *self, G_GNUC_UNUSED gconstpointer data)
{
    g_assert_cmpint(g_chmod(self->path, 0664), ==, 0);
    assert_refused(self, "can be changed by others");
}

static void a_file_too_long_is_refused(Fixture *self, G_GNUC_UNUSED gconstpointer data)
{
    g_autofree char *text = g_strnfill(65537, '#');

    g_assert_true(g_file_set_contents(self->path, text, -1, NULL));
    g_assert_cmpint(g_chmod(self->path, 0644), ==, 0);
    assert_refused(self, "is too long");
}

static void a_nul_is_refused(Fixture *self, G_GNUC_UNUSED gconstpointer data)
{
    g_assert_true(g_file_set_contents(self->path, "auth\0required", 13, NULL));
    g_assert_cmpint(g_chmod(self->path, 0644), ==, 0);
    assert_refused(self, "or no text");
}

static void two_at_once_are_refused(Fixture *self, G_GNUC_UNUSED gconstpointer data)
{
    g_auto(PamFile) file = {.folder_fd = -1};

    g_assert_true(pam_file_open(self->tree, "sshd", FALSE, &file, NULL));
    assert_refused(self, "Another antaractl is at work");
}

/* Everybody may lock what everybody may read. */
static void a_lock_of_a_stranger_keeps_nobody_out(Fixture *self, G_GNUC_UNUSED gconstpointer data)
{
    const int folder = open(self->folder, O_RDONLY | O_CLOEXEC);
    const int pam = open(self->path, O_RDONLY | O_CLOEXEC);
    g_auto(PamFile) file = {.folder_fd = -1};

    g_assert_cmpint(flock(folder, LOCK_EX), ==, 0);
    g_assert_cmpint(flock(pam, LOCK_EX), ==, 0);
    g_assert_true(pam_file_open(self->tree, "sshd", FALSE, &file, NULL));
    g_assert_cmpint(close(folder), ==, 0);
    g_assert_cmpint(close(pam), ==, 0);
}

static void add(const char *path, void (*test)(Fixture *, gconstpointer))
{
    g_test_add(path, Fixture, NULL, fixture_begin, test, fixture_end);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    add("/file/change", a_change_keeps_mode_and_backup);
    add("/file/others", what_others_write_meanwhile_stays);
    add("/file/again", what_was_written_by_itself_is_written_again);
    add("/file/full-disk", a_full_disk_changes_nothing);
    add("/file/crash", a_crash_leaves_a_whole_file);
    add("/file/symlink", a_symlink_is_not_followed);
    add("/file/symlink-on-the-way", a_symlink_on_the_way_is_not_followed);
    add("/file/second-name", a_second_name_is_refused);
    add("/file/folder", a_folder_is_refused);
    add("/file/writable", what_others_can_write_is_refused);
    add("/file/too-long", a_file_too_long_is_refused);
    add("/file/nul", a_nul_is_refused);
    add("/file/locked", two_at_once_are_refused);
    add("/file/lock-of-a-stranger", a_lock_of_a_stranger_keeps_nobody_out);
    return g_test_run();
}
