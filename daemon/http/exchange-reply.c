/* SPDX-License-Identifier: GPL-3.0-or-later */

/* exchange-reply.c - the answer: headers, cookies, and the wait until it may leave */

#include "http/exchange-inside.h"

#include "base/catalog.h"
#include "crypto/digest.h"
#include "http/cookies.h"
#include "http/cors.h"
#include "http/headers.h"
#include "http/metrics.h"
#include "http/page.h"
#include "http/rate-headers.h"

#include <jansson.h>
#include <string.h>

static SoupMessageHeaders *headers_of(Exchange *exchange)
{
    return soup_server_message_get_response_headers(exchange->message);
}

static void leave(gpointer data)
{
    g_autoptr(Exchange) exchange = data;

    exchange->left = TRUE;
    if (exchange->paused) {
        soup_server_message_unpause(exchange->message);
    }
}

static void drop(gpointer data)
{
    exchange_unref(data);
}

static RouteFace face_of(const Exchange *exchange)
{
    return exchange->route ? exchange->route->face : FACE_PAGE;
}

static void append_all(SoupMessageHeaders *headers, const char *const *rows)
{
    for (const char *const *header = rows; *header; header += 2) {
        soup_message_headers_append(headers, header[0], header[1]);
    }
}

/* Appended: a search for what no handler adds would cost more than the header. */
static void add_security_headers(Exchange *exchange)
{
    SoupMessageHeaders *headers = headers_of(exchange);
    RouteFace face = face_of(exchange);
    g_autofree char *policy =
        face_is_api(face) ? NULL
                          : headers_page_policy(exchange->form_action->str, exchange->script_hash);

    soup_message_headers_append(
        headers, "Content-Security-Policy", policy ? policy : headers_api_policy());
    append_all(headers, headers_for(face));
    if (exchange_header(exchange, "Origin")) {
        append_all(headers, cors_headers(face));
    }
    if (exchange->tenant && exchange->tenant->https) {
        soup_message_headers_append(headers, "Strict-Transport-Security", HEADERS_HSTS);
    }
    if (!exchange->has_cache_control) {
        soup_message_headers_append(headers, "Cache-Control", "no-store");
    }
}

/* What the request was charged, and when a refused one may come again. */
static void add_rate_headers(Exchange *exchange, guint status)
{
    const LimitStanding *standing = &exchange->standing;

    if (standing->n_rows > 0) {
        g_autofree char *policy = rate_policy_text(standing);
        g_autofree char *left = rate_limit_text(standing);
        soup_message_headers_append(headers_of(exchange), "RateLimit-Policy", policy);
        soup_message_headers_append(headers_of(exchange), "RateLimit", left);
    }
    if (status == 429 && standing->retry_seconds > 0) {
        g_autofree char *seconds = g_strdup_printf("%u", standing->retry_seconds);
        soup_message_headers_append(headers_of(exchange), "Retry-After", seconds);
    }
}

/* Whoever asked for the end is told that it comes (RFC 9112 9.6). */
static void add_close(Exchange *exchange)
{
    SoupMessageHeaders *asked = soup_server_message_get_request_headers(exchange->message);

    if (soup_message_headers_header_contains(asked, "Connection", "close")) {
        soup_message_headers_append(headers_of(exchange), "Connection", "close");
    }
}

/* The message is held until what it tells is durable: with a point that is, it leaves at once. */
static void send(Exchange *exchange, guint status)
{
    g_assert(!exchange->answered);
    exchange->answered = TRUE;
    metrics_answered(exchange->route, status);
    if (exchange->standing.retry_seconds > 0) {
        metrics_count(METRICS_HARD_REFUSED);
    }
    add_security_headers(exchange);
    add_rate_headers(exchange, status);
    add_close(exchange);
    soup_server_message_set_status(exchange->message, status, NULL);
    runner_hold(exchange->runner, exchange->point, leave, drop, exchange_ref(exchange));
}

void exchange_reply(Exchange *exchange, guint status, const char *type, GBytes *body)
{
    g_autoptr(GBytes) bytes = body;

    soup_message_headers_set_content_type(headers_of(exchange), type, NULL);
    soup_message_body_append_bytes(soup_server_message_get_response_body(exchange->message), bytes);
    send(exchange, status);
}

void exchange_reply_json(Exchange *exchange, guint status, char *json)
{
    exchange_reply(exchange, status, "application/json", g_bytes_new_take(json, strlen(json)));
}

void exchange_reply_page(Exchange *exchange, guint status, char *html)
{
    exchange_reply(
        exchange, status, "text/html; charset=utf-8", g_bytes_new_take(html, strlen(html)));
}

void exchange_reply_nothing(Exchange *exchange)
{
    send(exchange, 204);
}

/* 303, never 302 or 307: a POST's body goes nowhere else (RFC 9700 4.12). */
void exchange_redirect(Exchange *exchange, const char *location)
{
    soup_message_headers_replace(headers_of(exchange), "Location", location);
    send(exchange, 303);
}

static char *error_json(const char *error, const char *description)
{
    g_autoptr(GString) text = g_string_new(NULL);
    json_t *body = json_pack("{s:s}", "error", error);

    if (description) {
        (void)json_object_set_new(body, "error_description", json_string(description));
    }
    char *json = json_dumps(body, JSON_COMPACT);
    json_decref(body);
    g_string_append(text, json);
    free(json);
    return g_string_free(g_steal_pointer(&text), FALSE);
}

void exchange_reply_oauth_error(Exchange *exchange, Reason reason, const char *description)
{
    const ReasonFace *face = reason_face(reason);

    if (reason == REASON_TOKEN_INVALID || reason == REASON_SCOPE_MISSING) {
        gboolean sent = exchange->caller.credential != NULL;
        g_autofree char *challenge =
            sent ? g_strdup_printf("Bearer error=\"%s\"", face->oauth_error) : g_strdup("Bearer");
        soup_message_headers_replace(headers_of(exchange), "WWW-Authenticate", challenge);
    }
    exchange_reply_json(exchange, face->http_status, error_json(face->oauth_error, description));
}

void exchange_refuse(Exchange *exchange, guint status, const char *words)
{
    const char *language = exchange_language(exchange);

    if (face_is_api(face_of(exchange)) || !exchange->tenant) {
        exchange_reply_json(
            exchange, status, error_json(status >= 500 ? "server_error" : "invalid_request", NULL));
        return;
    }
    exchange_reply_page(
        exchange, status, page_problem(exchange->tenant->display_name, language, status, words));
}

void exchange_reply_problem(Exchange *exchange, Reason reason)
{
    const ReasonFace *face = reason_face(reason);

    exchange_refuse(exchange, face->http_status, face->words);
}

void exchange_add_header(Exchange *exchange, const char *name, const char *value)
{
    exchange->has_cache_control |= g_ascii_strcasecmp(name, "Cache-Control") == 0;
    soup_message_headers_append(headers_of(exchange), name, value);
}

void exchange_set_cookie(
    Exchange *exchange,
    CookieKind kind,
    const char *value,
    gint64 life_seconds)
{
    g_autofree char *cookie = cookie_write(exchange->tenant, kind, value, life_seconds);

    soup_message_headers_append(headers_of(exchange), "Set-Cookie", cookie);
}

void exchange_allow_script(Exchange *exchange, const char *script)
{
    guint8 digest[SHA256_BYTES];

    sha256(script, strlen(script), digest);
    g_free(exchange->script_hash);
    exchange->script_hash = g_base64_encode(digest, sizeof(digest));
}

/* Chromium checks form-action at each redirect of the chain, the app's own too, and can't name
 * [::1]. */
void exchange_form_may_end_at(Exchange *exchange, const char *redirect_uri)
{
    g_autofree char *scheme = redirect_uri ? g_uri_parse_scheme(redirect_uri) : NULL;

    g_string_assign(exchange->form_action, " https:");
    if (scheme && !g_str_equal(scheme, "https")) {
        g_string_append_printf(exchange->form_action, " %s:", scheme);
    }
}
