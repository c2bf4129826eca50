/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * exchange.h - one request and its answer, as handlers see them; libsoup stays below
 *
 * A handler goes match, parse, act, wait, reply: it reads the request, calls exchange_run() with
 * one act, and answers in the done function. What it answers there is held until the act's point is
 * durable (http/serve). Everything handed out is owned by the exchange and lives as long as it.
 */

#include "core/run.h"

typedef struct Exchange Exchange;

/* the request */
const Tenant *exchange_tenant(const Exchange *exchange);
const char *exchange_query(Exchange *exchange, const char *name); /* NULL: absent or empty */
const char *exchange_form(
    Exchange *exchange,
    const char *name); /* POST body, urlencoded; NULL: absent or empty */
/* The first parameter that was sent twice, or NULL; of the query for GET, of the body for POST. */
const char *exchange_double(Exchange *exchange);
/* All resource parameters (RFC 8707); of the query for GET, of the body for POST. NULL: none. */
const char *const *exchange_resources(Exchange *exchange);
const char *exchange_query_text(const Exchange *exchange); /* raw query string, or NULL */
const char *exchange_body_text(const Exchange *exchange);  /* raw body, NUL-terminated */
/* The body as JSON (http/json.h), parsed once; NULL: it is none, or is not sent as such. */
const struct json_t *exchange_json(Exchange *exchange);
/* Behind the fixed part of a route that ends in a star: percent-decoded, no slash, or NULL. */
const char *exchange_tail(const Exchange *exchange);
const char *exchange_header(const Exchange *exchange, const char *name); /* NULL: absent */
const char *exchange_language(const Exchange *exchange); /* chosen by Accept-Language among po/ */
const char *exchange_basic_password(
    Exchange *exchange); /* a non-empty secret by Basic or client_secret, or NULL */
Caller *
exchange_caller(Exchange *exchange); /* filled in as the route's row says; for asked.caller */

/* The worker's runner: its signing key, for what is made after the act. */
Runner *exchange_runner(const Exchange *exchange);

/* for copies that must live as long as the request */
char *exchange_keep(Exchange *exchange, char *text); /* takes it over, returns it */

/* the act; @asked is copied (@size bytes) and given back in the done function, which never sees
 * OUTCOME_BROKEN: the exchange answers that. A done function may run another act. */
typedef void (*ExchangeDone)(
    Exchange *exchange,
    Outcome outcome,
    gpointer answer,
    gconstpointer asked,
    const GError *error);
void exchange_run(
    Exchange *exchange,
    const ActType *act,
    gconstpointer asked,
    gsize size,
    ExchangeDone done);

/* the answer: exactly one of these per request */
void exchange_reply(
    Exchange *exchange,
    guint status,
    const char *type,
    GBytes *body);                                                      /* takes @body */
void exchange_reply_json(Exchange *exchange, guint status, char *json); /* takes @json */
void exchange_reply_page(Exchange *exchange, guint status, char *html); /* takes @html */
void exchange_reply_nothing(Exchange *exchange);                        /* 204 */
void exchange_redirect(Exchange *exchange, const char *location);       /* 303, always */
/* JSON error body of RFC 6749 5.2; 401 with WWW-Authenticate where RFC 6750 wants it. */
void exchange_reply_oauth_error(Exchange *exchange, Reason reason, const char *description);
/* An error page with the words of the reason. */
void exchange_reply_problem(Exchange *exchange, Reason reason);

/* before the answer */
typedef enum CookieKind { COOKIE_SESSION, COOKIE_BROWSER } CookieKind;
void exchange_set_cookie(
    Exchange *exchange,
    CookieKind kind,
    const char *value,
    gint64 life_seconds); /* NULL ends it */
void exchange_add_header(Exchange *exchange, const char *name, const char *value);
/* This page's policy lets this one script run, by its hash. */
void exchange_allow_script(Exchange *exchange, const char *script);
/* This page's form can end at an app: form-action gets https:, and for this URI http: (loopback) or
 * its private-use scheme. */
void exchange_form_may_end_at(Exchange *exchange, const char *redirect_uri);
