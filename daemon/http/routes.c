/* SPDX-License-Identifier: GPL-3.0-or-later */

/* routes.c - all tables joined, and the look-up */

#include "http/route.h"

#include "http/gate.h"
#include "http/health.h"
#include "http/target.h"

#include <string.h>

static const Route *const tables[] = {
    authorize_routes, token_routes,    discovery_routes, device_routes, login_routes, logout_routes,
    me_routes,        one_time_routes, asset_routes,     health_routes, NULL,
};

const Route *const *route_tables(void)
{
    return tables;
}

static guint rows_of(const Route *table)
{
    guint rows = 0;

    while (table[rows].path) {
        rows++;
    }
    return rows;
}

guint route_number(const Route *route)
{
    guint before = 0;

    for (const Route *const *table = tables; *table; table++) {
        guint rows = rows_of(*table);
        if (route >= *table && route < *table + rows) {
            return before + (guint)(route - *table);
        }
        before += rows;
    }
    g_assert_not_reached();
}

/* NULL unless @path is what the row names; *ret_tail behind the star. */
static gboolean fits(const Route *route, const char *path, const char **ret_tail)
{
    gsize fixed = strcspn(route->path, "*");

    if (!route->path[fixed]) {
        return g_str_equal(route->path, path);
    }
    if (strncmp(route->path, path, fixed) != 0 || !path[fixed] || strchr(path + fixed, '/')) {
        return FALSE;
    }
    *ret_tail = path + fixed;
    return TRUE;
}

static RouteVerb verb_of(const char *method)
{
    if (g_str_equal(method, "GET") || g_str_equal(method, "HEAD")) {
        return VERB_GET;
    }
    return g_str_equal(method, "POST") ? VERB_POST : 0;
}

static const char *allow_words(guint verbs)
{
    static const char *const words[] = {NULL, "GET, HEAD", "POST", "GET, HEAD, POST"};

    return words[verbs & 3];
}

/* NULL: no row of @table; *verbs gathers those of rows that fit but for the verb. */
static const Route *
row_find(const Route *table, RouteVerb verb, const char *path, const char **ret_tail, guint *verbs)
{
    for (const Route *route = table; route->path; route++) {
        const char *tail = NULL;
        if (!fits(route, path, &tail)) {
            continue;
        }
        if (route->verb == verb) {
            *ret_tail = tail;
            return route;
        }
        *verbs |= route->verb;
    }
    return NULL;
}

const Route *
route_find(const char *method, const char *path, const char **ret_tail, const char **ret_allow)
{
    RouteVerb verb = verb_of(method);
    guint verbs = 0;

    for (guint i = 0; tables[i]; i++) {
        const Route *route = row_find(tables[i], verb, path, ret_tail, &verbs);
        if (route) {
            return route;
        }
    }
    *ret_allow = allow_words(verbs);
    return NULL;
}

gsize route_body_max(
    const guint8 *method,
    gsize method_size,
    const guint8 *target,
    gsize target_size)
{
    g_autofree char *name = g_strndup((const char *)method, method_size);
    g_autofree char *path = target_path(target, target_size);
    const char *ignored = NULL;
    const Route *route = route_find(name, path, &ignored, &ignored);

    return route ? MIN(route->body_bytes_max, GATE_BODY_BYTES_MAX) : GATE_BODY_BYTES_MAX;
}
