/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * limit.h - hard limits: GCRA, one timestamp in one record, in the transaction of the operation
 *
 * A request over its limit writes nothing; so an act takes all its limits at once, first.
 */

#include "core/act.h"
#include "core/record.h"

typedef struct Limit {
    gint64 full_usec; /* GCRA's theoretical arrival time: when the budget is whole again */
} Limit;

extern const RecordTable limit_table;

typedef struct LimitUse {
    LimitName name;
    const void *key; /* whose budget; text from outside is welcome; NULL skips this one */
    gsize key_size;
} LimitUse;

/**
 * limit_take() - take one from each of these budgets, or from none
 * @ret_retry: (out): seconds until it would be allowed; 0 when it is
 *
 * Returns: FALSE with an error when that can't be told.
 */
gboolean limit_take(
    Txn *txn,
    const Tenant *tenant,
    const LimitUse *uses,
    gsize n_uses,
    gboolean *ret_allowed,
    guint *ret_retry,
    GError **error);

/* Gives back what limit_take() took in this transaction, for a try that was right. */
gboolean
limit_give_back(Txn *txn, const Tenant *tenant, const LimitUse *uses, gsize n_uses, GError **error);
