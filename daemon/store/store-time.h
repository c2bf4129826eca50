/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * store-time.h - the store's time: never runs back, doesn't believe a leap, doesn't freeze
 *
 * A wall clock more than TIME_LEAP_USEC ahead of where CLOCK_BOOTTIME says it should be is ignored,
 * and one that is behind what was told already too: time then goes on by CLOCK_BOOTTIME. At a start
 * the last time of the journal takes the place of what was told.
 */

#include "base/clock.h"

#define TIME_LEAP_USEC (90 * USEC_PER_DAY)

typedef struct StoreTime {
    const Clock *clock;
    gint64 told_usec;
    gint64 told_boot_usec;
    gboolean leaping; /* the wall clock is not believed now */
} StoreTime;

/* @last_usec: the last time that the journal holds; 0: none, the wall clock is believed. */
void store_time_init(StoreTime *time, const Clock *clock, gint64 last_usec);
gint64 store_time_now(StoreTime *time);
