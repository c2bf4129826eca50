/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* arrivals.h - accepted connections on their way to the worker that will serve them */

#include "base/bell.h"

#include <gio/gio.h>

typedef struct Arrival {
    int fd;      /* -1 once taken out */
    char *group; /* whom it is counted for: of peer_group(); NULL: a trusted proxy's */
    GSocketAddress *local;
    GSocketAddress *remote;
    gboolean sent_away;   /* to make room */
    struct Arrival *next; /* while it waits */
} Arrival;

/* Takes @fd and @group. @group, @local, @remote: (nullable) */
Arrival *arrival_new(int fd, char *group, GSocketAddress *local, GSocketAddress *remote);
void arrival_free(Arrival *arrival); /* closes what nobody took out */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Arrival, arrival_free)

typedef struct Arrivals Arrivals;

Arrivals *arrivals_new(Bell *bell); /* rung for each that comes */
void arrivals_free(Arrivals *arrivals);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Arrivals, arrivals_free)

/* Any thread. Takes @arrival. */
void arrivals_push(Arrivals *arrivals, Arrival *arrival);
/* (transfer full): in the order they came; NULL: there is none. */
Arrival *arrivals_pop(Arrivals *arrivals);
