/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "jobs/mailer.h"

#include <glib/gstdio.h>
#include <string.h>

static CoreConfig *config_of(const char *issuer)
{
    CoreConfig *core = core_config_new();
    Tenant *tenant = tenant_new("acme");

    g_assert_null(tenant_set_issuer(tenant, issuer));
    g_ptr_array_add(core->tenants, tenant);
    return core;
}

typedef struct Row {
    MailConfig config;
    const char *words; /* of the error; NULL: it is fine */
} Row;

#define FROM .from = (char *)"antara@id.example"

static void checked(const char *issuer, const Row *rows, gsize count)
{
    CoreConfig *core = config_of(issuer);

    for (gsize i = 0; i < count; i++) {
        g_autoptr(GError) error = NULL;
        gboolean good = mail_config_check(&rows[i].config, core, &error);
        g_assert_cmpint(good, ==, rows[i].words == NULL);
        g_assert_true(good || strstr(error->message, rows[i].words));
    }
    core_config_free(core);
}

static void a_server_is_named_without_a_password_in_its_url(void)
{
    static char smtp[] = "smtp://mail.example:25";
    static char path[] = "/etc/antara/smtp";
    static char user[] = "antara";
    const Row rows[] = {
        {{FROM, .transport = smtp}, NULL},
        {{FROM, .transport = (char *)"smtps://mail.example:465"}, NULL},
        {{FROM, .transport = smtp, .user = user, .password_file = path}, NULL},
        {{FROM, .transport = smtp, .user = user}, NULL}, /* by the credential */
        {{FROM, .transport = smtp, .password_file = path}, "name the user"},
        {{FROM, .transport = (char *)"smtp://antara:geheim@mail.example"}, "no user or password"},
        {{FROM, .transport = (char *)"smtp://"}, "expected smtp://"},
        {{FROM, .transport = (char *)"http://mail.example"}, "expected smtp://"},
        {{FROM, .transport = (char *)"maildir:/var/mail"}, "loopback issuer"},
        {{FROM}, "are needed"},
        {{.transport = smtp}, "are needed"},
        {{.from = (char *)"antara", .transport = smtp}, "an address alone"},
        {{.from = (char *)"a@b.example>\r\nBcc: <e", .transport = smtp}, "an address alone"},
    };

    checked("https://id.example", rows, G_N_ELEMENTS(rows));
}

static void a_maildir_is_for_a_loopback_issuer(void)
{
    const Row rows[] = {
        {{FROM, .transport = (char *)"maildir:/var/mail"}, NULL},
        {{FROM, .transport = (char *)"maildir:mail"}, "absolute path"},
        {{FROM, .transport = (char *)"maildir:"}, "absolute path"},
    };

    checked("http://localhost:8080", rows, G_N_ELEMENTS(rows));
}

static void the_password_is_in_its_file_or_the_credential(void)
{
    g_autofree char *dir = g_dir_make_tmp("antara-mail-XXXXXX", NULL);
    g_autofree char *path = g_build_filename(dir, "antara.smtp", NULL);
    const MailConfig with_file = {.user = (char *)"a", .password_file = (char *)"/somewhere"};
    const MailConfig without = {.user = (char *)"a"};

    g_unsetenv("CREDENTIALS_DIRECTORY");
    g_assert_null(mail_config_password_path(&without));
    g_setenv("CREDENTIALS_DIRECTORY", dir, TRUE);
    g_assert_null(mail_config_password_path(&without));
    g_assert_true(g_file_set_contents(path, "geheim", -1, NULL));
    g_autofree char *credential = mail_config_password_path(&without);
    g_assert_cmpstr(credential, ==, path);
    g_autofree char *file = mail_config_password_path(&with_file);
    g_assert_cmpstr(file, ==, "/somewhere");
    g_assert_cmpint(g_unlink(path), ==, 0);
    g_assert_cmpint(g_rmdir(dir), ==, 0);
}

/* At its start, not at the first letter. */
static void a_user_without_a_password_is_refused(void)
{
    g_autoptr(GError) error = NULL;
    const MailConfig without = {.user = (char *)"a"};

    g_unsetenv("CREDENTIALS_DIRECTORY");
    g_assert_null(mailer_new(&without, NULL, NULL, &error));
    g_assert_nonnull(strstr(error->message, "antara.smtp"));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define TEST(promise) g_test_add_func("/jobs/mail-config/" #promise, promise)
    TEST(a_server_is_named_without_a_password_in_its_url);
    TEST(a_maildir_is_for_a_loopback_issuer);
    TEST(the_password_is_in_its_file_or_the_credential);
    TEST(a_user_without_a_password_is_refused);
    return g_test_run();
}
