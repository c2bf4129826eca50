/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * waiters.h - threads that wait until their commit is durable
 *
 * One bell for all. Whoever waits while nobody listens to it listens, for himself and for the
 * others; each is woken only for his own point.
 */

#include "base/lock.h"
#include "store/store.h"

typedef struct Waiters {
    Store *store;
    GMainContext *context;
    Bell *bell;
    StoreListener *listener;
    Lock lock;
    GQueue waiting; /* of Waiter */
    gboolean heeded;
} Waiters;

void waiters_init(Waiters *waiters, Store *store);
void waiters_clear(Waiters *waiters);
void waiters_wait(Waiters *waiters, guint64 point);
