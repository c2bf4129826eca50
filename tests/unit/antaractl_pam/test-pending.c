/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "antaractl/pam/pending.h"

#include "antaractl/pam/login-since.h"
#include "faults.h"

#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

typedef struct Fixture {
    char *root, *folder, *path;
} Fixture;

static void fixture_begin(Fixture *self, G_GNUC_UNUSED gconstpointer data)
{
    self->root = g_dir_make_tmp("antara-pending-XXXXXX", NULL);
    self->folder = g_build_filename(self->root, "var/lib/antaractl", NULL);
    self->path = g_build_filename(self->folder, "sshd.pending", NULL);
}

static void fixture_end(Fixture *self, G_GNUC_UNUSED gconstpointer data)
{
    static const char *const places[] = {
        "var/lib/antaractl/sshd.pending", "var/lib/antaractl", "var/lib", "var", ""};

    faults_set(0, FALSE);
    for (gsize i = 0; i < G_N_ELEMENTS(places); i++) {
        g_autofree char *path = g_build_filename(self->root, places[i], NULL);
        (void)g_remove(path);
    }
    g_free(self->root);
    g_free(self->folder);
    g_free(self->path);
}

static Pending found(const Fixture *self)
{
    Pending pending = {0};

    g_assert_true(pending_find(self->root, "sshd", &pending));
    return pending;
}

/* As it would be found later, or after the clock was set. */
static void rewrite(const Fixture *self, const Pending *pending)
{
    g_autofree char *text = g_strdup_printf(
        "%" G_GINT64_FORMAT " %" G_GINT64_FORMAT " %" G_GUINT64_FORMAT " %s\n",
        pending->edited_usec, pending->until_usec, pending->seconds, pending->boot);

    g_assert_true(g_file_set_contents(self->path, text, -1, NULL));
}

static void it_is_there_until_it_is_forgotten(Fixture *self, G_GNUC_UNUSED gconstpointer data)
{
    Pending pending = {0};
    GStatBuf found_stat = {0};

    g_assert_false(pending_find(self->root, "sshd", &pending));
    g_assert_true(pending_begin(self->root, "sshd", 300, FALSE, NULL));
    g_assert_false(pending_begin(self->root, "sshd", 300, FALSE, NULL));
    g_assert_cmpint(g_stat(self->path, &found_stat), ==, 0);
    g_assert_cmpint(found_stat.st_mode & 0777, ==, 0600);
    g_autoptr(GPtrArray) services = pending_list(self->root);
    g_assert_cmpuint(services->len, ==, 1);
    g_assert_cmpstr(services->pdata[0], ==, "sshd");
    g_assert_true(pending_forget(self->root, "sshd", NULL));
    g_assert_false(pending_find(self->root, "sshd", &pending));
    g_assert_true(pending_forget(self->root, "sshd", NULL));
    g_assert_false(pending_edited(self->root, "sshd", NULL));
}

static void a_sign_in_counts_once_the_edit_is_made(Fixture *self, G_GNUC_UNUSED gconstpointer data)
{
    g_assert_true(pending_begin(self->root, "sshd", 300, FALSE, NULL));
    Pending pending = found(self);
    g_assert_cmpint(pending_since_usec(&pending), ==, G_MAXINT64);
    const gint64 before = boot_time_usec();
    g_assert_true(pending_edited(self->root, "sshd", NULL));
    pending = found(self);
    g_assert_cmpint(pending_since_usec(&pending), >=, before);
    g_assert_cmpint(pending_since_usec(&pending), <=, boot_time_usec());
    g_strlcpy(pending.boot, "of-another-boot", sizeof(pending.boot));
    rewrite(self, &pending);
    pending = found(self);
    g_assert_cmpint(pending_since_usec(&pending), ==, 0);
}

static void its_time_is_never_longer(Fixture *self, G_GNUC_UNUSED gconstpointer data)
{
    static const struct Row {
        gint64 from_now;
        guint64 given, left;
    } rows[] = {
        {200, 300, 200},  {-1, 300, 0},     {0, 300, 0},
        {9000, 300, 300}, {-90000, 300, 0}, {200000, 200000, PENDING_SECONDS_MAX},
    };

    g_assert_true(pending_begin(self->root, "sshd", 300, FALSE, NULL));
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        Pending pending = found(self);
        pending.seconds = rows[i].given;
        pending.until_usec = g_get_real_time() + rows[i].from_now * G_USEC_PER_SEC;
        rewrite(self, &pending);
        pending = found(self);
        g_assert_cmpuint(pending_left(&pending), <=, rows[i].left);
        g_assert_cmpuint(pending_left(&pending) + 5, >=, rows[i].left);
    }
}

static void nonsense_is_over(Fixture *self, G_GNUC_UNUSED gconstpointer data)
{
    static const char *const texts[] = {"", "what?", "1 9223372036854775807 300", "1 2"};

    g_assert_true(pending_begin(self->root, "sshd", 300, FALSE, NULL));
    for (gsize i = 0; i < G_N_ELEMENTS(texts); i++) {
        g_assert_true(g_file_set_contents(self->path, texts[i], -1, NULL));
        const Pending pending = found(self);
        g_assert_cmpuint(pending_left(&pending), ==, 0);
    }
}

static void no_way_leads_out_of_the_tree(Fixture *self, G_GNUC_UNUSED gconstpointer data)
{
    g_autofree char *elsewhere = g_dir_make_tmp("antara-elsewhere-XXXXXX", NULL);
    g_autofree char *var = g_build_filename(self->root, "var", NULL);

    g_assert_cmpint(symlink(elsewhere, var), ==, 0);
    g_assert_false(pending_begin(self->root, "sshd", 300, FALSE, NULL));
    g_assert_cmpint(g_rmdir(elsewhere), ==, 0); /* so nothing was made in it */
}

/* Who was told "confirmed" must not meet the note after a power cut. */
static void what_is_not_synced_is_not_forgotten(Fixture *self, G_GNUC_UNUSED gconstpointer data)
{
    g_autoptr(GError) error = NULL;

    g_assert_true(pending_begin(self->root, "sshd", 300, FALSE, NULL));
    faults_set(1, FALSE);
    g_assert_false(pending_forget(self->root, "sshd", &error));
    g_assert_nonnull(strstr(error->message, "sshd.pending"));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(name, test)                                                                            \
    g_test_add("/pending/" name, Fixture, NULL, fixture_begin, test, fixture_end)
    ADD("until-forgotten", it_is_there_until_it_is_forgotten);
    ADD("since", a_sign_in_counts_once_the_edit_is_made);
    ADD("time", its_time_is_never_longer);
    ADD("nonsense", nonsense_is_over);
    ADD("tree", no_way_leads_out_of_the_tree);
    ADD("synced", what_is_not_synced_is_not_forgotten);
    return g_test_run();
}
