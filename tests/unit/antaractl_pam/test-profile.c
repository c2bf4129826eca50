/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "antaractl/pam/profile.h"

#include "faults.h"

#include <glib/gstdio.h>
#include <sys/wait.h>
#include <unistd.h>

#define CALLS_OF_A_WRITE 6U /* write, fchown, fchmod, fsync, renameat, fsync of the folder */

typedef struct Fixture {
    char *root;
    PamTree *tree;
    char *texts[PAM_AUTH_UPDATE_FILES]; /* as they were */
} Fixture;

static void run(const char *words)
{
    int status = 0;

    g_assert_true(g_spawn_command_line_sync(words, NULL, NULL, &status, NULL));
    g_assert_true(g_spawn_check_wait_status(status, NULL));
}

static char *path_of(const Fixture *self, guint i)
{
    return g_build_filename(
        self->root, pam_auth_update_files[i].folder, pam_auth_update_files[i].name, NULL);
}

static void read_all(const Fixture *self, char *texts[])
{
    for (guint i = 0; i < PAM_AUTH_UPDATE_FILES; i++) {
        g_autofree char *path = path_of(self, i);
        g_free(texts[i]);
        g_assert_true(g_file_get_contents(path, &texts[i], NULL, NULL));
    }
}

static void write_all(const Fixture *self, char *const texts[])
{
    for (guint i = 0; i < PAM_AUTH_UPDATE_FILES; i++) {
        g_autofree char *path = path_of(self, i);
        g_assert_true(g_file_set_contents(path, texts[i], -1, NULL));
    }
}

static void free_all(char *texts[])
{
    for (guint i = 0; i < PAM_AUTH_UPDATE_FILES; i++) {
        g_free(texts[i]);
    }
}

/* As libpam-runtime and libpam-antara leave a host. */
static void fixture_begin(Fixture *self, G_GNUC_UNUSED gconstpointer data)
{
    g_autofree char *ours =
        g_test_build_filename(G_TEST_DIST, "../../../debian/pam-configs/antara", NULL);
    g_autofree char *stock = g_test_build_filename(G_TEST_DIST, "../../pam/trees/bookworm", NULL);

    self->root = g_dir_make_tmp("antara-profile-XXXXXX", NULL);
    self->tree = pam_tree_new(self->root);
    g_autofree char *words = g_strdup_printf(
        "sh -ec 'cd %s; cp -r %s/etc .; mkdir -p usr/share var/lib/pam; "
        "cp -r /usr/share/pam-configs usr/share; cp %s usr/share/pam-configs; "
        "/usr/sbin/pam-auth-update --root %s --force 2>said; rm -f etc/pam.d/*.pam-old'",
        self->root, stock, ours, self->root);
    run(words);
    read_all(self, self->texts);
    g_assert_cmpint(pam_profile_look(self->tree), ==, PAM_PROFILE_OFF);
}

static void fixture_end(Fixture *self, G_GNUC_UNUSED gconstpointer data)
{
    g_autofree char *words = g_strdup_printf("rm -r %s", self->root);

    run(words);
    pam_tree_free(self->tree);
    free_all(self->texts);
    g_free(self->root);
}

static gboolean switch_on(const Fixture *self, guint nth)
{
    g_auto(PamProfile) profile = {.root = NULL};
    g_autoptr(PamTree) then = pam_tree_new(self->root);

    g_assert_true(pam_profile_open(self->tree, FALSE, &profile, NULL));
    g_assert_true(pam_profile_plan(&profile, then, NULL));
    faults_set(nth, TRUE);
    const gboolean done = pam_profile_switch_on(&profile, NULL);
    faults_set(0, FALSE);
    return done;
}

static gboolean switch_off(const Fixture *self, guint nth)
{
    g_auto(PamProfile) profile = {.root = NULL};

    g_assert_true(pam_profile_open(self->tree, FALSE, &profile, NULL));
    faults_set(nth, TRUE);
    const gboolean done = pam_profile_switch_off(&profile, NULL);
    faults_set(0, FALSE);
    return done;
}

/* FALSE: it came to its end before the @nth call. */
static gboolean
is_cut_off(const Fixture *self, gboolean (*switches)(const Fixture *self, guint nth), guint nth)
{
    int status = 0;
    const pid_t child = fork();

    if (child == 0) {
        _exit(switches(self, nth) ? 0 : 1);
    }
    g_assert_cmpint(waitpid(child, &status, 0), ==, child);
    g_assert_true(WIFEXITED(status) && (WEXITSTATUS(status) == 9 || WEXITSTATUS(status) == 0));
    return WEXITSTATUS(status) == 9;
}

/* By pam-auth-update, which found its way in what was there: no backup was needed. */
static void assert_taken_back(const Fixture *self)
{
    g_auto(PamProfile) profile = {.root = NULL};
    g_autofree char *kept = NULL;

    g_assert_true(pam_profile_open(self->tree, FALSE, &profile, NULL));
    g_assert_true(pam_profile_take_back(&profile, &kept, NULL));
    g_assert_null(kept);
    for (guint i = 0; i < PAM_SHARED_FILES; i++) {
        g_autofree char *path = path_of(self, i);
        g_autofree char *text = NULL;
        g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
        g_assert_cmpstr(text, ==, self->texts[i]);
    }
}

static void cut_off_while_it_comes(Fixture *self, G_GNUC_UNUSED gconstpointer data)
{
    guint cuts = 0;

    for (guint nth = CALLS_OF_A_WRITE; is_cut_off(self, switch_on, nth); nth += CALLS_OF_A_WRITE) {
        assert_taken_back(self);
        write_all(self, self->texts);
        cuts++;
    }
    g_assert_cmpuint(cuts, ==, 6); /* two backups, auth and account, the two files */
    g_assert_cmpint(pam_profile_look(self->tree), ==, PAM_PROFILE_ON);
}

static void cut_off_while_it_goes(Fixture *self, G_GNUC_UNUSED gconstpointer data)
{
    char *on[PAM_AUTH_UPDATE_FILES] = {NULL};
    guint cuts = 0;

    g_assert_true(switch_on(self, 0));
    read_all(self, on);
    for (guint nth = CALLS_OF_A_WRITE; is_cut_off(self, switch_off, nth); nth += CALLS_OF_A_WRITE) {
        assert_taken_back(self);
        write_all(self, on);
        cuts++;
    }
    free_all(on);
    g_assert_cmpuint(cuts, ==, 4); /* the two files, auth and account */
    g_assert_cmpint(pam_profile_look(self->tree), ==, PAM_PROFILE_OFF);
}

static void nobody_else_is_at_work_meanwhile(Fixture *self, G_GNUC_UNUSED gconstpointer data)
{
    g_auto(PamProfile) profile = {.root = NULL};
    g_auto(PamProfile) other = {.root = NULL};
    g_autoptr(PamTree) then = pam_tree_new(self->root);
    g_autofree char *kept = NULL;

    g_assert_true(pam_profile_open(self->tree, FALSE, &profile, NULL));
    g_assert_true(
        pam_profile_plan(&profile, then, NULL) && pam_profile_switch_on(&profile, NULL) &&
        pam_profile_take_back(&profile, &kept, NULL));
    g_assert_false(pam_profile_open(self->tree, FALSE, &other, NULL));
    pam_profile_close(&profile);
    pam_profile_close(&other);
    g_assert_true(pam_profile_open(self->tree, FALSE, &other, NULL));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_setenv("DEBIAN_FRONTEND", "noninteractive", TRUE);
    g_setenv("DEBCONF_DB_REPLACE", "Pipe{infd:none outfd:none}", TRUE);
    g_test_add(
        "/profile/cut-off-while-it-comes", Fixture, NULL, fixture_begin, cut_off_while_it_comes,
        fixture_end);
    g_test_add(
        "/profile/cut-off-while-it-goes", Fixture, NULL, fixture_begin, cut_off_while_it_goes,
        fixture_end);
    g_test_add(
        "/profile/nobody-else-is-at-work-meanwhile", Fixture, NULL, fixture_begin,
        nobody_else_is_at_work_meanwhile, fixture_end);
    return g_test_run();
}
