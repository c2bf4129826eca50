/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * store-time.h - the store's time: never runs back, doesn't believe a leap, doesn't freeze
 *
 * A wall clock more than TIME_LEAP_USEC ahead of where CLOCK_BOOTTIME says it should be is ignored,
 * and one that is behind what was told already too: time then goes on by CLOCK_BOOTTIME. At a start
 * the last time of the journal takes the place of what was told. A smaller leap is believed, but
 * for TIME_CALM_USEC after it nothing should be thrown away for its age alone.
 */

#include "base/clock.h"

#define TIME_LEAP_USEC (90 * USEC_PER_DAY)
#define TIME_STEP_USEC (10 * USEC_PER_MINUTE) /* what is no leap, but a clock that is set */
#define TIME_CALM_USEC USEC_PER_HOUR

typedef struct StoreTime {
    const Clock *clock;
    gint64 told_usec;
    gint64 told_boot_usec;
    gboolean leaping;       /* the wall clock is not believed now */
    gint64 leapt_boot_usec; /* when it leapt last; 0: it never did */
} StoreTime;

/* @last_usec: the last time that the journal holds; 0: none, the wall clock is believed. */
void store_time_init(StoreTime *time, const Clock *clock, gint64 last_usec);
gint64 store_time_now(StoreTime *time);

/* FALSE for a while after a leap. */
gboolean store_time_is_calm(const StoreTime *time);

/* An administrator has looked: the wall clock is right, however far it is ahead. */
void store_time_believe(StoreTime *time);
