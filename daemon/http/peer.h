/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* peer.h - who is at the other end of a connection, as text */

#include <gio/gio.h>

/* Canonical, IPv4 also where it is mapped into IPv6; "" for what is no Internet address. It lives
 * with @remote, which is made once for a connection. */
const char *peer_address(GSocketAddress *remote);

/* (transfer full): whom a connection is counted for: an IPv4 address, or an IPv6 /64. @address: of
 * peer_address(). */
char *peer_group(const char *address);

/* (transfer full): the /48 that an IPv6 @group lies in, which is no other group's name; NULL of all
 * else. */
char *peer_site(const char *group);
