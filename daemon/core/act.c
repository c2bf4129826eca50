/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "core/act.h"

#include "core/app-token.h"
#include "core/chain.h"
#include "core/limit.h"
#include "core/session.h"

void caller_clear(Caller *caller)
{
    g_clear_pointer(&caller->session, session_free);
    g_clear_pointer(&caller->account, account_free);
    g_clear_pointer(&caller->chain, chain_free);
    g_clear_pointer(&caller->identity, identity_free);
    g_clear_pointer(&caller->app, app_free);
    g_clear_pointer(&caller->app_token, app_token_free);
    caller->access_place = 0;
    if (caller->standing) {
        *caller->standing = (LimitStanding){.n_rows = 0};
    }
}
