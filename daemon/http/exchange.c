/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * exchange.c - one request: what handlers read of it, act, wait; how it begins stands in
 * exchange-begin.c, what is answered in exchange-reply.c
 */

#include "http/exchange-inside.h"

#include "base/catalog.h"
#include "base/error.h"
#include "base/log-events.h"
#include "base/log.h"
#include "http/json.h"

#include <string.h>

Exchange *exchange_ref(Exchange *exchange)
{
    exchange->references++;
    return exchange;
}

void exchange_unref(Exchange *exchange)
{
    if (!exchange || --exchange->references > 0) {
        return;
    }
    caller_clear(&exchange->caller);
    g_clear_pointer(&exchange->query, form_free);
    g_clear_pointer(&exchange->form, form_free);
    g_clear_pointer(&exchange->json, json_decref);
    g_ptr_array_unref(exchange->kept);
    g_free(exchange->script_hash);
    (void)g_string_free(exchange->form_action, TRUE);
    g_free(exchange->asked);
    g_object_unref(exchange->message);
    g_free(exchange);
}

const Tenant *exchange_tenant(const Exchange *exchange)
{
    return exchange->tenant;
}

Runner *exchange_runner(const Exchange *exchange)
{
    return exchange->runner;
}

Caller *exchange_caller(Exchange *exchange)
{
    return &exchange->caller;
}

const char *exchange_tail(const Exchange *exchange)
{
    return exchange->tail;
}

char *exchange_keep(Exchange *exchange, char *text)
{
    g_ptr_array_add(exchange->kept, text);
    return text;
}

const char *exchange_header(const Exchange *exchange, const char *name)
{
    return soup_message_headers_get_one(
        soup_server_message_get_request_headers(exchange->message), name);
}

const char *exchange_language(const Exchange *exchange)
{
    return catalog_choose(exchange_header(exchange, "Accept-Language"));
}

const char *exchange_query_text(const Exchange *exchange)
{
    return g_uri_get_query(soup_server_message_get_uri(exchange->message));
}

const char *exchange_body_text(const Exchange *exchange)
{
    const SoupMessageBody *body = soup_server_message_get_request_body(exchange->message);

    return body->data ? body->data : "";
}

const char *exchange_query(Exchange *exchange, const char *name)
{
    return form_value(exchange->query, name);
}

const char *exchange_form(Exchange *exchange, const char *name)
{
    return form_value(exchange->form, name);
}

static const Form *parameters_of(const Exchange *exchange)
{
    return exchange->route->verb == VERB_POST ? exchange->form : exchange->query;
}

const char *exchange_double(Exchange *exchange)
{
    return form_double(parameters_of(exchange));
}

const char *const *exchange_resources(Exchange *exchange)
{
    const char **values = form_values(parameters_of(exchange), "resource");

    return values ? (gpointer)exchange_keep(exchange, (gpointer)values) : NULL;
}

/* RFC 7617; only whether there is a secret matters: clients have none. */
static char *basic_password(const char *header)
{
    gsize size = 0;

    if (!header || g_ascii_strncasecmp(header, "Basic ", 6) != 0) {
        return NULL;
    }
    g_autofree guchar *plain = g_base64_decode(header + 6, &size);
    const guchar *colon = memchr(plain, ':', size);
    return colon ? g_strndup((const char *)colon + 1, size - (gsize)(colon + 1 - plain)) : NULL;
}

const char *exchange_basic_password(Exchange *exchange)
{
    char *password = basic_password(exchange_header(exchange, "Authorization"));
    const char *secret = exchange_form(exchange, "client_secret");

    if (password) {
        (void)exchange_keep(exchange, password);
    }
    return password && *password ? password : secret;
}

gboolean exchange_body_is(const Exchange *exchange, const char *wanted)
{
    const char *type = exchange_header(exchange, "Content-Type");
    gsize chars = strlen(wanted);

    return type && g_ascii_strncasecmp(type, wanted, chars) == 0 &&
           (type[chars] == '\0' || type[chars] == ';' || type[chars] == ' ');
}

const json_t *exchange_json(Exchange *exchange)
{
    const SoupMessageBody *body = soup_server_message_get_request_body(exchange->message);

    if (!exchange->json && exchange_body_is(exchange, "application/json")) {
        exchange->json = json_body_parse(body->data, (gsize)body->length);
    }
    return exchange->json;
}

/* What could not be answered: told to the log, not to the stranger. */
static void answer_broken(Exchange *exchange, const GError *error)
{
    gboolean no_room = g_error_matches(error, ANTARA_ERROR, ANTARA_ERROR_NO_ROOM);
    const LogField fields[] = {{"ROUTE", exchange->route->path}, {NULL, NULL}};

    log_event(
        LOG_LEVEL_ERR, LOG_EVENT_ACT_BROKEN, fields, "A request could not be answered: %s",
        error->message);
    if (no_room) {
        exchange_add_header(exchange, "Retry-After", "30");
    }
    exchange_refuse(
        exchange, no_room ? 503 : 500,
        no_room ? N_("The disk is full. Please try again later.")
                : N_("Something went wrong on our side."));
}

static void
run_done(Outcome outcome, gpointer answer, guint64 point, const GError *error, gpointer data)
{
    g_autoptr(Exchange) exchange = data;

    exchange->point = MAX(exchange->point, point);
    if (outcome == OUTCOME_BROKEN) {
        answer_broken(exchange, error);
    } else {
        exchange->done(exchange, outcome, answer, exchange->asked, error);
    }
}

void exchange_run(
    Exchange *exchange,
    const ActType *act,
    gconstpointer asked,
    gsize size,
    ExchangeDone done)
{
    g_free(exchange->asked);
    exchange->asked = g_memdup2(asked, size);
    exchange->done = done;
    const RunCall call = {act, exchange->asked, &exchange->caller};
    runner_run(exchange->runner, &call, run_done, exchange_ref(exchange));
    if (!exchange->left && !exchange->paused) {
        exchange->paused = TRUE;
        soup_server_message_pause(exchange->message);
    }
}
