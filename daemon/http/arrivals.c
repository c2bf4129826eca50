/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "http/arrivals.h"

#include "base/lock.h"

#include <unistd.h>

struct Arrivals {
    Lock lock;
    Arrival *first; /* a list of our own, so that ThreadSanitizer sees who touches it */
    Arrival **end;
    Bell *bell;
};

Arrival *arrival_new(int fd, char *group, GSocketAddress *local, GSocketAddress *remote)
{
    Arrival *arrival = g_new(Arrival, 1);

    *arrival = (Arrival){.fd = fd, .group = group};
    (void)g_set_object(&arrival->local, local);
    (void)g_set_object(&arrival->remote, remote);
    return arrival;
}

void arrival_free(Arrival *arrival)
{
    if (arrival->fd >= 0) {
        (void)close(arrival->fd);
    }
    g_free(arrival->group);
    g_clear_object(&arrival->local);
    g_clear_object(&arrival->remote);
    g_free(arrival);
}

Arrivals *arrivals_new(Bell *bell)
{
    Arrivals *arrivals = g_new0(Arrivals, 1);

    g_assert(pthread_mutex_init(&arrivals->lock, NULL) == 0);
    arrivals->end = &arrivals->first;
    arrivals->bell = bell_ref(bell);
    return arrivals;
}

void arrivals_free(Arrivals *arrivals)
{
    if (!arrivals) {
        return;
    }
    for (Arrival *arrival; (arrival = arrivals_pop(arrivals));) {
        arrival_free(arrival);
    }
    bell_unref(arrivals->bell);
    (void)pthread_mutex_destroy(&arrivals->lock);
    g_free(arrivals);
}

void arrivals_push(Arrivals *arrivals, Arrival *arrival)
{
    {
        LOCKED(&arrivals->lock);
        *arrivals->end = arrival;
        arrivals->end = &arrival->next;
    }
    bell_ring(arrivals->bell);
}

Arrival *arrivals_pop(Arrivals *arrivals)
{
    LOCKED(&arrivals->lock);
    Arrival *first = arrivals->first;

    if (first) {
        arrivals->first = g_steal_pointer(&first->next);
        arrivals->end = arrivals->first ? arrivals->end : &arrivals->first;
    }
    return first;
}
