/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* clock.h - the two clocks. Only store/store-time.c and edges ask; core takes its time from the
 * transaction */

#include <glib.h>

#define USEC_PER_SEC    G_GINT64_CONSTANT(1000000)
#define USEC_PER_MINUTE (60 * USEC_PER_SEC)
#define USEC_PER_HOUR   (60 * USEC_PER_MINUTE)
#define USEC_PER_DAY    (24 * USEC_PER_HOUR)

typedef struct Clock {
    gint64 (*wall_usec)(gpointer data); /* since 1970 */
    gint64 (*boot_usec)(gpointer data); /* CLOCK_BOOTTIME */
    gpointer data;
} Clock;

/* The machine's own clocks; static storage. */
const Clock *clock_system(void);
