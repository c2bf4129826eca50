/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* kept.h - an authorization request that waits, under an id, for the account that signed in */

#include "core/act.h"
#include "core/record.h"

typedef struct Kept {
    Id account;
    GBytes *request; /* encoded by authorization_table */
} Kept;

extern const RecordTable kept_table;

#define KEPT_LIFE_USEC (10 * USEC_PER_MINUTE)

gboolean kept_put(Txn *txn, const Id *account, GBytes *request, Id *ret_kept, GError **error);

/**
 * kept_take() - the request that waits under @kept_id for @account
 * @ret_request: (out) (transfer full): NULL when there is none, or it waits for another
 *
 * It stays until it expires: a GET changes nothing, and a page may be loaded again.
 */
gboolean
kept_take(Txn *txn, const Id *kept_id, const Id *account, GBytes **ret_request, GError **error);
