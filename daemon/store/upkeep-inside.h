/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* upkeep-inside.h - how the upkeep thread looks inside; for upkeep.c and work.c alone */

#include "store/upkeep.h"

struct Upkeep {
    Store *store;
    Lock lock;
    pthread_cond_t wake; /* for the thread; and for who waits for work */
    gboolean stopping;
    gboolean over;  /* the thread has ended */
    gboolean woken; /* since it looked last */
    StoreWork work; /* what was asked for last */
    StoreWorkAsked asked;
    gboolean rotate_failed;
    gint64 retry_usec; /* monotonic: nothing is begun by itself before */
    Pace pace;
    pthread_t thread;
};

/* Reads all there is, while all goes on. */
gboolean check_running(Upkeep *upkeep, GError **error);

/* Locked. */
gboolean work_is_under_way(const Upkeep *upkeep);
void work_asked_clear(StoreWorkAsked *asked);
/* TRUE: something was asked for, and is now running. */
gboolean work_begin(Upkeep *upkeep);
void work_end(Upkeep *upkeep, const GError *failure);
/* Who waits for work that is never begun must not wait for ever. */
void work_give_up(Upkeep *upkeep);
