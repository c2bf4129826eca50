/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* health.h - /healthz: 200, or 503 while the store can't write */

#include "http/route.h"

extern const Route health_routes[];
