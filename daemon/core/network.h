/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* network.h - whether two addresses are in the same network: the same IPv4 address or IPv6 /64 */

#include <glib.h>

/* Canonical text: IPv4 that came as IPv4-mapped IPv6 unwrapped; NULL when @text is no address.
 * (transfer full) */
char *network_canonical(const char *text);
/* Whom a budget is counted for: an IPv4 address, or the IPv6 /64 that one client has to itself.
 * What is no address is its own group. (transfer full), NULL for NULL. */
char *network_group(const char *text);
gboolean network_is_loopback(const char *text);

/**
 * network_is_same() - for the completion number
 * @a, @b: untrusted, may be NULL; what isn't an address is different from everything
 * @loopback_counts: whether loopback equals loopback (only under a loopback issuer)
 */
gboolean network_is_same(const char *a, const char *b, gboolean loopback_counts);
