/* SPDX-License-Identifier: GPL-3.0-or-later */

/* introspect.c - a backend asks what a token of its own app is (RFC 7662); never a browser */

#include "core/introspection.h"
#include "http/handlers.h"

#include <jansson.h>

static json_t *audience_json(const char *resource)
{
    g_auto(GStrv) list = g_strsplit(resource, " ", -1);

    if (g_strv_length(list) == 1) {
        return json_string(list[0]);
    }
    json_t *array = json_array();
    for (gsize i = 0; list[i] != NULL; i++) {
        json_array_append_new(array, json_string(list[i]));
    }
    return array;
}

/* RFC 7662 2.2. A refresh token has no token_type: it is no bearer token. */
static json_t *active_json(const IntrospectionAnswer *answer, const char *issuer)
{
    g_autofree char *scope = g_strjoinv(" ", answer->scopes);
    json_t *body = json_pack(
        "{s:b, s:s, s:s, s:s, s:I, s:I, s:s*, s:s*}", "active", TRUE, "scope", scope, "client_id",
        answer->client_id, "iss", issuer, "exp", (json_int_t)(answer->expires_usec / USEC_PER_SEC),
        "iat", (json_int_t)(answer->issued_usec / USEC_PER_SEC), "sub",
        *answer->subject ? answer->subject : NULL, "token_type", answer->refresh ? NULL : "Bearer");

    g_assert(body != NULL);
    if (answer->resource != NULL) {
        json_object_set_new(body, "aud", audience_json(answer->resource));
    }
    return body;
}

static void introspect_done(
    Exchange *exchange,
    Outcome outcome,
    gpointer data,
    gconstpointer asked,
    const GError *error)
{
    const IntrospectionAnswer *answer = data;

    (void)asked, (void)error;
    if (outcome != OUTCOME_GRANTED) {
        exchange_reply_oauth_error(exchange, answer->reason, NULL);
        return;
    }
    if (!answer->active) {
        exchange_reply_json(exchange, 200, g_strdup("{\"active\":false}"));
        return;
    }
    json_t *body = active_json(answer, exchange_tenant(exchange)->issuer);
    exchange_reply_json(exchange, 200, json_dumps(body, JSON_COMPACT));
    json_decref(body);
}

void introspect_post(Exchange *exchange)
{
    const IntrospectionAsked asked = {
        .caller = exchange_caller(exchange),
        .token = exchange_form(exchange, "token"),
    };

    if (client_is_refused(exchange)) {
        return;
    }
    if (asked.token == NULL) {
        exchange_reply_oauth_error(exchange, REASON_BAD_REQUEST, "token is missing");
        return;
    }
    exchange_run(exchange, &introspection_look_act, &asked, sizeof(asked), introspect_done);
}
