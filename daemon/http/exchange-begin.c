/* SPDX-License-Identifier: GPL-3.0-or-later */

/* exchange-begin.c - a request comes: match, limit, check, and hand to its handler */

#include "http/exchange-inside.h"

#include "base/catalog.h"
#include "base/log-events.h"
#include "base/log.h"
#include "http/cookies.h"
#include "http/cors.h"
#include "http/metrics.h"
#include "http/origin.h"

#include <string.h>

#define AGENT_BYTES_MAX 512U

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

static gboolean parse(Exchange *exchange)
{
    gboolean post = exchange->route->verb == VERB_POST;

    exchange->query = form_parse(exchange_query_text(exchange));
    exchange->form = form_parse(
        post && exchange_body_is(exchange, "application/x-www-form-urlencoded")
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

static SoftClass class_of(const Route *route)
{
    if (!route || !face_is_api(route->face)) {
        return SOFT_PAGES;
    }
    return route->verb == VERB_GET && route->caller == CALLER_NONE ? SOFT_PUBLIC : SOFT_API;
}

/* Before anything of the request is looked at but its line: a flood costs one look-up each. */
static gboolean is_over_soft_limit(Exchange *exchange, SoftLimit *limit, const char *address)
{
    SoftClass class = class_of(exchange->route);
    guint wait = soft_limit_take(limit, address, class, g_get_monotonic_time());

    if (wait == 0) {
        return FALSE;
    }
    metrics_count(METRICS_SOFT_REFUSED);
    g_autofree char *seconds = g_strdup_printf("%u", wait);
    exchange_add_header(exchange, "Retry-After", seconds);
    if (class == SOFT_PAGES) {
        const char *words =
            catalog_text(exchange_language(exchange), reason_face(REASON_TOO_MANY)->words);
        exchange_reply(
            exchange, 429, "text/plain; charset=utf-8", g_bytes_new(words, strlen(words)));
    } else {
        exchange_reply_oauth_error(exchange, REASON_TOO_MANY, NULL);
    }
    return TRUE;
}

void exchange_begin(
    SoupServerMessage *message,
    Runner *runner,
    SoftLimit *soft_limit,
    const char *address)
{
    g_autoptr(Exchange) exchange = exchange_new(message, runner);
    const char *host = exchange_header(exchange, "Host");
    const char *method = soup_server_message_get_method(message);
    const char *path = g_uri_get_path(soup_server_message_get_uri(message));
    const char *allow = NULL;
    const char *tail = NULL;

    exchange->tenant = host ? core_config_tenant_of_host(runner_config(runner), host) : NULL;
    exchange->route = route_find(method, path, &tail, &allow);
    if (is_over_soft_limit(exchange, soft_limit, address)) {
        return;
    }
    if (!exchange->tenant || !host_agrees(message, host)) {
        exchange_refuse(exchange, host ? 421 : 400, N_("That is no address of ours."));
        return;
    }
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
