/* SPDX-License-Identifier: GPL-3.0-or-later */

/* exchange.c - one request: match, parse, act, wait; what is answered stands in exchange-reply.c */

#include "http/exchange-inside.h"

#include "base/catalog.h"
#include "base/error.h"
#include "base/log-events.h"
#include "base/log.h"
#include "http/cookies.h"
#include "http/cors.h"
#include "http/json.h"
#include "http/origin.h"
#include "http/page.h"

#include <string.h>

#define AGENT_BYTES_MAX 512U

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

const char *exchange_double(Exchange *exchange)
{
    return form_double(exchange->route->verb == VERB_POST ? exchange->form : exchange->query);
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

/* RFC 6750 2.1 */
static const char *bearer_of(const char *header)
{
    return header && g_ascii_strncasecmp(header, "Bearer ", 7) == 0 ? header + 7 : NULL;
}

static void fill_in_caller(Exchange *exchange, const char *address)
{
    Caller *caller = &exchange->caller;
    const char *agent = exchange_header(exchange, "User-Agent");
    const char *cookies = exchange_header(exchange, "Cookie");

    caller->kind = exchange->route->caller;
    caller->tenant = exchange->tenant;
    caller->standing = &exchange->standing;
    caller->address = exchange_keep(exchange, g_strdup(address));
    caller->agent = agent ? exchange_keep(exchange, g_strndup(agent, AGENT_BYTES_MAX)) : NULL;
    if (caller->kind == CALLER_USER_TOKEN || caller->kind == CALLER_APP_TOKEN) {
        caller->credential = bearer_of(exchange_header(exchange, "Authorization"));
    } else if (!face_is_api(exchange->route->face)) {
        char *session = cookie_read(cookies, cookie_name(exchange->tenant, COOKIE_SESSION));
        char *browser = cookie_read(cookies, cookie_name(exchange->tenant, COOKIE_BROWSER));
        caller->credential = session ? exchange_keep(exchange, session) : NULL;
        caller->browser = browser ? exchange_keep(exchange, browser) : NULL;
    }
}

/* Absolute-form must agree with Host (RFC 9112 3.2.2): else a poisoned target could choose the
 * tenant. */
static gboolean host_agrees(SoupServerMessage *message, const char *host)
{
    GUri *uri = soup_server_message_get_uri(message);
    int port = g_uri_get_port(uri);
    const char *name = g_uri_get_host(uri);
    gsize chars = strlen(name);
    gboolean in_brackets = *host == '[';
    char with_port[8];

    host += in_brackets;
    if (in_brackets != (strchr(name, ':') != NULL) || g_ascii_strncasecmp(host, name, chars) != 0 ||
        (in_brackets && host[chars] != ']')) {
        return FALSE;
    }
    const char *rest = host + chars + in_brackets;
    g_snprintf(with_port, sizeof(with_port), ":%d", port);
    return *rest == '\0' || g_str_equal(rest, with_port);
}

static gboolean body_is(const Exchange *exchange, const char *wanted)
{
    const char *type = exchange_header(exchange, "Content-Type");
    gsize chars = strlen(wanted);

    return type && g_ascii_strncasecmp(type, wanted, chars) == 0 &&
           (type[chars] == '\0' || type[chars] == ';' || type[chars] == ' ');
}

const json_t *exchange_json(Exchange *exchange)
{
    const SoupMessageBody *body = soup_server_message_get_request_body(exchange->message);

    if (!exchange->json && body_is(exchange, "application/json")) {
        exchange->json = json_body_parse(body->data, (gsize)body->length);
    }
    return exchange->json;
}

static gboolean parse(Exchange *exchange)
{
    gboolean post = exchange->route->verb == VERB_POST;

    exchange->query = form_parse(exchange_query_text(exchange));
    exchange->form = form_parse(
        post && body_is(exchange, "application/x-www-form-urlencoded")
            ? exchange_body_text(exchange)
            : NULL);
    return exchange->query && exchange->form;
}

static void log_request(const Exchange *exchange, const char *method)
{
    const LogField fields[] = {{"METHOD", method}, {"ROUTE", exchange->route->path}, {NULL, NULL}};

    log_event(LOG_LEVEL_DEBUG, LOG_EVENT_HTTP_REQUEST, fields, "A request");
}

/* What must hold before the handler sees the request; FALSE: it was answered. */
static gboolean admit(Exchange *exchange, const char *method, const char *allow)
{
    const SoupMessageBody *body = soup_server_message_get_request_body(exchange->message);
    const Route *route = exchange->route;

    if (!route) {
        gboolean known = g_strv_contains(
            (const char *const[]){
                "GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "CONNECT",
                NULL},
            method);
        if (allow) {
            exchange_add_header(exchange, "Allow", allow);
        }
        exchange_refuse(
            exchange,
            !known  ? 501
            : allow ? 405
                    : 404,
            allow ? N_("That can't be done with this page.") : N_("There is no such page."));
        return FALSE;
    }
    if (body->length > (goffset)route->body_bytes_max) {
        exchange_refuse(exchange, 413, N_("That is too much at once."));
        return FALSE;
    }
    if (!parse(exchange)) {
        exchange_refuse(exchange, 400, N_("That request is not well formed."));
        return FALSE;
    }
    if (route->face == FACE_PAGE && route->verb == VERB_POST &&
        !origin_is_ours(
            exchange_header(exchange, "Sec-Fetch-Site"), exchange_header(exchange, "Origin"),
            exchange->tenant->issuer)) {
        exchange_reply_problem(exchange, REASON_FORM_TOKEN);
        return FALSE;
    }
    return TRUE;
}

static Exchange *exchange_new(SoupServerMessage *message, Runner *runner)
{
    Exchange *exchange = g_new0(Exchange, 1);

    exchange->references = 1;
    exchange->message = g_object_ref(message);
    exchange->runner = runner;
    exchange->kept = g_ptr_array_new_with_free_func(g_free);
    exchange->form_action = g_string_new(NULL);
    return exchange;
}

/* Of the route that is asked leave for; without one it is a method like any other that is not here.
 */
static gboolean
preflight_is_answered(Exchange *exchange, const char *method, const char *path, const char *allow)
{
    const char *wanted = exchange_header(exchange, "Access-Control-Request-Method");
    const char *ignored = NULL;

    if (!cors_is_preflight(method, exchange_header(exchange, "Origin"), wanted)) {
        return FALSE;
    }
    const Route *route = route_find(wanted, path, &ignored, &ignored);
    if (!route || route->face != FACE_SHARED) {
        return FALSE;
    }
    exchange->route = route;
    cors_answer_preflight(exchange, allow);
    return TRUE;
}

void exchange_begin(SoupServerMessage *message, Runner *runner, const char *address)
{
    g_autoptr(Exchange) exchange = exchange_new(message, runner);
    const char *host = exchange_header(exchange, "Host");
    const char *method = soup_server_message_get_method(message);
    const char *path = g_uri_get_path(soup_server_message_get_uri(message));
    const char *allow = NULL;
    const char *tail = NULL;

    exchange->tenant = host ? core_config_tenant_of_host(runner_config(runner), host) : NULL;
    if (!exchange->tenant || !host_agrees(message, host)) {
        exchange_refuse(exchange, host ? 421 : 400, N_("That is no address of ours."));
        return;
    }
    exchange->route = route_find(method, path, &tail, &allow);
    if (!exchange->route && allow && preflight_is_answered(exchange, method, path, allow)) {
        return;
    }
    if (tail) {
        exchange->tail = form_unescape(tail, strlen(tail), FALSE);
        g_ptr_array_add(exchange->kept, (gpointer)exchange->tail);
    }
    if (!admit(exchange, method, allow)) {
        return;
    }
    fill_in_caller(exchange, address);
    log_request(exchange, method);
    exchange->route->handle(exchange);
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
    soup_server_message_pause(exchange->message);
    runner_run(exchange->runner, &call, run_done, exchange_ref(exchange));
}
