/* SPDX-License-Identifier: GPL-3.0-or-later */

/* push.c - an app pushes its authorization request (RFC 9126 2) */

#include "core/pushed.h"
#include "http/authorization-form.h"
#include "http/handlers.h"

#include <jansson.h>

static void push_done(
    Exchange *exchange,
    Outcome outcome,
    gpointer data,
    gconstpointer asked,
    const GError *error)
{
    const PushAnswer *answer = data;

    (void)asked, (void)error;
    if (outcome != OUTCOME_GRANTED) {
        exchange_reply_oauth_error(exchange, answer->reason, answer->description);
        return;
    }
    json_t *body = json_pack(
        "{s:s, s:i}", "request_uri", answer->request_uri, "expires_in", (int)answer->expires_in);
    g_assert(body != NULL);
    exchange_reply_json(exchange, 201, json_dumps(body, JSON_COMPACT));
    json_decref(body);
}

void push_post(Exchange *exchange)
{
    PushAsked asked = {.caller = exchange_caller(exchange)};

    if (client_is_refused(exchange)) {
        return;
    }
    authorization_form_read(exchange, exchange_form, &asked.parameters);
    asked.parameters.client_id = client_id_of(exchange);
    if (asked.parameters.client_id == NULL) {
        exchange_reply_oauth_error(exchange, REASON_BAD_REQUEST, "client_id is missing");
        return;
    }
    exchange_run(exchange, &pushed_put_act, &asked, sizeof(asked), push_done);
}
