/* SPDX-License-Identifier: GPL-3.0-or-later */

/* link-page.c - what a person sees of a request for a link, and what he decides */

#include "base/catalog.h"
#include "core/link-request.h"
#include "http/handlers.h"
#include "http/page.h"

static void look_done(
    Exchange *exchange,
    Outcome outcome,
    gpointer data,
    gconstpointer asked_data,
    const GError *error)
{
    const LinkPageAnswer *answer = data;
    const LinkPageAsked *asked = asked_data;

    (void)error;
    if (outcome != OUTCOME_GRANTED) {
        code_refusal_reply(exchange, answer->reason, asked->user_code);
        return;
    }
    g_autofree char *services = g_strjoinv(", ", answer->services);
    Values *values = page_values(exchange, N_("Link this account to a local user?"));
    values_set(values, "host", answer->host);
    values_set(values, "local_user", answer->local_user);
    values_set(values, "services", services);
    values_set(values, "user_code", answer->user_code);
    page_set_time(values, "born", answer->born_usec);
    values_set(values, "form_token", answer->form_token);
    page_set_account(values, answer->email);
    page_reply(exchange, 200, "approve-link", values);
}

void link_page_show(Exchange *exchange, const char *user_code)
{
    const LinkPageAsked asked = {
        .caller = exchange_caller(exchange),
        .user_code = user_code,
    };

    exchange_run(exchange, &link_request_look_act, &asked, sizeof(asked), look_done);
}

static void decide_done(
    Exchange *exchange,
    Outcome outcome,
    gpointer data,
    gconstpointer asked_data,
    const GError *error)
{
    const LinkPageAnswer *answer = data;
    const LinkPageAsked *asked = asked_data;

    (void)error;
    if (outcome != OUTCOME_GRANTED) {
        code_refusal_reply(exchange, answer->reason, asked->user_code);
        return;
    }
    Values *values = page_values(exchange, asked->approved ? N_("Approved") : N_("Declined"));
    values_set(values, "number", answer->number);
    values_set(values, "host", answer->host);
    page_set_text(values, "words", exchange, N_("Nothing was linked. You can close this page."));
    page_reply(exchange, 200, "decided", values);
}

void link_decide_post(Exchange *exchange)
{
    const char *decision = exchange_form(exchange, "decision");
    const LinkPageAsked asked = {
        .caller = exchange_caller(exchange),
        .user_code = code_of_form(exchange),
        .form_token = exchange_form(exchange, "form_token"),
        .approved = g_strcmp0(decision, "approve") == 0,
    };

    if (exchange_double(exchange) != NULL || decision == NULL || asked.user_code == NULL) {
        exchange_reply_problem(exchange, REASON_BAD_REQUEST);
        return;
    }
    exchange_run(exchange, &link_request_decide_act, &asked, sizeof(asked), decide_done);
}
