/* SPDX-License-Identifier: GPL-3.0-or-later */

/* client.c - public clients only: "none" is the one client authentication (RFC 8414 2) */

#include "http/handlers.h"

#include <string.h>

#define BASIC "Basic "

/* RFC 6749 2.3.1: the id is form-urlencoded before it is put into Basic. */
static char *basic_user(const char *header)
{
    gsize size = 0;
    g_autofree guchar *decoded = g_base64_decode(header + strlen(BASIC), &size);
    g_autofree char *text = g_strndup((const char *)decoded, size);

    text[strcspn(text, ":")] = '\0';
    return g_uri_unescape_string(text, NULL);
}

const char *client_id_of(Exchange *exchange)
{
    const char *sent = exchange_form(exchange, "client_id");
    const char *header = exchange_header(exchange, "Authorization");

    if (sent != NULL || header == NULL || g_ascii_strncasecmp(header, BASIC, strlen(BASIC)) != 0) {
        return sent;
    }
    char *user = basic_user(header);
    return user != NULL ? exchange_keep(exchange, user) : NULL;
}

gboolean client_is_refused(Exchange *exchange)
{
    const char *repeated = exchange_double(exchange);

    if (repeated != NULL && strcmp(repeated, "resource") != 0) {
        exchange_reply_oauth_error(exchange, REASON_BAD_REQUEST, "a parameter was sent twice");
        return TRUE;
    }
    /* RFC 7521 4.2: a signed assertion is another way to authenticate, and no more ours. */
    if (exchange_basic_password(exchange) != NULL ||
        exchange_form(exchange, "client_assertion") != NULL) {
        exchange_reply_oauth_error(
            exchange, REASON_CLIENT_SECRET,
            "clients have no secret here: send client_id alone (authentication method none)");
        return TRUE;
    }
    return FALSE;
}
