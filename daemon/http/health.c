/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "http/health.h"

#include <string.h>

const char *health_words(const Runner *runner, guint *ret_status)
{
    gboolean read_only = runner_is_read_only(runner);

    *ret_status = read_only ? 503 : 200;
    return read_only ? "read-only\n" : "ok\n";
}

static void health_get(Exchange *exchange)
{
    guint status = 0;
    const char *words = health_words(exchange_runner(exchange), &status);

    exchange_reply(exchange, status, HEALTH_TYPE, g_bytes_new(words, strlen(words)));
}

const Route health_routes[] = {
    {"/healthz", VERB_GET, FACE_API, CALLER_NONE, 0, health_get},
    {NULL, 0, 0, CALLER_NONE, 0, NULL},
};
