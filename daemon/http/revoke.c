/* SPDX-License-Identifier: GPL-3.0-or-later */

/* revoke.c - an app gives a token back (RFC 7009); an unknown one is fine */

#include "core/chain.h"
#include "http/handlers.h"

static void revoke_done(
    Exchange *exchange,
    Outcome outcome,
    gpointer data,
    gconstpointer asked,
    const GError *error)
{
    const PlainAnswer *answer = data;

    (void)asked, (void)error;
    if (outcome != OUTCOME_GRANTED) {
        exchange_reply_oauth_error(exchange, answer->reason, NULL);
        return;
    }
    exchange_reply_json(exchange, 200, g_strdup("{}"));
}

void revoke_post(Exchange *exchange)
{
    const RevokeAsked asked = {
        .caller = exchange_caller(exchange),
        .client_id = client_id_of(exchange),
        .token = exchange_form(exchange, "token"),
    };

    if (client_is_refused(exchange)) {
        return;
    }
    if (asked.client_id == NULL || asked.token == NULL) {
        exchange_reply_oauth_error(exchange, REASON_BAD_REQUEST, "client_id or token is missing");
        return;
    }
    exchange_run(exchange, &chain_revoke_act, &asked, sizeof(asked), revoke_done);
}
