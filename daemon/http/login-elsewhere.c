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
#include "http/login-link.h"
#include "http/words.h"

void login_elsewhere_reply(Exchange *exchange, const LoginLookAnswer *answer, const char *link)
{
    g_autofree char *browser = words_of_agent(exchange_language(exchange), answer->agent);
    Values *values = login_link_values(exchange, N_("This is another browser"), answer, link);

    values_set(values, "browser", browser);
    page_reply(exchange, 200, "elsewhere", values);
}

static void show_number(Exchange *exchange, const char *number)
{
    Values *values = page_values(exchange, N_("Your number"));

    values_set(values, "number", number);
    page_reply(exchange, 200, "number", values);
}

static void show_ended(Exchange *exchange)
{
    Values *values = page_values(exchange, N_("Ended"));

    values_set(values, "host", NULL);
    values_set(values, "number", NULL);
    page_set_text(
        values, "words", exchange,
        N_("Every sign-in that waited for this address was ended. Nobody was signed in. You can "
           "close this page."));
    page_reply(exchange, 200, "decided", values);
}

/* Of either button: only one of them draws a number. */
static void pressed_done(
    Exchange *exchange,
    Outcome outcome,
    gpointer data,
    gconstpointer asked,
    const GError *error)
{
    const LoginElsewhereAnswer *answer = data;

    (void)asked, (void)error;
    if (outcome != OUTCOME_GRANTED) {
        login_form_reply_refused(exchange, answer->reason);
    } else if (answer->number != NULL) {
        show_number(exchange, answer->number);
    } else {
        show_ended(exchange);
    }
}

static void pressed(Exchange *exchange, const ActType *act)
{
    LoginElsewhereAsked asked = {.caller = exchange_caller(exchange)};

    if (login_link_read(exchange, &asked.link, &asked.form_token)) {
        exchange_run(exchange, act, &asked, sizeof(asked), pressed_done);
    }
}

void elsewhere_post(Exchange *exchange)
{
    pressed(exchange, &login_draw_number_act);
}

void disown_post(Exchange *exchange)
{
    pressed(exchange, &login_disown_act);
}
