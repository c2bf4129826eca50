/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* time-span.h - 90d, 12h, 5min, 30s: as people write how long something lasts */

#include <glib.h>

/* @text: NULL gives 0. FALSE: a usage error that says how to write it. */
gboolean time_span_read(const char *text, guint64 *ret_seconds, GError **error);
