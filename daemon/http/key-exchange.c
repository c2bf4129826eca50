/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * key-exchange.c - an API key becomes an aat_: by our own JSON endpoint, and by token exchange
 *
 * Source: RFC 8693 2.1, 2.2. A key that is no good is "invalid_request" there (2.2.2).
 */

#include "core/app-token.h"
#include "http/handlers.h"
#include "http/json.h"

#define TYPE_API_KEY      "urn:antara:token-type:api-key"
#define TYPE_ACCESS_TOKEN "urn:ietf:params:oauth:token-type:access_token"

static void refuse(Exchange *exchange, const AppTokenAnswer *answer)
{
    exchange_reply_oauth_error(exchange, answer->reason, answer->description);
}

static void json_done(
    Exchange *exchange,
    Outcome outcome,
    gpointer data,
    gconstpointer asked,
    const GError *error)
{
    AppTokenAnswer *answer = data;

    (void)asked, (void)error;
    if (outcome != OUTCOME_GRANTED) {
        if (answer->reason == REASON_KEY_INVALID) {
            answer->reason = REASON_TOKEN_INVALID; /* 401: this endpoint is ours to define */
        }
        refuse(exchange, answer);
        return;
    }
    json_t *body = json_pack(
        "{s:s, s:i, s:s}", "accessToken", answer->access_token, "expiresIn",
        (int)answer->expires_in, "tokenType", "Bearer");
    g_assert(body != NULL);
    exchange_reply_json(exchange, 200, json_dumps(body, JSON_COMPACT));
    json_decref(body);
}

void key_exchange_post(Exchange *exchange)
{
    const json_t *body = exchange_json(exchange);
    const AppTokenAsked asked = {
        .caller = exchange_caller(exchange),
        .api_key = body != NULL ? json_text_of(body, "apiKey") : NULL,
    };

    if (asked.api_key == NULL) {
        exchange_reply_oauth_error(
            exchange, REASON_BAD_REQUEST, "send a JSON object with apiKey, as application/json");
        return;
    }
    exchange_run(exchange, &app_token_exchange_act, &asked, sizeof(asked), json_done);
}

static void grant_done(
    Exchange *exchange,
    Outcome outcome,
    gpointer data,
    gconstpointer asked,
    const GError *error)
{
    const AppTokenAnswer *answer = data;

    (void)asked, (void)error;
    if (outcome != OUTCOME_GRANTED) {
        refuse(exchange, answer);
        return;
    }
    g_autofree char *scope = g_strjoinv(" ", answer->scopes);
    json_t *body = json_pack(
        "{s:s, s:s, s:s, s:i, s:s}", "access_token", answer->access_token, "issued_token_type",
        TYPE_ACCESS_TOKEN, "token_type", "Bearer", "expires_in", (int)answer->expires_in, "scope",
        scope);
    g_assert(body != NULL);
    exchange_reply_json(exchange, 200, json_dumps(body, JSON_COMPACT));
    json_decref(body);
}

/* NULL, or what is wrong with the request. */
static const char *exchange_problem(Exchange *exchange)
{
    const char *wanted = exchange_form(exchange, "requested_token_type");

    if (g_strcmp0(exchange_form(exchange, "subject_token_type"), TYPE_API_KEY) != 0) {
        return "subject_token_type must be " TYPE_API_KEY;
    }
    if (exchange_form(exchange, "actor_token") != NULL ||
        exchange_form(exchange, "actor_token_type") != NULL) {
        return "there is no delegation: actor_token is not taken";
    }
    if (wanted != NULL && !g_str_equal(wanted, TYPE_ACCESS_TOKEN)) {
        return "requested_token_type can only be " TYPE_ACCESS_TOKEN;
    }
    return NULL;
}

void key_exchange_grant(Exchange *exchange)
{
    const char *problem = exchange_problem(exchange);
    const AppTokenAsked asked = {
        .caller = exchange_caller(exchange),
        .api_key = exchange_form(exchange, "subject_token"),
        .client_id = client_id_of(exchange),
        .scope = exchange_form(exchange, "scope"),
    };

    if (problem != NULL) {
        exchange_reply_oauth_error(exchange, REASON_BAD_REQUEST, problem);
        return;
    }
    if (exchange_form(exchange, "resource") != NULL ||
        exchange_form(exchange, "audience") != NULL) {
        exchange_reply_oauth_error(
            exchange, REASON_TARGET_INVALID, "such a token is for this server alone");
        return;
    }
    exchange_run(exchange, &app_token_exchange_act, &asked, sizeof(asked), grant_done);
}
