/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "http/health.h"

static void health_get(Exchange *exchange)
{
    gboolean read_only = runner_is_read_only(exchange_runner(exchange));
    const char *words = read_only ? "read-only\n" : "ok\n";

    exchange_reply(
        exchange, read_only ? 503 : 200, "text/plain; charset=utf-8",
        g_bytes_new(words, read_only ? 10 : 3));
}

const Route health_routes[] = {
    {"/healthz", VERB_GET, FACE_API, CALLER_NONE, 0, health_get},
    {NULL, 0, 0, CALLER_NONE, 0, NULL},
};
