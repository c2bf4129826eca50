/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* rewrap.h - the emails of a record under the KEK of now; what store_open() gets as StoreRewrap */

#include "core/kinds.h"
#include "store/txn.h"

/* Does nothing for kinds that hold no email, and for a record that is not there. */
gboolean email_rewrap(Txn *txn, guint32 kind, const void *id, gsize id_size, GError **error);
