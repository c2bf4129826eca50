/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* lookup.h - the addresses of a name, by a deadline: getaddrinfo(3) itself has none. Blocks: called
 * in a worker */

#include <glib.h>

#define LOOKUP_ADDRESSES_MAX 32U
#define LOOKUPS_MAX          128U /* threads that getaddrinfo(3) holds at once, of the process */

/* (transfer full): the addresses of @host as text, in the order in which to try them; NULL: none.
 * May block for long; called in a thread of its own. */
typedef char **(*LookupResolve)(const char *host, gpointer data);

typedef struct LookupAsked {
    const char *host;
    LookupResolve resolve; /* (nullable): getaddrinfo(3) */
    gpointer data;         /* of @resolve; lives as long as the process */
    gint64 deadline_usec;  /* g_get_monotonic_time() */
    const gint *stopping;  /* (nullable): once it is not zero, the wait ends within 0.2 s */
} LookupAsked;

/**
 * lookup_run() - resolves a name once
 *
 * A resolver that has not answered by the deadline is left alone, and what it finds is dropped.
 *
 * Returns: (transfer full): one address or more, up to LOOKUP_ADDRESSES_MAX; NULL with an error.
 */
char **lookup_run(const LookupAsked *asked, GError **error);
