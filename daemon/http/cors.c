/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "http/cors.h"

#define PREFLIGHT_SECONDS "7200"                        /* browsers keep none longer */
#define REQUEST_HEADERS   "Authorization, Content-Type" /* the star does not cover the first */
#define EXPOSED_HEADERS   "WWW-Authenticate, RateLimit, RateLimit-Policy, Retry-After"

gboolean cors_is_preflight(const char *method, const char *origin, const char *wanted)
{
    return origin && wanted && g_str_equal(method, "OPTIONS");
}

void cors_answer_preflight(Exchange *exchange, const char *allow)
{
    exchange_add_header(exchange, "Access-Control-Allow-Methods", allow);
    exchange_add_header(exchange, "Access-Control-Allow-Headers", REQUEST_HEADERS);
    exchange_add_header(exchange, "Access-Control-Max-Age", PREFLIGHT_SECONDS);
    exchange_reply_nothing(exchange);
}

const char *const *cors_headers(RouteFace face)
{
    static const char *const none[] = {NULL};
    static const char *const shared[] = {
        "Access-Control-Allow-Origin", "*", "Access-Control-Expose-Headers", EXPOSED_HEADERS, NULL};

    return face == FACE_SHARED ? shared : none;
}
