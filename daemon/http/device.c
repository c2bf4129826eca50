/* SPDX-License-Identifier: GPL-3.0-or-later */

/* device.c - an app without a browser asks for a code (RFC 8628 3.1, 3.2) */

#include "core/device.h"

#include "http/handlers.h"

#include <jansson.h>

static char *without_dash(const char *user_code)
{
    g_auto(GStrv) parts = g_strsplit(user_code, "-", -1);
    return g_strjoinv("", parts);
}

static void device_done(
    Exchange *exchange,
    Outcome outcome,
    gpointer data,
    gconstpointer asked,
    const GError *error)
{
    const DeviceOpenAnswer *answer = data;
    const char *issuer = exchange_tenant(exchange)->issuer;

    (void)asked, (void)error;
    if (outcome != OUTCOME_GRANTED) {
        exchange_reply_oauth_error(exchange, answer->reason, NULL);
        return;
    }
    g_autofree char *code = without_dash(answer->user_code);
    g_autofree char *page = g_strconcat(issuer, "/d", NULL);
    g_autofree char *whole = g_strconcat(issuer, "/D/", code, NULL);
    json_t *body = json_pack(
        "{s:s, s:s, s:s, s:s, s:I, s:i}", "device_code", answer->device_code, "user_code",
        answer->user_code, "verification_uri", page, "verification_uri_complete", whole,
        "expires_in", (json_int_t)(DEVICE_LIFE_USEC / USEC_PER_SEC), "interval",
        (int)answer->interval);
    g_assert(body != NULL);
    exchange_reply_json(exchange, 200, json_dumps(body, JSON_COMPACT));
    json_decref(body);
}

void device_authorization_post(Exchange *exchange)
{
    const DeviceOpenAsked asked = {
        .caller = exchange_caller(exchange),
        .client_id = client_id_of(exchange),
        .scope = exchange_form(exchange, "scope"),
        .resources = exchange_resources(exchange),
    };

    if (client_is_refused(exchange)) {
        return;
    }
    if (asked.client_id == NULL) {
        exchange_reply_oauth_error(exchange, REASON_BAD_REQUEST, "client_id is missing");
        return;
    }
    exchange_run(exchange, &device_open_act, &asked, sizeof(asked), device_done);
}
