/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "base/error.h"
#include "jobs/mailer.h"

#include <string.h>

#define SMTP_CREDENTIAL "antara.smtp"

static const ConfigKey mail_keys[] = {
    {"transport", config_read_text, offsetof(MailConfig, transport)},
    {"from", config_read_text, offsetof(MailConfig, from)},
    {"user", config_read_text, offsetof(MailConfig, user)},
    {"password_file", config_read_path, offsetof(MailConfig, password_file)},
    {NULL, NULL, 0},
};

MailConfig *mail_config_new(void)
{
    return g_new0(MailConfig, 1);
}

MailConfig *mail_config_copy(const MailConfig *config)
{
    MailConfig *copy = mail_config_new();

    copy->transport = g_strdup(config->transport);
    copy->from = g_strdup(config->from);
    copy->user = g_strdup(config->user);
    copy->password_file = g_strdup(config->password_file);
    return copy;
}

void mail_config_free(MailConfig *config)
{
    if (config) {
        g_free(config->transport);
        g_free(config->from);
        g_free(config->user);
        g_free(config->password_file);
        g_free(config);
    }
}

static gpointer
the_only_section(gpointer data, const char *name, const ConfigValue *where, GError **error)
{
    (void)name;
    (void)where;
    (void)error;
    return data;
}

ConfigSection mail_config_section(MailConfig *config)
{
    return (ConfigSection){"mail", mail_keys, the_only_section, config};
}

char *mail_config_password_path(const MailConfig *config)
{
    const char *folder = g_getenv("CREDENTIALS_DIRECTORY");

    if (config->password_file) {
        return g_strdup(config->password_file);
    }
    g_autofree char *path = folder ? g_build_filename(folder, SMTP_CREDENTIAL, NULL) : NULL;
    return path && g_file_test(path, G_FILE_TEST_EXISTS) ? g_steal_pointer(&path) : NULL;
}

static gboolean refuse(GError **error, const char *words)
{
    g_set_error(error, ANTARA_ERROR, ANTARA_ERROR_CONFIG, "[mail] %s", words);
    return FALSE;
}

static gboolean check_server(const char *url, GError **error)
{
    g_autoptr(GUri) uri = g_uri_parse(url, G_URI_FLAGS_HAS_PASSWORD, NULL);

    if (!uri || !g_uri_get_host(uri) || !*g_uri_get_host(uri)) {
        return refuse(
            error, "transport: expected smtp://HOST:PORT, smtps://HOST:PORT or maildir:DIR");
    }
    if (g_uri_get_userinfo(uri)) {
        return refuse(
            error,
            "transport: no user or password in the URL: use the keys user and password_file");
    }
    return TRUE;
}

/* Links in a directory are links that anybody on the machine may read. */
static gboolean check_maildir(const MailConfig *config, const CoreConfig *core, GError **error)
{
    if (!g_path_is_absolute(config->transport + strlen("maildir:"))) {
        return refuse(error, "transport: maildir: wants an absolute path");
    }
    for (guint i = 0; i < core->tenants->len; i++) {
        if (!((const Tenant *)core->tenants->pdata[i])->loopback) {
            return refuse(
                error,
                "transport: maildir: is for trying on this machine, with a loopback issuer alone");
        }
    }
    return TRUE;
}

gboolean mail_config_check(const MailConfig *config, const CoreConfig *core, GError **error)
{
    if (!config->transport || !config->from) {
        return refuse(
            error, "transport and from are needed: smtp://HOST:PORT, and the sender's address");
    }
    if (!strchr(config->from, '@') || strpbrk(config->from, "\r\n<>\"")) {
        return refuse(error, "from: an address alone, like antara@example.org");
    }
    if (g_str_has_prefix(config->transport, "maildir:")) {
        return check_maildir(config, core, error);
    }
    if (!g_str_has_prefix(config->transport, "smtp://") &&
        !g_str_has_prefix(config->transport, "smtps://")) {
        return refuse(
            error, "transport: expected smtp://HOST:PORT, smtps://HOST:PORT or maildir:DIR");
    }
    if (config->password_file && !config->user) {
        return refuse(error, "password_file: whose? name the user too");
    }
    return check_server(config->transport, error);
}
