/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* mailer.h - sends what waits in the outbox: SMTP by libcurl in the worker pool, or a maildir */

#include "base/config.h"
#include "core/run.h"

typedef struct MailConfig {
    char *transport; /* smtp://HOST:PORT, smtps://HOST:PORT, maildir:DIR */
    char *from;
    char *user;
    char *password_file;
} MailConfig;

MailConfig *mail_config_new(void);
MailConfig *mail_config_copy(const MailConfig *config);
void mail_config_free(MailConfig *config);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(MailConfig, mail_config_free)
ConfigSection mail_config_section(MailConfig *config); /* [mail] */
/* A password in the URL, maildir: with an issuer that isn't loopback, no transport: refused. */
gboolean mail_config_check(const MailConfig *config, const CoreConfig *core, GError **error);

/* Where the password is: password_file, or the systemd credential "antara.smtp"; NULL: nowhere.
 * (transfer full) */
char *mail_config_password_path(const MailConfig *config);

typedef struct Mailer Mailer;

/* NULL with an error when there is a user and no password. */
Mailer *mailer_new(const MailConfig *config, Store *store, const CoreConfig *core, GError **error);
void mailer_free(Mailer *mailer); /* waits for what is being sent, 10 s at most */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Mailer, mailer_free)
char *mailer_problem(
    const Mailer *mailer); /* (transfer full): why the last try failed; NULL: it didn't */
