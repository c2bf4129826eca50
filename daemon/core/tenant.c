/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "core/tenant.h"

#include <string.h>

#define HOST_LABEL_CHARS_MAX 63U
#define HOST_CHARS_MAX       253U
#define URI_CHARS                                                                                  \
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~:/?#[]@!$&'()*+,;=%"
#define LIMIT_SECONDS_MAX  86400U
#define LIMIT_COUNT_MAX    1000000U
#define WEAKER_TIMES_MAX   20U /* a limit may let through so many times its default, no more */
#define STRICTER_TIMES_MAX 20U /* … or that part of it, no less: else it would lock people out */

static const struct {
    const char *name;
    LimitRate rate;
} limits[_LIMIT_MAX] = {
    [LIMIT_LINK_ADDRESS] = {"link_address", {5, 900}},
    [LIMIT_LINK_CLIENT] = {"link_client", {30, 900}},
    [LIMIT_CODE_TRIES] = {"code_tries", {20, 900}},
    [LIMIT_TOKEN_CLIENT] = {"token_client", {600, 60}},
    [LIMIT_TOKEN_APP] = {"token_app", {6000, 60}},
    [LIMIT_TOKEN_CHAIN] = {"token_chain", {30, 60}},
    [LIMIT_DEVICE_CLIENT] = {"device_client", {30, 900}},
    [LIMIT_USER_CODE] = {"user_code", {5, 900}},
    [LIMIT_KEY_EXCHANGE] = {"key_exchange", {60, 60}},
    [LIMIT_OTP_CLIENT] = {"otp_client", {10, 600}},
    [LIMIT_OTP_USER] = {"otp_user", {300, 600}},
    [LIMIT_PUSH_CLIENT] = {"push_client", {300, 60}},
    [LIMIT_REGISTER_CLIENT] = {"register_client", {20, 86400}},
    [LIMIT_OTP_FIRST] = {"otp_first", {1, 600}},
    [LIMIT_UNPRIVILEGED_USER] = {"unprivileged_user", {30, 600}},
    [LIMIT_OWN_LINK] = {"own_link", {10, 3600}},
    [LIMIT_KNOWN_KEY] = {"known_key", {100, 600}},
};

const char *limit_name(LimitName name)
{
    return limits[name].name;
}

Tenant *tenant_new(const char *name)
{
    Tenant *tenant = g_new0(Tenant, 1);

    tenant->name = g_strdup(name);
    for (LimitName i = 0; i < _LIMIT_MAX; i++) {
        tenant->limits[i] = limits[i].rate;
    }
    return tenant;
}

void tenant_free(Tenant *tenant)
{
    if (!tenant) {
        return;
    }
    g_free(tenant->name);
    g_free(tenant->issuer);
    g_free(tenant->host);
    g_free(tenant->display_name);
    g_free(tenant->security_contact);
    g_free(tenant);
}

static gboolean label_is_sound(const char *label)
{
    gsize size = strlen(label);

    return size >= 1 && size <= HOST_LABEL_CHARS_MAX && label[0] != '-' && label[size - 1] != '-' &&
           strspn(label, "abcdefghijklmnopqrstuvwxyz0123456789-") == size;
}

/* Lower case: one spelling only, since clients compare issuers byte for byte. */
static gboolean host_is_sound(const char *host)
{
    if (g_str_equal(host, "[::1]")) {
        return TRUE;
    }
    if (!*host || strlen(host) > HOST_CHARS_MAX) {
        return FALSE;
    }
    g_auto(GStrv) labels = g_strsplit(host, ".", -1);
    for (char **label = labels; *label; label++) {
        if (!label_is_sound(*label)) {
            return FALSE;
        }
    }
    return TRUE;
}

static gboolean port_is_sound(const char *port)
{
    guint64 number = 0;

    return port[0] != '0' && g_ascii_string_to_unsigned(port, 10, 1, 65535, &number, NULL);
}

static gboolean host_is_loopback(const char *host)
{
    return g_str_equal(host, "localhost") || g_str_equal(host, "127.0.0.1") ||
           g_str_equal(host, "[::1]");
}

/* Parts HOST[:PORT]; @ret_port NULL when there is none. */
static char *host_split(const char *authority, const char **ret_port)
{
    const char *bracket = authority[0] == '[' ? strchr(authority, ']') : NULL;
    const char *colon = strchr(bracket ? bracket : authority, ':');

    *ret_port = colon ? colon + 1 : NULL;
    return colon ? g_strndup(authority, (gsize)(colon - authority)) : g_strdup(authority);
}

const char *tenant_set_issuer(Tenant *tenant, const char *issuer)
{
    gboolean https = g_str_has_prefix(issuer, "https://");
    const char *port = NULL;

    if (!https && !g_str_has_prefix(issuer, "http://")) {
        return "an issuer begins with https://";
    }
    const char *authority = strstr(issuer, "://") + 3;
    if (strpbrk(authority, "/?#@\\")) {
        return "an issuer is https://HOST or https://HOST:PORT, without a path or a slash behind "
               "it";
    }
    g_autofree char *host = host_split(authority, &port);
    if (!host_is_sound(host)) {
        return "the host of the issuer is no host name in lower case";
    }
    if (port && !port_is_sound(port)) {
        return "the port of the issuer is no number from 1 to 65535";
    }
    if (port && g_str_equal(port, https ? "443" : "80")) {
        return "the issuer names its scheme's own port: leave it out";
    }
    if (!https && !host_is_loopback(host)) {
        return "an issuer begins with https://, unless its host is localhost, 127.0.0.1 or [::1]";
    }
    g_free(tenant->issuer);
    tenant->issuer = g_strdup(issuer);
    g_free(tenant->host);
    tenant->host = g_strdup(authority);
    tenant->https = https;
    tenant->loopback = host_is_loopback(host);
    return NULL;
}

/* What stands behind the scheme; the URI as a whole is sound. */
static gboolean contact_is_sound(const char *scheme, const char *rest)
{
    if (g_str_equal(scheme, "mailto")) {
        const char *at = strchr(rest, '@');
        return at && at > rest && at[1];
    }
    if (g_str_equal(scheme, "tel")) {
        return strspn(rest, "+0123456789-.()") == strlen(rest) && strpbrk(rest, "0123456789");
    }
    return g_str_equal(scheme, "https") && g_str_has_prefix(rest, "//") && g_ascii_isalnum(rest[2]);
}

const char *tenant_set_security_contact(Tenant *tenant, const char *uri)
{
    const char *scheme = g_uri_peek_scheme(uri); /* in lower case */

    if (!scheme || strspn(uri, URI_CHARS) != strlen(uri) ||
        !g_uri_is_valid(uri, G_URI_FLAGS_NONE, NULL) ||
        !contact_is_sound(scheme, uri + strlen(scheme) + 1)) {
        return "this is a URI that begins with mailto:, https:// or tel:";
    }
    g_free(tenant->security_contact);
    tenant->security_contact = g_strdup(uri);
    return NULL;
}

const char *tenant_set_limit(Tenant *tenant, const char *text)
{
    g_auto(GStrv) parts = g_strsplit_set(text, ":/", -1);
    guint64 count = 0;
    guint64 seconds = 0;

    if (g_strv_length(parts) != 3 || strchr(text, '/') < strchr(text, ':')) {
        return "a limit is NAME:COUNT/SECONDS";
    }
    if (!g_ascii_string_to_unsigned(parts[1], 10, 1, LIMIT_COUNT_MAX, &count, NULL) ||
        !g_ascii_string_to_unsigned(parts[2], 10, 1, LIMIT_SECONDS_MAX, &seconds, NULL)) {
        return "a limit's count is 1 to 1000000, its seconds 1 to 86400";
    }
    for (LimitName i = 0; i < _LIMIT_MAX; i++) {
        if (g_str_equal(limits[i].name, parts[0])) {
            tenant->limits[i] = (LimitRate){(guint)count, (guint)seconds};
            return NULL;
        }
    }
    return "there is no limit of that name";
}

gboolean limit_is_shared(LimitName name)
{
    return name == LIMIT_LINK_ADDRESS || name == LIMIT_TOKEN_APP || name == LIMIT_OTP_USER;
}

/* Whether @more lets through over @times as many as @less, at once or in the long run. */
static gboolean is_wider(const LimitRate *more, const LimitRate *less, guint times)
{
    return more->count > (guint64)less->count * times ||
           (guint64)more->count * less->seconds > (guint64)less->count * more->seconds * times;
}

char *tenant_limit_problem(const Tenant *tenant)
{
    for (LimitName i = 0; i < _LIMIT_MAX; i++) {
        const LimitRate *mine = &tenant->limits[i];
        const LimitRate *ours = &limits[i].rate;
        gboolean weak = is_wider(mine, ours, WEAKER_TIMES_MAX);
        if (weak || is_wider(ours, mine, STRICTER_TIMES_MAX)) {
            return g_strdup_printf(
                "the limit %s is too %s for an issuer that is not loopback (default: %u/%u)",
                limits[i].name, weak ? "weak" : "strict", ours->count, ours->seconds);
        }
    }
    return NULL;
}
