/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "http/cookies.h"

#include <string.h>

const char *cookie_name(const Tenant *tenant, CookieKind kind)
{
    if (kind == COOKIE_SESSION) {
        return tenant->https ? "__Host-antara-session" : "antara-session";
    }
    return tenant->https ? "__Host-antara-browser" : "antara-browser";
}

char *cookie_read(const char *header, const char *name)
{
    /* All of them: the gate bounds the header, and a bound here would hide a second of one name. */
    g_auto(GStrv) pairs = g_strsplit(header ? header : "", ";", -1);
    g_autofree char *start = g_strconcat(name, "=", NULL);
    char *found = NULL;

    for (char **pair = pairs; *pair; pair++) {
        const char *text = g_strstrip(*pair);
        if (!g_str_has_prefix(text, start)) {
            continue;
        }
        /* Two of one name: somebody else's may be the first. */
        if (found) {
            g_free(found);
            return NULL;
        }
        found = g_strdup(text + strlen(start));
    }
    return found;
}

char *cookie_write(const Tenant *tenant, CookieKind kind, const char *value, gint64 life_seconds)
{
    return g_strdup_printf(
        "%s=%s; Path=/; Max-Age=%" G_GINT64_FORMAT "; HttpOnly; SameSite=Lax%s",
        cookie_name(tenant, kind), value ? value : "", value ? life_seconds : 0,
        tenant->https ? "; Secure" : "");
}
