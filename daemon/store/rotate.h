/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * rotate.h - a new KEK and new data keys, while all goes on
 *
 * It begins with a keyring that holds both old and new, wrapped by the old KEK (file "keyring") and
 * by the new one ("keyring-next"), so that a start with either finds it. From then on all is
 * written under the new keys; what was written before is written once more; when a snapshot names
 * no old key any more, they are dropped. Where it was cut off is told by the keyring alone: old
 * keys are in it.
 */

#include "store/upkeep.h"

gboolean rotate_is_pending(const Store *store);

/* FALSE with an error, and all as before: another rotation is not over, or this is the same KEK. */
gboolean rotate_begin(Upkeep *upkeep, const Kek *next, GError **error);

/* Up to its end; after an error it may be called again. */
gboolean rotate_go_on(Upkeep *upkeep, GError **error);

/* New keys with which a tenant signs; FALSE with an error, and all as before. */
gboolean
rotate_signing(Upkeep *upkeep, const StoreWorkAsked *asked, gint64 now_usec, GError **error);
