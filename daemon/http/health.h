/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* health.h - /healthz: 200, or 503 while the store can't write */

#include "http/route.h"

#define HEALTH_TYPE "text/plain; charset=utf-8"

extern const Route health_routes[];

/* What /healthz says, static, and its status. */
const char *health_words(const Runner *runner, guint *ret_status);
