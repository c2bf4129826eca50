/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* keep.h - the store as a whole, for administrators: how it is, and long work on it */

#include "core/run.h"

void keep_status(const Runner *runner, StoreStatus *ret_status);

/* The point of the last commit that is on the disk. */
guint64 keep_durable_point(const Runner *runner);

/* As store_work_ask() and store_work_look(). */
gboolean keep_ask(const Runner *runner, const StoreWorkAsked *asked, GError **error);
void keep_look(const Runner *runner, StoreWork *ret_work);

/* An administrator says that the wall clock is right. */
void keep_believe_clock(const Runner *runner);
