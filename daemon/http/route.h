/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* route.h - a route is a row: path, verb, who may call, limits, handler; the whole surface on one
 * page */

#include "http/exchange.h"

typedef enum RouteVerb { VERB_GET = 1, VERB_POST = 2 } RouteVerb; /* GET answers HEAD as well */

typedef enum RouteFace {
    FACE_PAGE =
        1, /* HTML, with the headers of pages; POST wants Sec-Fetch-Site/Origin of our own form */
    FACE_API,    /* JSON, with the headers of JSON; no cookie is read */
    FACE_SHARED, /* FACE_API that scripts of any site may read (http/cors.h) */
    FACE_CROSS,  /* a page whose POST may come from other sites (authorize) */
} RouteFace;

static inline gboolean face_is_api(RouteFace face)
{
    return face == FACE_API || face == FACE_SHARED;
}

typedef struct Route {
    const char *path; /* exact; or ends in a star, which is one segment */
    RouteVerb verb;
    RouteFace face;
    CallerKind caller;
    gsize body_bytes_max; /* 0: no body */
    void (*handle)(Exchange *exchange);
} Route;

/* Each file of endpoints has one table, ended by a NULL path; routes.c joins them. */
extern const Route authorize_routes[];
extern const Route token_routes[];
extern const Route discovery_routes[];
extern const Route device_routes[];
extern const Route login_routes[];
extern const Route logout_routes[];
extern const Route me_routes[];
extern const Route one_time_routes[];
extern const Route asset_routes[]; /* style sheet, icon */

/* All tables, ended by NULL; static. */
const Route *const *route_tables(void);

/* What a body may have at most: of its route; of what is no route, GATE_BODY_BYTES_MAX. @method and
 * @target are as sent, and sound. */
gsize route_body_max(
    const guint8 *method,
    gsize method_size,
    const guint8 *target,
    gsize target_size);

/* The place of a row among all rows of all tables, from 0. */
guint route_number(const Route *route);

/* NULL and *ret_allow (static, for the Allow header) set: the path is known with other verbs (405);
 * both NULL: 404. HEAD finds the GET row. */
const Route *
route_find(const char *method, const char *path, const char **ret_tail, const char **ret_allow);
