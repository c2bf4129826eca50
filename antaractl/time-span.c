/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "antaractl/time-span.h"

#include "antaractl/bus.h"

#define NUMBER_MAX 1000000U

static const struct Unit {
    const char *name;
    guint64 seconds;
} units[] = {{"s", 1}, {"min", 60}, {"h", 3600}, {"d", 86400}, {"w", 7 * 86400}};

gboolean time_span_read(const char *text, guint64 *ret_seconds, GError **error)
{
    char *unit = NULL;
    guint64 number = text && g_ascii_isdigit(*text) ? g_ascii_strtoull(text, &unit, 10) : 0;

    *ret_seconds = 0;
    for (gsize i = 0; number > 0 && number <= NUMBER_MAX && i < G_N_ELEMENTS(units); i++) {
        if (g_str_equal(unit, units[i].name)) {
            *ret_seconds = number * units[i].seconds;
            return TRUE;
        }
    }
    if (text) {
        g_set_error(
            error, CTL_ERROR, CTL_ERROR_USAGE,
            "%s is no time: write a number with s, min, h, d or w, as in 90d", text);
    }
    return !text;
}
