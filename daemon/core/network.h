/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * network.h - whether two addresses are in the same network: the same IPv4 address or IPv6 /64; and
 * networks as ADDRESS/BITS
 */

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

/* ADDRESS/BITS, or one address. */
typedef struct NetworkRange {
    int family;       /* AF_INET or AF_INET6 */
    guint8 bytes[16]; /* in network order; of IPv4 the first four */
    guint bits;
} NetworkRange;

/* Whether the first @bits of both are the same. */
gboolean network_has_prefix(const guint8 *address, const guint8 *prefix, guint bits);

/**
 * network_range_read() - takes apart "192.0.2.1", "192.0.2.0/24" or "2001:db8::/32"
 *
 * No bit may be set behind the prefix, and IPv4 is not written as IPv6 (::ffff:192.0.2.1).
 *
 * Source: RFC 4632 3.1; RFC 4291 2.3.
 *
 * Returns: FALSE when @text is none of these.
 */
gboolean network_range_read(const char *text, NetworkRange *ret_range);
/* @address: text; what is no address is in no range. IPv4-mapped IPv6 counts as IPv4. */
gboolean network_range_contains(const NetworkRange *range, const char *address);
