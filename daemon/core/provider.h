/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * provider.h - who decides about the sign-ins of this host's services
 *
 * A prompt asks it the acts of core/device.h that are a prompt's: open, answer, cancel, account
 * and, of a refusal there, its note.
 * The only one so far runs them upon this daemon's own store. Another would carry the same
 * questions to a daemon elsewhere: so whoever asks takes an answer that comes later, an outcome
 * that is BROKEN when nobody could be asked, and a point that is 0 where there is nothing to wait
 * for.
 */

#include "core/run.h"

typedef struct Provider {
    /* As runner_run(): @call and what it points to live until @done, which is called once, in the
     * context of whoever asks. */
    void (*ask)(gpointer self, const RunCall *call, RunDone done, gpointer data);
    gpointer self;
} Provider;

/* This daemon. @runner: outlives it. */
Provider provider_local(Runner *runner);

static inline void
provider_ask(const Provider *provider, const RunCall *call, RunDone done, gpointer data)
{
    provider->ask(provider->self, call, done, data);
}
