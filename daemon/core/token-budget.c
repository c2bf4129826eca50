/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "core/token-budget.h"

#include "core/network.h"

#include <string.h>

gboolean token_budget_take(
    Txn *txn,
    const Caller *caller,
    const Id *app,
    gint64 *chain_usec,
    gboolean *ret_allowed,
    GError **error)
{
    const LimitUse use = {LIMIT_TOKEN_APP, app->bytes, ID_BYTES};
    gint64 own = *chain_usec;
    guint retry = 0;

    *ret_allowed = limit_take_own(txn, caller, LIMIT_TOKEN_CHAIN, &own);
    if (!*ret_allowed) {
        return TRUE;
    }
    if (!limit_take(txn, caller, &use, 1, ret_allowed, &retry, error)) {
        return FALSE;
    }
    *chain_usec = *ret_allowed ? own : *chain_usec;
    return TRUE;
}

static gboolean lacks_a_secret(Reason reason)
{
    return reason == REASON_CLIENT_UNKNOWN || reason == REASON_GRANT_INVALID ||
           reason == REASON_KEY_INVALID;
}

Outcome token_budget_settle(
    Txn *txn,
    const Caller *caller,
    Outcome outcome,
    Reason *reason,
    const char **ret_description,
    GError **error)
{
    g_autofree char *group = network_group(caller->address);
    const LimitUse use = {LIMIT_TOKEN_CLIENT, group, group ? strlen(group) : 0};
    gboolean allowed = FALSE;
    guint retry = 0;

    if (outcome != OUTCOME_DENIED || !lacks_a_secret(*reason)) {
        return outcome;
    }
    if (!limit_take(txn, caller, &use, 1, &allowed, &retry, error)) {
        return OUTCOME_BROKEN;
    }
    if (!allowed) {
        *reason = REASON_TOO_MANY;
        *ret_description = "too many requests without a right code, token or key";
    }
    return OUTCOME_DENIED;
}
