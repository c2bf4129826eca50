/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "core/provider.h"

static void ask_store(gpointer self, const RunCall *call, RunDone done, gpointer data)
{
    runner_run(self, call, done, data);
}

Provider provider_local(Runner *runner)
{
    return (Provider){ask_store, runner};
}
