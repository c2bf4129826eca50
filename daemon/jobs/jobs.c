/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "jobs/jobs.h"

#include "jobs/backchannel.h"
#include "jobs/janitor.h"

struct Jobs {
    Courier *courier;
    Backchannel *backchannel;
    Mailer *mailer;
    Janitor *janitor;
};

void jobs_config_init(JobsConfig *config)
{
    *config = (JobsConfig){.mail = mail_config_new()};
}

void jobs_config_clear(JobsConfig *config)
{
    g_clear_pointer(&config->mail, mail_config_free);
    courier_config_clear(&config->courier);
}

void jobs_config_add_sections(JobsConfig *config, GArray *sections)
{
    const ConfigSection mail = mail_config_section(config->mail);
    ConfigSection courier;

    g_array_append_val(sections, mail);
    if (courier_config_section(&config->courier, &courier)) {
        g_array_append_val(sections, courier);
    }
}

Jobs *jobs_new(const JobsConfig *config, Store *store, const CoreConfig *core, GError **error)
{
    const CourierOptions options = {.test_ca = config->courier.test_ca};
    Mailer *mailer = mailer_new(config->mail, store, core, error);

    if (!mailer) {
        return NULL;
    }
    Jobs *jobs = g_new0(Jobs, 1);
    jobs->mailer = mailer;
    jobs->courier = courier_new(&options);
    jobs->backchannel = backchannel_new(jobs->courier, store, core);
    jobs->janitor = janitor_new(store, core);
    return jobs;
}

/* Without the courier nothing comes back to who sent it. */
void jobs_free(Jobs *jobs)
{
    if (!jobs) {
        return;
    }
    janitor_free(jobs->janitor);
    courier_free(jobs->courier);
    backchannel_free(jobs->backchannel);
    mailer_free(jobs->mailer);
    g_free(jobs);
}

char *jobs_mail_problem(const Jobs *jobs)
{
    return mailer_problem(jobs->mailer);
}
