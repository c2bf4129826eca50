/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* undurable.h - the keys of commits that are not durable yet: who reads one of them waits for its
 * point */

#include "store/table.h"

typedef struct Undurable Undurable;

Undurable *undurable_new(void);
void undurable_free(Undurable *undurable);

/* Written or deleted by the commit with that sequence. */
void undurable_add(Undurable *undurable, const guint8 key[TABLE_KEY_BYTES], guint64 sequence);
/* The sequence to wait for; 0: none. */
guint64 undurable_find(const Undurable *undurable, const guint8 key[TABLE_KEY_BYTES]);
/* Forgets what is durable by now. */
void undurable_prune(Undurable *undurable, guint64 durable);
