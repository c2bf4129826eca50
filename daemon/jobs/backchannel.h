/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * backchannel.h - tells apps that a session of theirs is over (OpenID Connect Back-Channel
 * Logout 1.0)
 *
 * Each app at its own time and over a connection of its own. What should have been told while
 * nothing could be sent is not told all at once: it waits at random once more.
 */

#include "core/run.h"
#include "jobs/courier.h"

#define BACKCHANNEL_AT_ONCE     128U /* waiting or on their way: within the lease of the outbox */
#define BACKCHANNEL_OF_APP_MAX  8U   /* on their way: a slow app holds up no other */
#define BACKCHANNEL_RETRIES_MAX 8U   /* on their way: nor do those that failed before */

typedef struct Backchannel Backchannel;

/* @courier: outlived by it; freed first, so that nothing comes back. */
Backchannel *backchannel_new(Courier *courier, Store *store, const CoreConfig *core);
void backchannel_free(Backchannel *backchannel); /* NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Backchannel, backchannel_free)
