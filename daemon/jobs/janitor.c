/* SPDX-License-Identifier: GPL-3.0-or-later */

/* janitor.c - one tenant after the other, each a few apps at a time; between two of its acts the
 * loop turns */

#include "jobs/janitor.h"

#include "base/log-events.h"
#include "base/log.h"
#include "core/registration.h"

#define ROUND_SECONDS 3600U

struct Janitor {
    const CoreConfig *core;
    Runner *runner;
    guint timer; /* of the next round, or of the next step of this one */
    guint tenant;
    Caller caller;
    SweepAsked asked;
};

static gboolean step(gpointer data);

static void wait_for_round(Janitor *janitor)
{
    janitor->tenant = 0;
    janitor->asked.after = ID_NONE;
    janitor->timer = g_timeout_add_seconds(ROUND_SECONDS, step, janitor);
}

static void swept(Outcome outcome, gpointer data, guint64 point, const GError *error, gpointer user)
{
    const SweepAnswer *answer = data;
    Janitor *janitor = user;

    (void)point;
    if (outcome == OUTCOME_BROKEN) {
        log_event(
            LOG_LEVEL_WARNING, LOG_EVENT_SWEEP_FAILED, NULL,
            "Apps that are not used any more can't be removed now: %s", error->message);
        wait_for_round(janitor);
        return;
    }
    janitor->asked.after = answer->after;
    janitor->tenant += id_is_none(&answer->after) ? 1 : 0;
    janitor->timer = g_idle_add(step, janitor);
}

static gboolean step(gpointer data)
{
    Janitor *janitor = data;

    janitor->timer = 0;
    if (janitor->tenant >= janitor->core->tenants->len) {
        wait_for_round(janitor);
        return G_SOURCE_REMOVE;
    }
    janitor->caller =
        (Caller){.kind = CALLER_DAEMON, .tenant = janitor->core->tenants->pdata[janitor->tenant]};
    janitor->asked.caller = &janitor->caller;
    const RunCall call = {&registration_sweep_act, &janitor->asked, &janitor->caller};
    runner_run(janitor->runner, &call, swept, janitor);
    return G_SOURCE_REMOVE;
}

Janitor *janitor_new(Store *store, const CoreConfig *core)
{
    Janitor *janitor = g_new0(Janitor, 1);

    janitor->core = core;
    janitor->runner = runner_new(store, core, NULL, NULL, NULL);
    janitor->timer = g_idle_add(step, janitor);
    return janitor;
}

void janitor_free(Janitor *janitor)
{
    if (!janitor) {
        return;
    }
    if (janitor->timer) {
        g_source_remove(janitor->timer);
    }
    runner_free(janitor->runner);
    g_free(janitor);
}
