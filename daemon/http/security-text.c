/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "http/security-text.h"

#include "base/clock.h"

#include <string.h>

#define LIFE_DAYS 30

char *security_text_make(const Tenant *tenant, gint64 now_usec)
{
    gint64 day = now_usec / USEC_PER_DAY + LIFE_DAYS;
    g_autoptr(GDateTime) end = g_date_time_new_from_unix_utc(day * (USEC_PER_DAY / USEC_PER_SEC));
    g_autofree char *expires = g_date_time_format(end, "%Y-%m-%dT%H:%M:%SZ"); /* RFC 3339 */

    return g_strdup_printf(
        "Contact: %s\nExpires: %s\nCanonical: %s" SECURITY_TEXT_PATH "\n", tenant->security_contact,
        expires, tenant->issuer);
}

void security_text_get(Exchange *exchange)
{
    const Tenant *tenant = exchange_tenant(exchange);

    if (!tenant->security_contact) {
        exchange_reply_problem(exchange, REASON_NOT_FOUND);
        return;
    }
    char *text = security_text_make(tenant, g_get_real_time());
    exchange_reply(
        exchange, 200, "text/plain; charset=utf-8", g_bytes_new_take(text, strlen(text)));
}
