/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "core/network.h"

#include <arpa/inet.h>
#include <string.h>

typedef struct Address {
    int family; /* AF_UNSPEC: none */
    guint8 bytes[16];
} Address;

static Address read_address(const char *text)
{
    static const guint8 mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    Address address = {.family = AF_UNSPEC};

    if (text && inet_pton(AF_INET, text, address.bytes) == 1) {
        address.family = AF_INET;
    } else if (text && inet_pton(AF_INET6, text, address.bytes) == 1) {
        address.family = AF_INET6;
        if (memcmp(address.bytes, mapped, sizeof(mapped)) == 0) {
            address.family = AF_INET;
            memmove(address.bytes, address.bytes + sizeof(mapped), 4);
        }
    }
    return address;
}

char *network_canonical(const char *text)
{
    Address address = read_address(text);
    char canonical[INET6_ADDRSTRLEN];

    if (address.family == AF_UNSPEC ||
        !inet_ntop(address.family, address.bytes, canonical, sizeof(canonical))) {
        return NULL;
    }
    return g_strdup(canonical);
}

char *network_group(const char *text)
{
    Address address = read_address(text);
    char group[INET6_ADDRSTRLEN];

    if (address.family == AF_INET6) {
        memset(address.bytes + 8, 0, 8);
    }
    return address.family != AF_UNSPEC &&
                   inet_ntop(address.family, address.bytes, group, sizeof(group))
               ? g_strdup(group)
               : g_strdup(text);
}

static gboolean is_loopback(const Address *address)
{
    static const guint8 loopback[16] = {[15] = 1};

    return address->family == AF_INET
               ? address->bytes[0] == 127
               : address->family == AF_INET6 && memcmp(address->bytes, loopback, 16) == 0;
}

gboolean network_is_loopback(const char *text)
{
    Address address = read_address(text);

    return is_loopback(&address);
}

gboolean network_is_same(const char *a, const char *b, gboolean loopback_counts)
{
    Address first = read_address(a);
    Address second = read_address(b);

    if (is_loopback(&first) || is_loopback(&second)) {
        return loopback_counts && is_loopback(&first) && is_loopback(&second);
    }
    return first.family != AF_UNSPEC && first.family == second.family &&
           memcmp(first.bytes, second.bytes, first.family == AF_INET ? 4 : 8) == 0;
}

gboolean network_has_prefix(const guint8 *address, const guint8 *prefix, guint bits)
{
    guint whole = bits / 8;
    guint rest = bits % 8;

    return memcmp(address, prefix, whole) == 0 &&
           (rest == 0 || (address[whole] ^ prefix[whole]) >> (8 - rest) == 0);
}

static gboolean nothing_is_behind(const guint8 *bytes, guint bits, guint bits_max)
{
    for (guint i = bits; i < bits_max; i++) {
        if (bytes[i / 8] & (0x80 >> i % 8)) {
            return FALSE;
        }
    }
    return TRUE;
}

gboolean network_range_read(const char *text, NetworkRange *ret_range)
{
    const char *slash = strchr(text, '/');
    g_autofree char *start = slash ? g_strndup(text, (gsize)(slash - text)) : g_strdup(text);
    NetworkRange range = {.family = strchr(start, ':') ? AF_INET6 : AF_INET};
    guint bits_max = range.family == AF_INET ? 32 : 128;
    guint64 bits = bits_max;

    /* read_address() would unwrap a mapped one, and its bits would mean something else. */
    if (inet_pton(range.family, start, range.bytes) != 1 ||
        read_address(start).family != range.family ||
        (slash && !g_ascii_string_to_unsigned(slash + 1, 10, 0, bits_max, &bits, NULL)) ||
        !nothing_is_behind(range.bytes, (guint)bits, bits_max)) {
        return FALSE;
    }
    range.bits = (guint)bits;
    *ret_range = range;
    return TRUE;
}

gboolean network_range_contains(const NetworkRange *range, const char *address)
{
    Address asked = read_address(address);

    return asked.family == range->family &&
           network_has_prefix(asked.bytes, range->bytes, range->bits);
}
