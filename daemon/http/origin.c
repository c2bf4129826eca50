/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "http/origin.h"

gboolean origin_is_ours(const char *fetch_site, const char *origin, const char *issuer)
{
    if (fetch_site) {
        return g_str_equal(fetch_site, "same-origin");
    }
    return !origin || g_str_equal(origin, "null") || g_str_equal(origin, issuer);
}
