/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * target.h - what a request is sent to, checked so strictly that libsoup's own parser has nothing
 * left to refuse: its answers would carry none of our headers
 */

#include <glib.h>

/**
 * target_is_sound() - a request's target, in origin-form or absolute-form
 * @target: untrusted; without spaces, controls and bytes above 0x7e
 *
 * Neither `*` nor an authority alone: nothing of ours is asked like that. Nor https in
 * absolute-form, under TLS either: libsoup, which knows of no TLS, would refuse it.
 *
 * Source: RFC 9112 3.2, RFC 3986 2.1.
 */
gboolean target_is_sound(const guint8 *target, gsize size);

/**
 * target_path() - the path of a target, spelled as libsoup will spell it
 * @target: a sound one
 *
 * Returns: (transfer full): without query; "" when there is none.
 */
char *target_path(const guint8 *target, gsize size);

/**
 * target_host_is_sound() - the value of Host, or the authority of a target
 * @host: untrusted; a name, an IPv4 address or an IPv6 address in brackets, and maybe a port
 *
 * Source: RFC 9110 7.2; no percent-encoding, no user.
 */
gboolean target_host_is_sound(const guint8 *host, gsize size);
