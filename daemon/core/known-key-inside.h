/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* known-key-inside.h - what the files of known-key share */

#include "core/known-key.h"

/* Good now or not. */
gboolean known_key_load(Txn *txn, const Id *id, KnownKey **ret_known, GError **error);
/* Ends it, with an event of its account. */
gboolean known_key_finish(Txn *txn, const KnownKey *known, GError **error);
