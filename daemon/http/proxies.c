/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "http/proxies.h"

#include "base/error.h"

#include <string.h>
#include <sys/socket.h>

static gboolean refuse(GError **error, const char *word, const char *words)
{
    g_set_error(error, ANTARA_ERROR, ANTARA_ERROR_CONFIG, "%s: %s", word, words);
    return FALSE;
}

static gboolean add(Proxies *proxies, const char *word, GError **error)
{
    NetworkRange range;

    if (!network_range_read(word, &range)) {
        return refuse(
            error, word,
            "expected an address or ADDRESS/BITS without a bit behind the prefix, like 192.0.2.1, "
            "10.0.0.0/8 or 2001:db8::/32");
    }
    if (range.bits < (range.family == AF_INET ? PROXIES_BITS_MIN : PROXIES_BITS6_MIN)) {
        return refuse(
            error, word, "that trusts too many: at least 8 bits of IPv4, or 16 bits of IPv6");
    }
    if (proxies->count == PROXIES_MAX) {
        return refuse(error, word, "that is one too many: 64 are possible");
    }
    proxies->ranges[proxies->count++] = range;
    return TRUE;
}

gboolean
config_read_proxies(const ConfigValue *value, gpointer target, gsize offset, GError **error)
{
    g_auto(GStrv) words = NULL;

    if (!config_read_words(value, &words, 0, error)) {
        return FALSE;
    }
    Proxies *proxies = (Proxies *)((guint8 *)target + offset);
    proxies->count = 0; /* a drop-in replaces the list */
    for (char **word = words; *word; word++) {
        if (!add(proxies, *word, error)) {
            return FALSE;
        }
    }
    return TRUE;
}

gboolean proxies_trust(const Proxies *proxies, const char *address)
{
    for (guint i = 0; i < proxies->count; i++) {
        if (network_range_contains(&proxies->ranges[i], address)) {
            return TRUE;
        }
    }
    return FALSE;
}

/* ADDRESS, IPv4:PORT, [IPv6] or [IPv6]:PORT; NULL: none of these. (transfer full) */
static char *element_address(const char *element)
{
    g_autofree char *text = g_strstrip(g_strdup(element));
    char *start = text;
    char *end = NULL;

    if (*text == '[') {
        start++;
        end = strchr(start, ']');
        if (!end || (end[1] && end[1] != ':')) {
            return NULL;
        }
    } else if (strchr(text, '.')) {
        end = strrchr(text, ':');
        end = end && strchr(text, ':') == end ? end : NULL; /* ::ffff:192.0.2.1 has no port */
    }
    if (end) {
        *end = '\0';
    }
    return network_canonical(start);
}

char *proxies_client(const Proxies *proxies, const char *peer, const char *forwarded)
{
    g_autofree char *client = g_strdup(peer);
    g_autofree char *left = g_strdup(forwarded ? forwarded : "");

    while (*left && proxies_trust(proxies, client)) {
        char *comma = strrchr(left, ',');
        char *address = element_address(comma ? comma + 1 : left);
        *(comma ? comma : left) = '\0';
        if (!address) {
            break;
        }
        g_free(client);
        client = address;
    }
    return g_steal_pointer(&client);
}
