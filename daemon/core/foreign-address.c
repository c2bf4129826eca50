/* SPDX-License-Identifier: GPL-3.0-or-later */

/* foreign-address.c - two tables of networks, and a strict reader of URLs */

#include "core/foreign-address.h"

#include "core/network.h"

#include <arpa/inet.h>
#include <string.h>

#define HOST_CHARS_MAX  253U /* RFC 1035 2.3.4, as text */
#define LABEL_CHARS_MAX 63U
#define PORT_CHARS_MAX  5U

typedef struct Network {
    const char *address;
    guint bits;
} Network;

/* All that is not for everybody. */
static const Network closed4[] = {
    {"0.0.0.0", 8},        /* this network */
    {"10.0.0.0", 8},       /* private */
    {"100.64.0.0", 10},    /* carriers; metadata at 100.100.100.200 */
    {"127.0.0.0", 8},      /* loopback */
    {"168.63.129.16", 32}, /* metadata, on a public address */
    {"169.254.0.0", 16},   /* link-local; metadata at 169.254.169.254 */
    {"172.16.0.0", 12},    /* private */
    {"192.0.0.0", 24},     /* protocols; metadata at 192.0.0.192 */
    {"192.0.2.0", 24},     /* documentation */
    {"192.31.196.0", 24},  /* AS112 */
    {"192.52.193.0", 24},  /* AMT */
    {"192.88.99.0", 24},   /* 6to4 relays */
    {"192.168.0.0", 16},   /* private */
    {"192.175.48.0", 24},  /* AS112 */
    {"198.18.0.0", 15},    /* benchmarks */
    {"198.51.100.0", 24},  /* documentation */
    {"203.0.113.0", 24},   /* documentation */
    {"224.0.0.0", 4},      /* multicast */
    {"240.0.0.0", 4},      /* reserved, broadcast */
};

/* Of IPv6 only this is given to anybody; the rest is closed, so mapped ones (::ffff:0:0/96), NAT64
 * (64:ff9b::/96, 64:ff9b:1::/48), unique local (fc00::/7) and link-local ones (fe80::/10). */
static const Network open6 = {"2000::", 3};
static const Network closed6[] = {
    {"2001::", 23},     /* protocols; Teredo, ORCHID, benchmarks */
    {"2001:db8::", 32}, /* documentation */
    {"2002::", 16},     /* 6to4 */
    {"2620:4f:8000::", 48} /* AS112 */,
    {"3fff::", 20}, /* documentation */
};

static gboolean is_within(int family, const guint8 *address, const Network *network)
{
    guint8 start[sizeof(struct in6_addr)];

    g_assert(inet_pton(family, network->address, start) == 1);
    return network_has_prefix(address, start, network->bits);
}

static gboolean is_closed(int family, const guint8 *address, const Network *networks, gsize count)
{
    for (gsize i = 0; i < count; i++) {
        if (is_within(family, address, &networks[i])) {
            return TRUE;
        }
    }
    return FALSE;
}

gboolean foreign_address_is_public(const char *text)
{
    guint8 address[sizeof(struct in6_addr)];

    if (inet_pton(AF_INET, text, address) == 1) {
        return !is_closed(AF_INET, address, closed4, G_N_ELEMENTS(closed4));
    }
    return inet_pton(AF_INET6, text, address) == 1 && is_within(AF_INET6, address, &open6) &&
           !is_closed(AF_INET6, address, closed6, G_N_ELEMENTS(closed6));
}

/* Printable ASCII without what parsers rewrite, and without a fragment, which is never sent. */
static gboolean is_clean(const char *url)
{
    for (const char *c = url; *c; c++) {
        if (*c <= 0x20 || *c >= 0x7f || strchr("\\\"<>^`{|}#", *c)) {
            return FALSE;
        }
    }
    return strlen(url) <= FOREIGN_URL_BYTES_MAX;
}

static gboolean label_is_good(const char *label)
{
    gsize chars = strlen(label);

    return chars > 0 && chars <= LABEL_CHARS_MAX && *label != '-' && label[chars - 1] != '-' &&
           label[strspn(label, "abcdefghijklmnopqrstuvwxyz0123456789-")] == '\0';
}

/* At least two labels, the last begun with a letter: an address is never spelled so, in octal, in
 * hexadecimal, or as one number. */
static gboolean host_is_name(const char *host)
{
    g_auto(GStrv) labels = g_strsplit(host, ".", -1);
    guint count = g_strv_length(labels);

    for (guint i = 0; i < count; i++) {
        if (!label_is_good(labels[i])) {
            return FALSE;
        }
    }
    return count >= 2 && strlen(host) <= HOST_CHARS_MAX && g_ascii_isalpha(*labels[count - 1]);
}

/* Names that are somebody else on each network. */
static gboolean host_is_local(const char *host)
{
    static const char *const ends[] = {
        ".localhost", ".local", ".localdomain", ".internal", ".home.arpa"};

    for (gsize i = 0; i < G_N_ELEMENTS(ends); i++) {
        if (g_str_has_suffix(host, ends[i])) {
            return TRUE;
        }
    }
    return FALSE;
}

static gboolean read_port(const char *text, gsize chars, guint *ret_port)
{
    guint port = 0;

    if (chars == 0 || chars > PORT_CHARS_MAX || *text == '0') {
        return FALSE;
    }
    for (gsize i = 0; i < chars; i++) {
        if (!g_ascii_isdigit(text[i])) {
            return FALSE;
        }
        port = port * 10 + (guint)(text[i] - '0');
    }
    *ret_port = port;
    return port <= G_MAXUINT16;
}

const char *foreign_url_read(const char *url, char **ret_host, guint *ret_port)
{
    static const char scheme[] = "https://";
    guint port = FOREIGN_PORT_DEFAULT;

    if (!url || !is_clean(url)) {
        return "the URL is too long, has a fragment, or has characters that it must not have";
    }
    if (!g_str_has_prefix(url, scheme)) {
        return "the URL does not begin with https://";
    }
    const char *authority = url + strlen(scheme);
    gsize chars = strcspn(authority, "/?");
    gsize host_chars = MIN(strcspn(authority, ":"), chars);
    g_autofree char *host = g_ascii_strdown(authority, (gssize)host_chars);
    if (!host_is_name(host)) {
        return "the URL's host is no name with a dot: an address, or a user, is not taken";
    }
    if (host_is_local(host)) {
        return "the URL's host is a name of a local network";
    }
    if (host_chars < chars &&
        !read_port(authority + host_chars + 1, chars - host_chars - 1, &port)) {
        return "the URL's port is no number from 1 to 65535";
    }
    if (ret_host) {
        *ret_host = g_steal_pointer(&host);
    }
    if (ret_port) {
        *ret_port = port;
    }
    return NULL;
}
