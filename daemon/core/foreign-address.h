/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * foreign-address.h - where a request of ours may go, when a stranger said where
 *
 * A URL is looked at when it is registered: there a name stands for its addresses, which its owner
 * can change. So the addresses are looked at once more at each connection (jobs/courier.h).
 */

#include <glib.h>

#define FOREIGN_URL_BYTES_MAX 1024U
#define FOREIGN_PORT_DEFAULT  443U

/**
 * foreign_url_read() - takes apart a URL that requests of ours shall go to
 * @url: untrusted
 * @ret_host: (out) (optional) (transfer full): its host's name, in lower case
 * @ret_port: (out) (optional)
 *
 * Good are https alone; a host that has a name of letters, digits, dashes and dots, whose last part
 * begins with a letter: so no literal address has any spelling here, and no name is one of this
 * machine's or this network's own; no user, no fragment, port 1 to 65535. What is not plain ASCII
 * or what parsers read differently is refused: the name of a foreign script is written with xn--.
 *
 * Source: RFC 3986 3; RFC 6761, 6762, 8375; rows H1 of the attacks.
 *
 * Returns: NULL, or what is wrong with it (static words).
 */
const char *foreign_url_read(const char *url, char **ret_host, guint *ret_port);

/**
 * foreign_address_is_public() - does that address belong to a machine of the public Internet?
 * @text: as getnameinfo() writes it; anything else, a zone too, is not public
 *
 * Not private, loopback, link-local, carrier's (CGNAT), unique local, multicast, unspecified,
 * reserved, documentation; no metadata service of a cloud; and no IPv6 address that has an IPv4 one
 * within: mapped, NAT64, 6to4, Teredo.
 *
 * Source: the registries of RFC 6890 (IANA IPv4 and IPv6 Special-Purpose Address Registry).
 */
gboolean foreign_address_is_public(const char *text);
