/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "http/peer.h"

#include <string.h>

#define SITE_CHARS 14 /* three of the four parts of an IPv6 group */

static char *address_make(GSocketAddress *remote)
{
    if (!G_IS_INET_SOCKET_ADDRESS(remote)) {
        return g_strdup("");
    }
    g_autofree char *text =
        g_inet_address_to_string(g_inet_socket_address_get_address(G_INET_SOCKET_ADDRESS(remote)));
    const char *mapped = g_str_has_prefix(text, "::ffff:") ? text + 7 : text;
    return g_strdup(strchr(mapped, '.') ? mapped : text);
}

const char *peer_address(GSocketAddress *remote)
{
    static const char key[] = "antara-address";
    char *address = g_object_get_data(G_OBJECT(remote), key);

    if (!address) {
        address = address_make(remote);
        g_object_set_data_full(G_OBJECT(remote), key, address, g_free);
    }
    return address;
}

char *peer_group(const char *address)
{
    g_autoptr(GInetAddress) inet = g_inet_address_new_from_string(address);

    if (!inet || g_inet_address_get_family(inet) != G_SOCKET_FAMILY_IPV6) {
        return g_strdup(address);
    }
    const guint8 *bytes = g_inet_address_to_bytes(inet);
    return g_strdup_printf(
        "%02x%02x:%02x%02x:%02x%02x:%02x%02x", bytes[0], bytes[1], bytes[2], bytes[3], bytes[4],
        bytes[5], bytes[6], bytes[7]);
}

char *peer_site(const char *group)
{
    return group && strchr(group, ':') ? g_strndup(group, SITE_CHARS) : NULL;
}
