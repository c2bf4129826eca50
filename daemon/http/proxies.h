/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * proxies.h - who the client is when a proxy stands between
 *
 * The word of a peer that the configuration trusts is believed, one hop after the other from the
 * right, up to the first address that is not trusted: whatever stands further left a client may
 * have sent itself. X-Forwarded-For is the one header that is read: a proxy that fills in one
 * passes the others on as a stranger wrote them. A stranger's header is never looked at.
 */

#include "base/config.h"
#include "core/network.h"

#define PROXIES_MAX       64U
#define PROXIES_BITS_MIN  8U  /* a wider network than this is no list of proxies: IPv4 */
#define PROXIES_BITS6_MIN 16U /* IPv6 */
#define PROXIES_HEADER    "X-Forwarded-For"

typedef struct Proxies {
    guint count;
    NetworkRange ranges[PROXIES_MAX];
} Proxies;

/* Reads ADDRESS or ADDRESS/BITS, separated by blanks, into the Proxies at @offset. */
gboolean
config_read_proxies(const ConfigValue *value, gpointer target, gsize offset, GError **error);

gboolean proxies_trust(const Proxies *proxies, const char *address);

/**
 * proxies_client() - whose request that is
 * @peer: canonical text of the address at the other end of the connection
 * @forwarded: untrusted: all X-Forwarded-For of the request, joined by commas; may be NULL
 *
 * An element is an address, with or without a port: only the address counts, so nobody has two
 * budgets. Where an element is none ("unknown"), the proxy that wrote it stands for its client.
 *
 * Returns: canonical text (transfer full); @peer when it is not trusted.
 */
char *proxies_client(const Proxies *proxies, const char *peer, const char *forwarded);
