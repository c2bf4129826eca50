/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* random.h - randomness from GnuTLS; a failure of the generator ends the process */

#include "base/id.h"

void random_fill(void *ret_data, gsize size);
/* For what must never be the same twice, and need not be secret. Cheaper. */
void random_nonce(void *ret_data, gsize size);
/* One whose text does not begin with '-', which a command would take for an option. */
void random_id(Id *ret_id);

/* A number in [0, @below), without bias; @below is at least 1. */
guint32 random_below(guint32 below);
