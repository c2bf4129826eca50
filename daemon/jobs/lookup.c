/* SPDX-License-Identifier: GPL-3.0-or-later */

/* lookup.c - a thread for each name, which whoever asked can leave behind */

#include "jobs/lookup.h"

#include "base/error.h"
#include "base/lock.h"

#include <netdb.h>
#include <time.h>

#define LOOK_UP_USEC (200 * (gint64)1000) /* how often a wait looks up whether it shall stop */

/* Owned by the one who asks and by the thread; whoever is last frees it. */
typedef struct Lookup {
    gint references;
    Lock lock;
    pthread_cond_t changed;
    char *host;
    LookupResolve resolve;
    gpointer data;
    /* under the lock */
    gboolean done;
    char **found;
} Lookup;

static gint lookups; /* threads that run */

static char **resolve_by_system(const char *host, G_GNUC_UNUSED gpointer data)
{
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_ADDRCONFIG};
    g_autoptr(GStrvBuilder) texts = g_strv_builder_new();
    struct addrinfo *found = NULL;

    if (getaddrinfo(host, NULL, &hints, &found) != 0) {
        return NULL;
    }
    for (const struct addrinfo *at = found; at; at = at->ai_next) {
        char text[NI_MAXHOST];
        if (getnameinfo(at->ai_addr, at->ai_addrlen, text, sizeof(text), NULL, 0, NI_NUMERICHOST) ==
            0) {
            g_strv_builder_add(texts, text);
        }
    }
    freeaddrinfo(found);
    return g_strv_builder_end(texts);
}

static void lookup_unref(Lookup *lookup)
{
    if (!g_atomic_int_dec_and_test(&lookup->references)) {
        return;
    }
    g_assert(pthread_cond_destroy(&lookup->changed) == 0);
    g_assert(pthread_mutex_destroy(&lookup->lock) == 0);
    g_strfreev(lookup->found);
    g_free(lookup->host);
    g_free(lookup);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Lookup, lookup_unref)

static gpointer run(gpointer data)
{
    g_autoptr(Lookup) lookup = data;
    char **found = lookup->resolve(lookup->host, lookup->data);

    LOCKED(&lookup->lock);
    lookup->found = found;
    lookup->done = TRUE;
    g_assert(pthread_cond_signal(&lookup->changed) == 0);
    g_atomic_int_add(&lookups, -1);
    return NULL;
}

static Lookup *lookup_new(const LookupAsked *asked)
{
    Lookup *lookup = g_new0(Lookup, 1);
    pthread_condattr_t attributes;

    g_assert(pthread_condattr_init(&attributes) == 0);
    g_assert(pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC) == 0);
    g_assert(pthread_cond_init(&lookup->changed, &attributes) == 0);
    g_assert(pthread_condattr_destroy(&attributes) == 0);
    g_assert(pthread_mutex_init(&lookup->lock, NULL) == 0);
    lookup->references = 1;
    lookup->host = g_strdup(asked->host);
    lookup->resolve = asked->resolve ? asked->resolve : resolve_by_system;
    lookup->data = asked->data;
    return lookup;
}

/* A thread of its own: one of a pool would be held as long as a name server likes. */
static gboolean begin(Lookup *lookup, GError **error)
{
    if (g_atomic_int_add(&lookups, 1) >= (gint)LOOKUPS_MAX) {
        g_atomic_int_add(&lookups, -1);
        g_set_error(error, ANTARA_ERROR, ANTARA_ERROR_FAILED, "too many names are being looked up");
        return FALSE;
    }
    g_atomic_int_inc(&lookup->references);
    GThread *thread = g_thread_try_new("lookup", run, lookup, error);
    if (!thread) {
        lookup_unref(lookup);
        g_atomic_int_add(&lookups, -1);
        return FALSE;
    }
    g_thread_unref(thread);
    return TRUE;
}

static gboolean shall_wait(const LookupAsked *asked)
{
    return g_get_monotonic_time() < asked->deadline_usec &&
           !(asked->stopping && g_atomic_int_get(asked->stopping));
}

/* (nullable) (transfer full) */
static char **wait_for(Lookup *lookup, const LookupAsked *asked, gboolean *ret_done)
{
    LOCKED(&lookup->lock);

    while (!lookup->done && shall_wait(asked)) {
        gint64 until = MIN(g_get_monotonic_time() + LOOK_UP_USEC, asked->deadline_usec);
        const struct timespec when = {
            .tv_sec = until / G_USEC_PER_SEC,
            .tv_nsec = until % G_USEC_PER_SEC * 1000,
        };
        (void)pthread_cond_timedwait(&lookup->changed, &lookup->lock, &when);
    }
    *ret_done = lookup->done;
    return g_steal_pointer(&lookup->found);
}

char **lookup_run(const LookupAsked *asked, GError **error)
{
    g_autoptr(Lookup) lookup = lookup_new(asked);
    gboolean done = FALSE;

    if (!begin(lookup, error)) {
        return NULL;
    }
    g_auto(GStrv) found = wait_for(lookup, asked, &done);
    guint count = found ? g_strv_length(found) : 0;
    if (count == 0 || count > LOOKUP_ADDRESSES_MAX) {
        g_set_error(
            error, ANTARA_ERROR, ANTARA_ERROR_FAILED, "%s: %s", asked->host,
            !done        ? "the name was not resolved in time"
            : count == 0 ? "there is no such name"
                         : "the name has too many addresses");
        return NULL;
    }
    return g_steal_pointer(&found);
}
