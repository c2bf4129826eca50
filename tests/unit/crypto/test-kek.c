/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "crypto/kek.h"

#include "crypto/seal.h"

#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

typedef struct Desk {
    char *dir;
    char *file; /* in it */
} Desk;

static void set_up(Desk *desk, G_GNUC_UNUSED gconstpointer data)
{
    desk->dir = g_dir_make_tmp("antara-kek-XXXXXX", NULL);
    desk->file = g_build_filename(desk->dir, "antara.kek", NULL);
    g_unsetenv("CREDENTIALS_DIRECTORY");
}

static void tear_down(Desk *desk, G_GNUC_UNUSED gconstpointer data)
{
    (void)g_unlink(desk->file);
    g_assert_cmpint(g_rmdir(desk->dir), ==, 0);
    g_free(desk->file);
    g_free(desk->dir);
}

static void write_file(const Desk *desk, gsize size, int mode)
{
    const char bytes[KEK_BYTES + 1] = {1};

    g_assert_true(g_file_set_contents(desk->file, bytes, (gssize)size, NULL));
    g_assert_cmpint(g_chmod(desk->file, mode), ==, 0);
}

static void refused(const char *file, const char *words)
{
    g_autoptr(GError) error = NULL;

    g_assert_null(kek_load(file, &error));
    g_assert_nonnull(strstr(error->message, words));
}

static void a_file_that_was_made_is_loaded(Desk *desk, G_GNUC_UNUSED gconstpointer data)
{
    g_autoptr(GError) error = NULL;
    GStatBuf status;

    g_assert_true(kek_make_file(desk->file, &error));
    g_assert_cmpint(g_stat(desk->file, &status), ==, 0);
    g_assert_cmpint(status.st_mode & 07777, ==, 0400);
    g_autoptr(Kek) kek = kek_load(desk->file, &error);
    g_assert_no_error(error);
    g_autoptr(Kek) again = kek_load(desk->file, &error);
    g_assert_cmpstr(kek_id(kek), ==, kek_id(again));
}

static void a_kek_that_is_there_is_not_overwritten(Desk *desk, G_GNUC_UNUSED gconstpointer data)
{
    g_autoptr(GError) error = NULL;

    write_file(desk, KEK_BYTES, 0400);
    g_assert_false(kek_make_file(desk->file, &error));
    g_assert_nonnull(strstr(error->message, desk->file));
    g_autoptr(Kek) kek = kek_load(desk->file, NULL);
    g_autoptr(Kek) same = kek_from_bytes((const guint8[KEK_BYTES]){1});
    g_assert_cmpstr(kek_id(kek), ==, kek_id(same));
}

static void a_file_that_others_may_read_is_refused(Desk *desk, G_GNUC_UNUSED gconstpointer data)
{
    const int modes[] = {0600, 0440, 0404, 0500, 0401, 04400};

    for (gsize i = 0; i < G_N_ELEMENTS(modes); i++) {
        write_file(desk, KEK_BYTES, modes[i]);
        refused(desk->file, "mode 0400");
    }
}

static void a_file_of_another_size_is_refused(Desk *desk, G_GNUC_UNUSED gconstpointer data)
{
    const gsize sizes[] = {0, KEK_BYTES - 1, KEK_BYTES + 1};

    for (gsize i = 0; i < G_N_ELEMENTS(sizes); i++) {
        write_file(desk, sizes[i], 0400);
        refused(desk->file, "32 bytes");
    }
}

static void what_is_no_file_is_refused(Desk *desk, G_GNUC_UNUSED gconstpointer data)
{
    g_autofree char *link = g_build_filename(desk->dir, "link", NULL);

    refused(desk->file, "No such file");
    refused(desk->dir, "no regular file");
    write_file(desk, KEK_BYTES, 0400);
    g_assert_cmpint(symlink(desk->file, link), ==, 0);
    refused(link, "symbolic links");
    g_assert_cmpint(g_unlink(link), ==, 0);
}

static void a_file_of_another_user_is_refused(Desk *desk, G_GNUC_UNUSED gconstpointer data)
{
    if (geteuid() != 0) {
        g_test_skip("only root can give a file away");
        return;
    }
    write_file(desk, KEK_BYTES, 0400);
    g_assert_cmpint(chown(desk->file, 65534, 65534), ==, 0);
    refused(desk->file, "belong to root");
}

/* systemd gives it the mode 0440 and an ACL. */
static void without_a_file_the_credential_is_taken(Desk *desk, G_GNUC_UNUSED gconstpointer data)
{
    g_autoptr(GError) error = NULL;

    refused(NULL, "antara.kek");
    write_file(desk, KEK_BYTES, 0440);
    g_setenv("CREDENTIALS_DIRECTORY", desk->dir, TRUE);
    g_autoptr(Kek) kek = kek_load(NULL, &error);
    g_assert_no_error(error);
    g_autoptr(Kek) same = kek_from_bytes((const guint8[KEK_BYTES]){1});
    g_assert_cmpstr(kek_id(kek), ==, kek_id(same));
}

/* The heads are those of credentials that systemd-creds(1) and its page show. */
static void what_the_kek_protects_is_told(Desk *desk, G_GNUC_UNUSED gconstpointer data)
{
    g_autofree char *sealed = g_build_filename(desk->dir, "antara.kek-sealed", NULL);
    const struct {
        const char *text, *words;
    } rows[] = {
        {"Whxqht+dQJax1aZeCGLxmgAAAAABAAAADAAAABAAAABXsMtK", "without TPM: protects backups only"},
        {"BYRp2vb1QySABUnaD46i+wAAAAABAAAADAAAABAAAABXsMtK", "without TPM: protects backups only"},
        {"DHzAexF2RZGcSwvqCLwg/iAAAAABAAAADAAAABAAAAASfFsB", "sealed by this machine's TPM"},
        {"k6iUCUh0RJCQyvL8k8q1UyAAAAABAAAADAAAABAAAAASfFsB", "sealed by this machine's TPM"},
    };

    g_assert_nonnull(strstr(kek_source("/etc/antara/kek"), "file on this machine"));
    g_assert_cmpstr(kek_source(NULL), ==, "systemd credential");
    g_setenv("CREDENTIALS_DIRECTORY", desk->dir, TRUE);
    g_assert_cmpstr(kek_source(NULL), ==, "systemd credential");
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_assert_true(g_file_set_contents(sealed, rows[i].text, -1, NULL));
        g_assert_nonnull(strstr(kek_source(NULL), rows[i].words));
    }
    g_assert_true(g_file_set_contents(sealed, "none", -1, NULL));
    g_assert_cmpstr(kek_source(NULL), ==, "systemd credential");
    g_assert_cmpint(g_unlink(sealed), ==, 0);
}

static void the_id_names_the_key_and_does_not_tell_it(
    G_GNUC_UNUSED Desk *desk,
    G_GNUC_UNUSED gconstpointer data)
{
    g_autoptr(Kek) kek = kek_from_bytes((const guint8[KEK_BYTES]){1});
    g_autoptr(Kek) other = kek_from_bytes((const guint8[KEK_BYTES]){2});

    g_assert_cmpuint(strlen(kek_id(kek)), ==, KEK_ID_CHARS);
    g_assert_cmpuint(strspn(kek_id(kek), "0123456789abcdef"), ==, KEK_ID_CHARS);
    g_assert_cmpstr(kek_id(kek), !=, kek_id(other));
    g_assert_false(g_str_has_prefix(kek_id(kek), "0100"));
}

static void what_is_wrapped_opens_under_its_kek_and_binding_alone(
    G_GNUC_UNUSED Desk *desk,
    G_GNUC_UNUSED gconstpointer data)
{
    g_autoptr(Kek) kek = kek_from_bytes((const guint8[KEK_BYTES]){1});
    g_autoptr(Kek) other = kek_from_bytes((const guint8[KEK_BYTES]){2});
    guint8 wrapped[6 + SEAL_OVERHEAD];
    guint8 plain[6];

    kek_wrap(kek, "here", 4, "secret", 6, wrapped);
    g_assert_true(kek_unwrap(kek, "here", 4, wrapped, sizeof(wrapped), plain));
    g_assert_cmpmem(plain, 6, "secret", 6);
    g_assert_false(kek_unwrap(kek, "hero", 4, wrapped, sizeof(wrapped), plain));
    g_assert_false(kek_unwrap(other, "here", 4, wrapped, sizeof(wrapped), plain));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define TEST(promise) g_test_add("/crypto/kek/" #promise, Desk, NULL, set_up, promise, tear_down)
    TEST(a_file_that_was_made_is_loaded);
    TEST(a_kek_that_is_there_is_not_overwritten);
    TEST(a_file_that_others_may_read_is_refused);
    TEST(a_file_of_another_size_is_refused);
    TEST(what_is_no_file_is_refused);
    TEST(a_file_of_another_user_is_refused);
    TEST(without_a_file_the_credential_is_taken);
    TEST(what_the_kek_protects_is_told);
    TEST(the_id_names_the_key_and_does_not_tell_it);
    TEST(what_is_wrapped_opens_under_its_kek_and_binding_alone);
    return g_test_run();
}
