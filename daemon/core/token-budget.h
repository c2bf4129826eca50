/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * token-budget.h - who pays for a request at the token endpoint
 *
 * Client ids are public, so an app's budget, a chain's or a key's is spent only by a request with a
 * right secret; all else is charged to its address. So nobody who knows an app's id alone can keep
 * its people out.
 */

#include "core/limit.h"

/**
 * token_budget_take() - charge a request that holds a right secret, before it gets its tokens
 * @app: whose tokens they are
 * @chain_usec: (inout): the timestamp of the chain's own limit, which its record keeps; unchanged
 * when refused, else the caller saves the chain
 *
 * Returns: FALSE with an error; *ret_allowed FALSE: nothing was taken, and nothing may be written.
 */
gboolean token_budget_take(
    Txn *txn,
    const Caller *caller,
    const Id *app,
    gint64 *chain_usec,
    gboolean *ret_allowed,
    GError **error);

/**
 * token_budget_settle() - charge the address of a request that was denied for lack of a right
 * secret
 * @outcome: of the act; anything but DENIED passes
 * @reason: (inout): of its answer. CLIENT_UNKNOWN, GRANT_INVALID and KEY_INVALID are charged; over
 * the limit it becomes TOO_MANY
 * @ret_description: set with it
 *
 * Over the limit nothing is written but what a stolen secret has ended: that happens once only, and
 * a thief must not be able to prevent it by being busy.
 *
 * Returns: @outcome, or BROKEN with an error.
 */
Outcome token_budget_settle(
    Txn *txn,
    const Caller *caller,
    Outcome outcome,
    Reason *reason,
    const char **ret_description,
    GError **error);
