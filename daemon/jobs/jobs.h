/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* jobs.h - all jobs of the daemon as one thing: what they are told, their start and their end */

#include "jobs/courier.h"
#include "jobs/mailer.h"

typedef struct JobsConfig {
    MailConfig *mail;
    CourierConfig courier;
} JobsConfig;

void jobs_config_init(JobsConfig *config);
void jobs_config_clear(JobsConfig *config);
/* Appends to an array of ConfigSection. */
void jobs_config_add_sections(JobsConfig *config, GArray *sections);

typedef struct Jobs Jobs;

/* NULL with an error when a letter could never be sent. */
Jobs *jobs_new(const JobsConfig *config, Store *store, const CoreConfig *core, GError **error);
void jobs_free(Jobs *jobs); /* waits for letters that are being sent; NULL is fine */

char *jobs_mail_problem(const Jobs *jobs); /* mailer_problem() */
