/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "http/own-get.h"

#include <string.h>

/* What may stand in a query as it is; so nothing else gets into our Location. */
static gboolean is_query(const char *text)
{
    static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
                                  "-._~%!$&'()*+,;=:@/?";
    return text[strspn(text, allowed)] == '\0';
}

void own_get_redirect(Exchange *exchange, const char *path)
{
    const char *body = exchange_body_text(exchange);

    if (!is_query(body)) {
        exchange_reply_problem(exchange, REASON_BAD_REQUEST);
        return;
    }
    g_autofree char *location = g_strconcat(path, *body != '\0' ? "?" : "", body, NULL);
    exchange_redirect(exchange, location);
}
