/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * limit.h - hard limits: GCRA, one timestamp in one record, in the transaction of the operation
 *
 * A request over its limit writes nothing; so an act takes all its limits at once, first.
 */

#include "core/act.h"
#include "core/record.h"

#define LIMIT_USES_MAX 4U

typedef struct Limit {
    gint64 full_usec; /* GCRA's theoretical arrival time: when the budget is whole again */
} Limit;

extern const RecordTable limit_table;

typedef struct LimitUse {
    LimitName name;
    const void *key; /* whose budget; text from outside is welcome; NULL skips this one */
    gsize key_size;
} LimitUse;

/* A key: the budget of all together, LIMIT_EVERYBODY_TIMES as large as anybody's own. */
extern const char limit_everybody[];
#define LIMIT_EVERYBODY_TIMES 200U

/* What was taken for a request, for the edge to tell. Budgets that others spend as well, of an
 * email address or an app, are left out: what is left of them would tell of those others. */
typedef struct LimitStanding {
    struct LimitRow {
        LimitName name;
        LimitRate rate;
        guint left;          /* at once, after this request */
        guint reset_seconds; /* until it is whole again */
    } rows[LIMIT_USES_MAX];
    guint n_rows;
    guint retry_seconds; /* of whatever budget: 0, or when the refused request would be allowed */
} LimitStanding;

/**
 * limit_take() - take one from each of these budgets, or from none
 * @caller: whose tenant sets the rates, and whose standing is noted
 * @ret_retry: (out): seconds until it would be allowed; 0 when it is
 *
 * Returns: FALSE with an error when that can't be told.
 */
gboolean limit_take(
    Txn *txn,
    const Caller *caller,
    const LimitUse *uses,
    gsize n_uses,
    gboolean *ret_allowed,
    guint *ret_retry,
    GError **error);

/* Gives back what limit_take() took in this transaction, for a try that was right; then there is
 * nothing to tell either. */
gboolean
limit_give_back(Txn *txn, const Caller *caller, const LimitUse *uses, gsize n_uses, GError **error);

/**
 * limit_take_own() - the same for a budget whose timestamp another record keeps
 * @full_usec: (inout): of that record; unchanged when refused. The caller saves the record
 *
 * Returns: whether it is allowed.
 */
gboolean limit_take_own(const Txn *txn, const Caller *caller, LimitName name, gint64 *full_usec);
