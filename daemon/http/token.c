/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * token.c - the token endpoint: one row for each grant type
 *
 * Source: RFC 6749 3.2, 4.1.3, 6; RFC 8628 3.4. The ID token is signed here, after the transaction.
 */

#include "core/device.h"
#include "core/grant.h"
#include "http/handlers.h"
#include "http/id-token.h"
#include "http/route.h"

#include <jansson.h>
#include <string.h>

#define DEVICE_GRANT         "urn:ietf:params:oauth:grant-type:device_code"
#define TOKEN_EXCHANGE_GRANT "urn:ietf:params:oauth:grant-type:token-exchange"

/* NULL with an error when there should be one and it can't be made. */
static gboolean
make_id_token(Exchange *exchange, const TokenAnswer *answer, char **ret_token, GError **error)
{
    const Tenant *tenant = exchange_tenant(exchange);

    *ret_token = NULL;
    if (answer->subject == NULL || answer->scopes == NULL ||
        !g_strv_contains((const char *const *)answer->scopes, "openid")) {
        return TRUE;
    }
    const SigningKeys *keys = runner_signing_keys(exchange_runner(exchange), tenant, error);
    if (keys == NULL) {
        return FALSE;
    }
    *ret_token = id_token_make(keys, tenant->issuer, answer, error);
    return *ret_token != NULL;
}

static char *token_json(const TokenAnswer *answer, const char *id_token)
{
    g_autofree char *scope = g_strjoinv(" ", answer->scopes);
    json_t *body = json_pack(
        "{s:s, s:s, s:i, s:s, s:s*, s:s*}", "access_token", answer->access_token, "token_type",
        "Bearer", "expires_in", (int)answer->expires_in, "scope", scope, "refresh_token",
        answer->refresh_token, "id_token", id_token);

    g_assert(body != NULL);
    char *text = json_dumps(body, JSON_COMPACT);
    json_decref(body);
    return text;
}

static void token_done(
    Exchange *exchange,
    Outcome outcome,
    gpointer data,
    gconstpointer asked,
    const GError *error)
{
    const TokenAnswer *answer = data;
    g_autofree char *id_token = NULL;
    g_autoptr(GError) failure = NULL;

    (void)asked, (void)error;
    if (outcome != OUTCOME_GRANTED) {
        exchange_reply_oauth_error(exchange, answer->reason, answer->description);
        return;
    }
    if (!make_id_token(exchange, answer, &id_token, &failure)) {
        exchange_reply_oauth_error(exchange, REASON_NONE, "the ID token could not be signed");
        return;
    }
    exchange_reply_json(exchange, 200, token_json(answer, id_token));
}

static void grant_code(Exchange *exchange)
{
    const GrantRedeemAsked asked = {
        .caller = exchange_caller(exchange),
        .client_id = client_id_of(exchange),
        .code = exchange_form(exchange, "code"),
        .redirect_uri = exchange_form(exchange, "redirect_uri"),
        .code_verifier = exchange_form(exchange, "code_verifier"),
        .resources = exchange_resources(exchange),
    };
    exchange_run(exchange, &grant_redeem_act, &asked, sizeof(asked), token_done);
}

static void grant_refresh(Exchange *exchange)
{
    const RefreshAsked asked = {
        .caller = exchange_caller(exchange),
        .client_id = client_id_of(exchange),
        .refresh_token = exchange_form(exchange, "refresh_token"),
        .scope = exchange_form(exchange, "scope"),
        .resources = exchange_resources(exchange),
    };
    exchange_run(exchange, &chain_refresh_act, &asked, sizeof(asked), token_done);
}

static void grant_device(Exchange *exchange)
{
    const DevicePollAsked asked = {
        .caller = exchange_caller(exchange),
        .client_id = client_id_of(exchange),
        .device_code = exchange_form(exchange, "device_code"),
        .resources = exchange_resources(exchange),
    };
    exchange_run(exchange, &device_poll_act, &asked, sizeof(asked), token_done);
}

static const struct GrantType {
    const char *name;
    const char *needs; /* the parameter without which there is nothing to ask */
    gboolean needs_client;
    void (*handle)(Exchange *exchange);
} grant_types[] = {
    {"authorization_code", "code", TRUE, grant_code},
    {"refresh_token", "refresh_token", TRUE, grant_refresh},
    {DEVICE_GRANT, "device_code", TRUE, grant_device},
    {TOKEN_EXCHANGE_GRANT, "subject_token", FALSE, key_exchange_grant},
};

static void token_post(Exchange *exchange)
{
    const char *name = exchange_form(exchange, "grant_type");

    if (client_is_refused(exchange)) {
        return;
    }
    if (name == NULL) {
        exchange_reply_oauth_error(exchange, REASON_BAD_REQUEST, "grant_type is missing");
        return;
    }
    for (gsize i = 0; i < G_N_ELEMENTS(grant_types); i++) {
        if (strcmp(grant_types[i].name, name) != 0) {
            continue;
        }
        if ((grant_types[i].needs_client && client_id_of(exchange) == NULL) ||
            exchange_form(exchange, grant_types[i].needs) == NULL) {
            exchange_reply_oauth_error(
                exchange, REASON_BAD_REQUEST, "a parameter of this grant is missing");
            return;
        }
        grant_types[i].handle(exchange);
        return;
    }
    exchange_reply_oauth_error(exchange, REASON_GRANT_TYPE, NULL);
}

const Route token_routes[] = {
    {"/oauth/token", VERB_POST, FACE_SHARED, CALLER_NONE, 16384, token_post},
    {"/oauth/userinfo", VERB_GET, FACE_SHARED, CALLER_USER_TOKEN, 0, userinfo_get},
    {"/oauth/userinfo", VERB_POST, FACE_SHARED, CALLER_USER_TOKEN, 4096, userinfo_post},
    {"/oauth/revoke", VERB_POST, FACE_SHARED, CALLER_NONE, 8192, revoke_post},
    {"/oauth/introspect", VERB_POST, FACE_API, CALLER_APP_TOKEN, 8192, introspect_post},
    {"/auth/token/exchange", VERB_POST, FACE_API, CALLER_NONE, 4096, key_exchange_post},
    {NULL, 0, 0, CALLER_NONE, 0, NULL},
};
