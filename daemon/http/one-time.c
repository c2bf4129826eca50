/* SPDX-License-Identifier: GPL-3.0-or-later */

/* one-time.c - a code for the prompt of a host's service, drawn on the dashboard */

#include "core/one-time.h"

#include "base/catalog.h"
#include "http/login-form.h"
#include "http/page.h"
#include "http/route.h"

static void draw_done(
    Exchange *exchange,
    Outcome outcome,
    gpointer data,
    gconstpointer asked,
    const GError *error)
{
    const OneTimeDrawAnswer *answer = data;
    const gboolean stale = answer->reason == REASON_STALE_SIGN_IN;
    const LoginForm form = {.notice = stale ? reason_face(answer->reason)->words : NULL};

    (void)asked, (void)error;
    if (stale || answer->reason == REASON_SIGNED_OUT) {
        login_form_reply(exchange, &form);
        return;
    }
    if (outcome != OUTCOME_GRANTED) {
        exchange_reply_problem(exchange, answer->reason);
        return;
    }
    g_autofree char *seconds = g_strdup_printf("%u", answer->seconds);
    Values *values = page_values(exchange, N_("One-time code"));
    values_set(values, "code", answer->code);
    values_set(values, "service", answer->service);
    values_set(values, "host", answer->host);
    values_set(values, "seconds", seconds);
    page_reply(exchange, 200, "one-time", values);
}

static void draw_post(Exchange *exchange)
{
    const char *identity = exchange_form(exchange, "identity");
    Id id;

    if (exchange_double(exchange) != NULL || identity == NULL || !id_from_text(identity, &id)) {
        exchange_reply_problem(exchange, REASON_BAD_REQUEST);
        return;
    }
    const OneTimeDrawAsked asked = {
        .caller = exchange_caller(exchange),
        .form_token = exchange_form(exchange, "form_token"),
        .identity = (const Id *)exchange_keep(exchange, g_memdup2(&id, sizeof(id))),
    };
    exchange_run(exchange, &one_time_draw_act, &asked, sizeof(asked), draw_done);
}

const Route one_time_routes[] = {
    {"/me/code", VERB_POST, FACE_PAGE, CALLER_SESSION, 4096, draw_post},
    {NULL, 0, 0, CALLER_NONE, 0, NULL},
};
