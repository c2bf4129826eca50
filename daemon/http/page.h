/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* page.h - the frame that all pages share: name of the tenant, account, language */

#include "base/reason.h"
#include "http/exchange.h"
#include "http/values.h"

/**
 * page_values() - what every template's head and foot need, taken from the request
 * @title: English; the page's title and its one h1
 */
Values *page_values(Exchange *exchange, const char *title);

/* Names the signed-in account in the foot of the page. NULL: nobody. */
void page_set_account(Values *values, const char *email);

/* A text of the catalog as a value. */
void page_set_text(Values *values, const char *name, Exchange *exchange, const char *english);

/* A time of the wall clock for people, in UTC. */
void page_set_time(Values *values, const char *name, gint64 usec);

/* Answers with the template of that name (daemon/web/NAME.html). Takes @values. */
void page_reply(Exchange *exchange, guint status, const char *name, Values *values);

/* The same, and a script at its end runs, allowed by its hash (CSP 3 2.3.1). @script: ours, static,
 * without an end tag. */
void page_reply_pressed(Exchange *exchange, const char *name, Values *values, const char *script);

/**
 * page_problem() - the error page, for exchange_reply_problem() and for what comes before a handler
 * @display_name: of the tenant; NULL when no tenant is known
 * @language: (nullable): as exchange_language() says
 * @status: HTTP status, shown small
 * @words: (nullable): English, a key of the catalog; NULL: the words of @status
 *
 * Returns: (transfer full): the HTML.
 */
char *page_problem(const char *display_name, const char *language, guint status, const char *words);
