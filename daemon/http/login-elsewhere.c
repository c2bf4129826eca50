/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * login-elsewhere.c - a mailed link in another browser: it draws a number, or says "this wasn't me"
 *
 * No cookie is set here: whatever is pressed, nobody is signed in by this browser.
 */

#include "http/login-elsewhere.h"

#include "base/catalog.h"
#include "http/handlers.h"
#include "http/login-form.h"
#include "http/page.h"
#include "http/words.h"

void login_elsewhere_reply(Exchange *exchange, const LoginLookAnswer *answer, const char *link)
{
    g_autofree char *browser = words_of_agent(exchange_language(exchange), answer->agent);
    Values *values = page_values(exchange, N_("This is another browser"));

    values_set(values, "email", answer->email);
    values_set(values, "address", answer->address);
    values_set(values, "browser", browser);
    values_set(values, "form_token", answer->form_token);
    values_set(values, "link", link);
    page_set_time(values, "born", answer->born_usec);
    page_reply(exchange, 200, "elsewhere", values);
}

static void refuse(Exchange *exchange, Reason reason)
{
    if (reason == REASON_FORM_TOKEN) {
        exchange_reply_problem(exchange, reason);
    } else {
        login_form_reply_reason(exchange, reason);
    }
}

static void number_done(
    Exchange *exchange,
    Outcome outcome,
    gpointer data,
    gconstpointer asked,
    const GError *error)
{
    const LoginElsewhereAnswer *answer = data;

    (void)asked, (void)error;
    if (outcome != OUTCOME_GRANTED) {
        refuse(exchange, answer->reason);
        return;
    }
    Values *values = page_values(exchange, N_("Your number"));
    values_set(values, "number", answer->number);
    page_reply(exchange, 200, "number", values);
}

static void disown_done(
    Exchange *exchange,
    Outcome outcome,
    gpointer data,
    gconstpointer asked,
    const GError *error)
{
    const LoginElsewhereAnswer *answer = data;

    (void)asked, (void)error;
    if (outcome != OUTCOME_GRANTED) {
        refuse(exchange, answer->reason);
        return;
    }
    Values *values = page_values(exchange, N_("Ended"));
    values_set(values, "host", NULL);
    values_set(values, "number", NULL);
    page_set_text(
        values, "words", exchange,
        N_("Every sign-in that waited for this address was ended. Nobody was signed in. You can "
           "close this page."));
    page_reply(exchange, 200, "decided", values);
}

static void run(Exchange *exchange, const ActType *act, ExchangeDone done)
{
    const LoginElsewhereAsked asked = {
        .caller = exchange_caller(exchange),
        .link = exchange_form(exchange, "link"),
        .form_token = exchange_form(exchange, "form_token"),
    };

    if (exchange_double(exchange) != NULL || asked.link == NULL) {
        exchange_reply_problem(exchange, REASON_BAD_REQUEST);
        return;
    }
    exchange_run(exchange, act, &asked, sizeof(asked), done);
}

void elsewhere_post(Exchange *exchange)
{
    run(exchange, &login_draw_number_act, number_done);
}

void disown_post(Exchange *exchange)
{
    run(exchange, &login_disown_act, disown_done);
}
