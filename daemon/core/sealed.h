/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* sealed.h - a record that travels in a form of our own: nobody else can read, change or make one,
 * and nothing is stored of it */

#include "core/record.h"

/* (transfer full): base64url of the sealed encoding, bound to the tenant and to @table's name. */
char *record_seal(const Txn *txn, const RecordTable *table, gconstpointer record);

/* @text: untrusted, may be NULL. (transfer full), NULL when it is made up, or of another table. */
gpointer record_unseal(const Txn *txn, const RecordTable *table, const char *text);
