/* SPDX-License-Identifier: GPL-3.0-or-later */

/* assets.c - style sheet and icon: the same for everybody, so browsers may keep them */

#include "http/route.h"
#include "http/web.h"

#include <string.h>

#define KEEP_FOR_EVER  "public, max-age=31536000, immutable"
#define KEEP_FOR_A_DAY "public, max-age=86400"

static void style_get(Exchange *exchange)
{
    const char *sent = exchange_query_text(exchange);
    const char *hash = strchr(web_style_path(), '?') + 1;

    exchange_add_header(
        exchange, "Cache-Control", g_strcmp0(sent, hash) == 0 ? KEEP_FOR_EVER : KEEP_FOR_A_DAY);
    exchange_reply(exchange, 200, "text/css; charset=utf-8", web_file("style.css"));
}

static void icon_get(Exchange *exchange)
{
    exchange_add_header(exchange, "Cache-Control", KEEP_FOR_A_DAY);
    exchange_reply(exchange, 200, "image/svg+xml", web_file("icon.svg"));
}

const Route asset_routes[] = {
    {"/style.css", VERB_GET, FACE_PAGE, CALLER_NONE, 0, style_get},
    {"/icon.svg", VERB_GET, FACE_PAGE, CALLER_NONE, 0, icon_get},
    {NULL, 0, 0, CALLER_NONE, 0, NULL},
};
