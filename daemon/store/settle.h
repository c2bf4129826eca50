/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * settle.h - the small files of a store: keyring, manifest, clean
 *
 * Each is sealed or tagged with keys of the store, and replaced whole. The manifest says from where
 * a recovery begins: snapshot (none yet) and first segment. The file "clean" says that the table is
 * whole, and where the journal goes on.
 */

#include "store/store-inside.h"

/* The keyring of the directory; an empty directory gets a new one. *ret_fresh: the store is just
 * being made, or was when the power went: segment and manifest are to be written. */
gboolean
settle_keyring(Store *store, const char *const *tenants, gboolean *ret_fresh, GError **error);

gboolean manifest_write(Store *store, GError **error);
gboolean manifest_read(Store *store, GError **error);

gboolean clean_write(Store *store, const JournalPlace *place, GError **error);
/* *ret_clean: the table may be used as it is. The file is removed, and the directory synced. */
gboolean clean_take(Store *store, JournalPlace *ret_place, gboolean *ret_clean, GError **error);
