/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "core/keep.h"

void keep_status(const Runner *runner, StoreStatus *ret_status)
{
    store_status(runner_store(runner), ret_status);
}

guint64 keep_durable_point(const Runner *runner)
{
    return store_durable_point(runner_store(runner));
}

gboolean keep_ask(const Runner *runner, const StoreWorkAsked *asked, GError **error)
{
    return store_work_ask(runner_store(runner), asked, error);
}

void keep_look(const Runner *runner, StoreWork *ret_work)
{
    store_work_look(runner_store(runner), ret_work);
}

void keep_believe_clock(const Runner *runner)
{
    store_believe_clock(runner_store(runner));
}
