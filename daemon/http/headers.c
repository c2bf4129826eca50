/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "http/headers.h"

#define PAGE_POLICY                                                                                \
    "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors "      \
    "'none'; form-action 'self'"
#define API_POLICY "default-src 'none'; frame-ancestors 'none'"

const char *const *headers_for(RouteFace face)
{
    static const char *const api[] = {
        "X-Content-Type-Options", "nosniff", "Referrer-Policy", "no-referrer", NULL};
    static const char *const page[] = {
        "X-Content-Type-Options",
        "nosniff",
        "Referrer-Policy",
        "no-referrer",
        "X-Frame-Options",
        "DENY",
        "Cross-Origin-Opener-Policy",
        "same-origin",
        NULL};

    return face_is_api(face) ? api : page;
}

char *headers_page_policy(const char *form_action, const char *script_hash)
{
    return script_hash
               ? g_strdup_printf(PAGE_POLICY "%s; script-src 'sha256-%s'", form_action, script_hash)
               : g_strconcat(PAGE_POLICY, form_action, NULL);
}

const char *headers_api_policy(void)
{
    return API_POLICY;
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
    case 501:
        return "Not Implemented";
    case 503:
        return "Service Unavailable";
    case 505:
        return "HTTP Version Not Supported";
    default:
        return "Bad Request";
    }
}

char *headers_bare_answer(guint status, gboolean hsts)
{
    return g_strdup_printf(
        "HTTP/1.1 %u %s\r\n"
        "Content-Security-Policy: " API_POLICY "\r\n"
        "X-Content-Type-Options: nosniff\r\n"
        "Referrer-Policy: no-referrer\r\n"
        "Cache-Control: no-store\r\n"
        "%s"
        "Content-Length: 0\r\n"
        "Connection: close\r\n\r\n",
        status, status_words(status),
        hsts ? "Strict-Transport-Security: " HEADERS_HSTS "\r\n" : "");
}
