/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* exchange-inside.h - how an exchange looks inside; for exchange*.c and server.c alone */

#include "core/limit.h"
#include "http/form.h"
#include "http/route.h"
#include "http/soft-limit.h"

#include <jansson.h>
#include <libsoup/soup.h>

struct Exchange {
    gint references;
    SoupServerMessage *message;
    Runner *runner;
    const Tenant *tenant;
    const Route *route;
    const char *tail;
    Caller caller;
    LimitStanding standing; /* the caller's */
    Form *query;            /* parsed when first asked */
    Form *form;
    json_t *json;
    GPtrArray *kept;
    GString *form_action;
    char *script_hash; /* of the one script that may run; NULL: none may */
    gboolean has_cache_control;
    gboolean answered;
    gboolean left;   /* nothing holds the answer any more */
    gboolean paused; /* libsoup waits for that */
    guint64 point;   /* what the answer waits for */
    gpointer asked;
    ExchangeDone done;
};

/* Takes over one request: finds tenant and route, checks, and calls the handler. @address: of the
 * client, canonical text. */
void exchange_begin(
    SoupServerMessage *message,
    Runner *runner,
    SoftLimit *soft_limit,
    const char *address);

/* Whether the body was sent as this type, parameters aside. */
gboolean exchange_body_is(const Exchange *exchange, const char *wanted);

Exchange *exchange_ref(Exchange *exchange);
void exchange_unref(Exchange *exchange);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Exchange, exchange_unref)

/* A page or JSON error for what no handler answers; by the route's face, JSON where there is no
 * route. */
void exchange_refuse(Exchange *exchange, guint status, const char *words);
