/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* origin.h - whether a POST comes from a form of ours (design 4; row O6 of the attacks) */

#include <glib.h>

/**
 * origin_is_ours() - beside the form token, which is always checked
 * @fetch_site: Sec-Fetch-Site, or NULL
 * @origin: Origin, or NULL
 * @issuer: ours
 *
 * Sec-Fetch-Site, where sent, must be same-origin. Where it isn't sent, Origin must be ours or
 * "null" (browsers send "null" with our own forms because of no-referrer), or be absent; neither
 * admits anybody by itself.
 */
gboolean origin_is_ours(const char *fetch_site, const char *origin, const char *issuer);
