/* SPDX-License-Identifier: GPL-3.0-or-later */

/* janitor.c - one tenant after the other, each a piece at a time; between two of its acts the loop
 * turns */

#include "jobs/janitor.h"

#include "base/log-events.h"
#include "base/log.h"
#include "core/ending.h"
#include "core/kinds.h"
#include "core/registration.h"

#include <stddef.h>

#define ROUND_SECONDS 3600U

struct Janitor {
    const CoreConfig *core;
    Runner *runner;
    guint timer;          /* of the next round, or of the next step of this one; 0: an act runs */
    gboolean is_on_round; /* else it waits for the next */
    gboolean again;       /* something ended meanwhile */
    guint tenant, chore;
    Caller caller;
    SweepAsked sweep;
    EndingAsked ending;
};

static gboolean sweep_goes_on(Janitor *janitor, gconstpointer answer)
{
    janitor->sweep.after = ((const SweepAnswer *)answer)->after;
    return !id_is_none(&janitor->sweep.after);
}

static gboolean ending_goes_on(Janitor *janitor, gconstpointer answer)
{
    janitor->ending.place = ((const EndingAnswer *)answer)->place;
    return ((const EndingAnswer *)answer)->more;
}

/* What a round does in each tenant: what was swept away is cleared after that. */
static const struct Chore {
    const ActType *act;
    gsize asked; /* its place in a Janitor */
    gboolean (*goes_on)(Janitor *janitor, gconstpointer answer);
} chores[] = {
    {&registration_sweep_act, offsetof(Janitor, sweep), sweep_goes_on},
    {&ending_step_act, offsetof(Janitor, ending), ending_goes_on},
};

static gboolean step(gpointer data);

static void begin_round(Janitor *janitor)
{
    if (janitor->timer) {
        g_source_remove(janitor->timer);
    }
    janitor->is_on_round = TRUE;
    janitor->again = FALSE;
    janitor->tenant = janitor->chore = 0;
    janitor->sweep.after = ID_NONE;
    janitor->timer = g_idle_add(step, janitor);
}

static gboolean round_is_due(gpointer data)
{
    Janitor *janitor = data;

    janitor->timer = 0;
    begin_round(janitor);
    return G_SOURCE_REMOVE;
}

static void wait_for_round(Janitor *janitor)
{
    janitor->is_on_round = FALSE;
    janitor->timer = g_timeout_add_seconds(ROUND_SECONDS, round_is_due, janitor);
}

static void next(Janitor *janitor)
{
    janitor->sweep.after = ID_NONE;
    janitor->ending.place = (EndingPlace){ID_NONE, ID_NONE};
    janitor->chore++;
    if (janitor->chore == G_N_ELEMENTS(chores)) {
        janitor->chore = 0;
        janitor->tenant++;
    }
}

/* What fails of one tenant keeps nobody else waiting; the next round tries again. */
static void
done(Outcome outcome, gpointer answer, guint64 point, const GError *error, gpointer data)
{
    Janitor *janitor = data;

    (void)point;
    if (outcome == OUTCOME_BROKEN) {
        log_event(
            LOG_LEVEL_WARNING, LOG_EVENT_SWEEP_FAILED, NULL,
            "What is over can't be cleared away now: %s", error->message);
    }
    if (outcome == OUTCOME_BROKEN || !chores[janitor->chore].goes_on(janitor, answer)) {
        next(janitor);
    }
    janitor->timer = g_idle_add(step, janitor);
}

static gboolean step(gpointer data)
{
    Janitor *janitor = data;

    janitor->timer = 0;
    if (janitor->tenant < janitor->core->tenants->len) {
        const struct Chore *chore = &chores[janitor->chore];
        const RunCall call = {chore->act, (const char *)janitor + chore->asked, &janitor->caller};
        janitor->caller.tenant = janitor->core->tenants->pdata[janitor->tenant];
        runner_run(janitor->runner, &call, done, janitor);
    } else if (janitor->again) {
        begin_round(janitor);
    } else {
        wait_for_round(janitor);
    }
    return G_SOURCE_REMOVE;
}

/* What ended since the round began may lie behind it. */
static void heard(const Announcement *said, gpointer data)
{
    Janitor *janitor = data;

    if (!(said->kind == KIND_APP && said->change == CHANGE_REMOVED) &&
        !(said->kind == KIND_ACCOUNT && said->change == CHANGE_CHANGED)) {
        return;
    }
    if (janitor->is_on_round) {
        janitor->again = TRUE;
    } else {
        begin_round(janitor);
    }
}

Janitor *janitor_new(Store *store, const CoreConfig *core)
{
    Janitor *janitor = g_new0(Janitor, 1);

    janitor->core = core;
    janitor->caller.kind = CALLER_DAEMON;
    janitor->sweep.caller = janitor->ending.caller = &janitor->caller;
    janitor->runner = runner_new(store, core, NULL, heard, janitor);
    begin_round(janitor);
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
