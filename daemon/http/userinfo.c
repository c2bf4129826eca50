/* SPDX-License-Identifier: GPL-3.0-or-later */

/* userinfo.c - the slug, and the alias if the person set one (OpenID Connect Core 5.3, RFC 6750) */

#include "core/chain.h"
#include "http/handlers.h"

#include <jansson.h>

static void userinfo_done(
    Exchange *exchange,
    Outcome outcome,
    gpointer data,
    gconstpointer asked,
    const GError *error)
{
    const UserinfoAnswer *answer = data;

    (void)asked, (void)error;
    if (outcome != OUTCOME_GRANTED) {
        exchange_reply_oauth_error(exchange, answer->reason, NULL);
        return;
    }
    json_t *body = json_pack("{s:s, s:s*}", "sub", answer->subject, "nickname", answer->alias);
    g_assert(body != NULL);
    exchange_reply_json(exchange, 200, json_dumps(body, JSON_COMPACT));
    json_decref(body);
}

static void userinfo_run(Exchange *exchange)
{
    const UserinfoAsked asked = {.caller = exchange_caller(exchange)};
    exchange_run(exchange, &chain_userinfo_act, &asked, sizeof(asked), userinfo_done);
}

void userinfo_get(Exchange *exchange)
{
    userinfo_run(exchange);
}

/* RFC 6750 2: a token in the header or in the form, never in both. */
void userinfo_post(Exchange *exchange)
{
    const char *token = exchange_form(exchange, "access_token");
    Caller *caller = exchange_caller(exchange);

    if (exchange_double(exchange) != NULL || (token != NULL && caller->credential != NULL)) {
        exchange_reply_oauth_error(exchange, REASON_BAD_REQUEST, "one token, sent in one way");
        return;
    }
    if (token != NULL) {
        caller->credential = token;
    }
    userinfo_run(exchange);
}
