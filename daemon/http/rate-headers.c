/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "http/rate-headers.h"

static const char *comma(const GString *text)
{
    return text->len > 0 ? ", " : "";
}

char *rate_policy_text(const LimitStanding *standing)
{
    g_autoptr(GString) text = g_string_new(NULL);

    for (guint i = 0; i < standing->n_rows; i++) {
        const struct LimitRow *row = &standing->rows[i];
        g_string_append_printf(
            text, "%s\"%s\";q=%u;w=%u", comma(text), limit_name(row->name), row->rate.count,
            row->rate.seconds);
    }
    return g_string_free(g_steal_pointer(&text), FALSE);
}

char *rate_limit_text(const LimitStanding *standing)
{
    g_autoptr(GString) text = g_string_new(NULL);

    for (guint i = 0; i < standing->n_rows; i++) {
        const struct LimitRow *row = &standing->rows[i];
        g_string_append_printf(
            text, "%s\"%s\";r=%u;t=%u", comma(text), limit_name(row->name), row->left,
            row->reset_seconds);
    }
    return g_string_free(g_steal_pointer(&text), FALSE);
}
