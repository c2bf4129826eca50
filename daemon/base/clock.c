/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "base/clock.h"

#include <time.h>

static gint64 read_clock(clockid_t id)
{
    struct timespec now = {0};

    g_assert(clock_gettime(id, &now) == 0);
    return (gint64)now.tv_sec * USEC_PER_SEC + now.tv_nsec / 1000;
}

static gint64 wall(G_GNUC_UNUSED gpointer data)
{
    return read_clock(CLOCK_REALTIME);
}

static gint64 boot(G_GNUC_UNUSED gpointer data)
{
    return read_clock(CLOCK_BOOTTIME);
}

const Clock *clock_system(void)
{
    static const Clock clock = {wall, boot, NULL};

    return &clock;
}
