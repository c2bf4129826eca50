/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "store/store-time.h"

void store_time_init(StoreTime *time, const Clock *clock, gint64 last_usec)
{
    *time = (StoreTime){
        .clock = clock,
        .told_usec = last_usec ? last_usec : clock->wall_usec(clock->data),
        .told_boot_usec = clock->boot_usec(clock->data),
    };
}

gint64 store_time_now(StoreTime *time)
{
    gint64 wall = time->clock->wall_usec(time->clock->data);
    gint64 boot = time->clock->boot_usec(time->clock->data);
    gint64 expected = time->told_usec + MAX(boot - time->told_boot_usec, 0);

    time->leaping = wall > expected + TIME_LEAP_USEC;
    if (wall > expected + TIME_STEP_USEC) {
        time->leapt_boot_usec = MAX(boot, 1);
    }
    time->told_usec = time->leaping || wall < time->told_usec ? expected : wall;
    time->told_boot_usec = boot;
    return time->told_usec;
}

gboolean store_time_is_calm(const StoreTime *time)
{
    return time->leapt_boot_usec == 0 ||
           time->told_boot_usec >= time->leapt_boot_usec + TIME_CALM_USEC;
}

void store_time_believe(StoreTime *time)
{
    time->told_usec = MAX(time->told_usec, time->clock->wall_usec(time->clock->data));
    time->leapt_boot_usec = MAX(time->clock->boot_usec(time->clock->data), 1);
    time->leaping = FALSE;
}
