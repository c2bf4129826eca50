/* SPDX-License-Identifier: GPL-3.0-or-later */

/* redirect-uri.c - which redirect URIs an app may register, and when one that was sent is one of
 * them */

#include "core/app.h"

#include <string.h>

#define URI_BYTES_MAX 2048U

static const char *const dangerous[] = {"javascript", "data", "file",       "vbscript",
                                        "about",      "blob", "filesystem", NULL};

/* Printable ASCII without what browsers rewrite: what is compared byte for byte must have one
 * spelling. */
static gboolean is_clean(const char *uri)
{
    for (const char *c = uri; *c; c++) {
        if (*c <= 0x20 || *c >= 0x7f || strchr("\\\"<>^`{|}", *c)) {
            return FALSE;
        }
    }
    return strlen(uri) <= URI_BYTES_MAX;
}

static gboolean host_is_loopback(const char *host)
{
    return g_str_equal(host, "localhost") || g_str_equal(host, "127.0.0.1") ||
           g_str_equal(host, "::1");
}

static const char *web_problem(GUri *parsed, gboolean tls)
{
    const char *host = g_uri_get_host(parsed);

    if (!host || !*host) {
        return "the redirect URI has no host";
    }
    if (!tls && !host_is_loopback(host)) {
        return "a redirect URI may have http only on localhost, 127.0.0.1 and [::1]";
    }
    return NULL;
}

const char *redirect_uri_problem(const char *uri)
{
    if (!*uri || !is_clean(uri)) {
        return "the redirect URI is empty, too long, or has characters that it must not have";
    }
    if (strchr(uri, '#')) {
        return "the redirect URI has a fragment";
    }
    g_autoptr(GUri) parsed = g_uri_parse(uri, G_URI_FLAGS_ENCODED, NULL);
    if (!parsed) {
        return "the redirect URI is not absolute";
    }
    const char *scheme = g_uri_get_scheme(parsed);
    if (g_uri_get_userinfo(parsed)) {
        return "the redirect URI names a user";
    }
    if (g_strv_contains(dangerous, scheme)) {
        return "the redirect URI's scheme could run as a script or read files";
    }
    if (g_str_equal(scheme, "https") || g_str_equal(scheme, "http")) {
        return web_problem(parsed, g_str_equal(scheme, "https"));
    }
    /* RFC 8252 7.1: a reverse domain name; else any app could claim "mail:" */
    return strchr(scheme, '.')
               ? NULL
               : "a redirect URI's private-use scheme needs a dot, like com.example.app";
}

/* Behind "http://127.0.0.1" or "http://[::1]": where the port ends; NULL for another start. */
static const char *behind_loopback_port(const char *uri)
{
    static const char *const starts[] = {"http://127.0.0.1", "http://[::1]"};

    for (guint i = 0; i < G_N_ELEMENTS(starts); i++) {
        if (!g_str_has_prefix(uri, starts[i])) {
            continue;
        }
        const char *rest = uri + strlen(starts[i]);
        if (*rest == ':') {
            gsize digits = strspn(rest + 1, "0123456789");
            rest = digits > 0 && digits <= 5 ? rest + 1 + digits : rest;
        }
        return *rest == '/' || *rest == '?' || *rest == '\0' ? rest : NULL;
    }
    return NULL;
}

gboolean redirect_uri_matches(const char *registered, const char *sent)
{
    if (g_str_equal(registered, sent)) {
        return TRUE;
    }
    /* RFC 8252 7.3: the port of a loopback address is the app's to choose at each start. */
    const char *registered_rest = behind_loopback_port(registered);
    const char *sent_rest = behind_loopback_port(sent);
    return registered_rest && sent_rest && registered[7] == sent[7] &&
           g_str_equal(registered_rest, sent_rest) && !redirect_uri_problem(sent);
}

gboolean app_has_redirect_uri(const App *app, const char *sent)
{
    for (char **uri = app->redirect_uris; sent && *uri; uri++) {
        if (redirect_uri_matches(*uri, sent)) {
            return TRUE;
        }
    }
    return FALSE;
}

char *redirect_uri_target(const char *uri)
{
    g_autoptr(GUri) parsed = g_uri_parse(uri, G_URI_FLAGS_NONE, NULL);
    const char *host = parsed ? g_uri_get_host(parsed) : NULL;

    if (host && *host) {
        return g_strdup(host);
    }
    return g_strndup(uri, strcspn(uri, ":"));
}
