/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * settle.h - what a directory is: a store, one whose birth was cut off, or nothing of ours
 *
 * The keyring is wrapped by the KEK; during a rotation there is a second file, wrapped by the new
 * one. The file "clean" says that the table is whole, and where the
 * journal goes on. Both are replaced whole.
 */

#include "store/store-inside.h"

/* The keyring of the directory; an empty directory gets a new one. *ret_fresh: the store is just
 * being made, or was when the power went: segment and manifest are to be written. */
gboolean
settle_keyring(Store *store, const char *const *tenants, gboolean *ret_fresh, GError **error);

/* Saves a keyring so that a start with the KEK of the configuration, and one with the newest of
 * @keks, finds it. */
gboolean
settle_save_keyring(const Store *store, const Keyring *keyring, const Keks *keks, GError **error);

/* What a checkpoint or a segment in the making left behind when the power went, and what the
 * manifest no longer names. */
gboolean settle_leftovers(const Store *store, GError **error);

gboolean clean_write(Store *store, const JournalPlace *place, GError **error);
/* *ret_clean: the table may be used as it is. The file is removed, and the directory synced. */
gboolean clean_take(Store *store, JournalPlace *ret_place, gboolean *ret_clean, GError **error);
