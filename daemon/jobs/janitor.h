/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * janitor.h - what has to go when it gets old or is over, and is more than one record
 *
 * Records that expire by themselves are the store's own affair (store/broom.h).
 */

#include "core/run.h"

typedef struct Janitor Janitor;

/* Goes its round at once, when something ended (core/ending.h), and each hour, in the default main
 * context. */
Janitor *janitor_new(Store *store, const CoreConfig *core);
void janitor_free(Janitor *janitor); /* NULL is fine */
