/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "http/headers.h"

#define PAGE_POLICY                                                                                \
    "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors "      \
    "'none'; form-action 'self'"
#define API_POLICY "default-src 'none'; frame-ancestors 'none'"

char **headers_for(RouteFace face, const char *form_action, gboolean hsts)
{
    g_autoptr(GStrvBuilder) headers = g_strv_builder_new();
    g_autofree char *policy =
        face == FACE_API ? g_strdup(API_POLICY) : g_strconcat(PAGE_POLICY, form_action, NULL);

    g_strv_builder_add_many(
        headers, "Content-Security-Policy", policy, "X-Content-Type-Options", "nosniff",
        "Referrer-Policy", "no-referrer", NULL);
    if (face != FACE_API) {
        g_strv_builder_add_many(
            headers, "X-Frame-Options", "DENY", "Cross-Origin-Opener-Policy", "same-origin", NULL);
    }
    if (hsts) {
        g_strv_builder_add_many(headers, "Strict-Transport-Security", "max-age=31536000", NULL);
    }
    return g_strv_builder_end(headers);
}

static const char *status_words(guint status)
{
    switch (status) {
    case 408:
        return "Request Timeout";
    case 413:
        return "Content Too Large";
    case 414:
        return "URI Too Long";
    case 417:
        return "Expectation Failed";
    case 431:
        return "Request Header Fields Too Large";
    case 503:
        return "Service Unavailable";
    case 505:
        return "HTTP Version Not Supported";
    default:
        return "Bad Request";
    }
}

char *headers_bare_answer(guint status)
{
    return g_strdup_printf(
        "HTTP/1.1 %u %s\r\n"
        "Content-Security-Policy: " API_POLICY "\r\n"
        "X-Content-Type-Options: nosniff\r\n"
        "Referrer-Policy: no-referrer\r\n"
        "Cache-Control: no-store\r\n"
        "Content-Length: 0\r\n"
        "Connection: close\r\n\r\n",
        status, status_words(status));
}
