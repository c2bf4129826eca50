/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * chain-list.h - which chains an identity and a session have, so that all of them can be ended
 *
 * What is over stays in a list until the list is full: then all of it is looked at, not at each
 * sign-in. If most of it lives, what was used least lately ends.
 */

#include "core/chain.h"

#define CHAINS_LISTED_MAX 64U /* of one identity, or one session */
#define CHAINS_KEPT_MAX   50U /* of them, when the list was full */

/* @offline: it outlives its session, so that it stands in the list of the identity alone. */
gboolean chain_list_enter(Txn *txn, const Chain *chain, gboolean offline, GError **error);
