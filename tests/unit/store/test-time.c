/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "store/store-time.h"

#define BORN (G_GINT64_CONSTANT(1800000000) * USEC_PER_SEC)

typedef struct Clocks {
    gint64 wall;
    gint64 boot;
    Clock clock;
    StoreTime time;
} Clocks;

static gint64 wall(gpointer data)
{
    return ((const Clocks *)data)->wall;
}

static gint64 boot(gpointer data)
{
    return ((const Clocks *)data)->boot;
}

static void set_up(Clocks *clocks, gint64 last)
{
    *clocks = (Clocks){.wall = BORN, .boot = 1000};
    clocks->clock = (Clock){wall, boot, clocks};
    store_time_init(&clocks->time, &clocks->clock, last);
}

/* Both clocks go on by @passed; the wall clock jumps by @jump besides. */
static gint64 after(Clocks *clocks, gint64 passed, gint64 jump)
{
    clocks->boot += passed;
    clocks->wall += passed + jump;
    return store_time_now(&clocks->time);
}

static void time_goes_with_the_wall_clock(void)
{
    Clocks clocks;

    set_up(&clocks, 0);
    g_assert_cmpint(after(&clocks, 5, 0), ==, BORN + 5);
    g_assert_cmpint(after(&clocks, 0, USEC_PER_DAY), ==, BORN + 5 + USEC_PER_DAY);
}

static void a_wall_clock_that_is_set_back_takes_nothing_back_and_freezes_nothing(void)
{
    Clocks clocks;

    set_up(&clocks, 0);
    gint64 before = after(&clocks, 5, 0);
    g_assert_cmpint(after(&clocks, 0, -USEC_PER_HOUR), ==, before);
    g_assert_cmpint(after(&clocks, 60, 0), ==, before + 60);
}

static void a_leap_is_not_believed_and_passes(void)
{
    Clocks clocks;

    set_up(&clocks, 0);
    g_assert_cmpint(after(&clocks, 60, 3650 * USEC_PER_DAY), ==, BORN + 60);
    g_assert_true(clocks.time.leaping);
    g_assert_cmpint(after(&clocks, 60, 0), ==, BORN + 120);
    g_assert_cmpint(after(&clocks, 60, -3650 * USEC_PER_DAY), ==, BORN + 180);
    g_assert_false(clocks.time.leaping);
}

static void ninety_days_are_no_leap(void)
{
    Clocks clocks;

    set_up(&clocks, 0);
    g_assert_cmpint(after(&clocks, 0, TIME_LEAP_USEC), ==, BORN + TIME_LEAP_USEC);
    g_assert_cmpint(after(&clocks, 0, TIME_LEAP_USEC + 1), ==, BORN + TIME_LEAP_USEC);
}

static void at_a_start_the_journals_last_time_is_what_counts(void)
{
    Clocks clocks;

    set_up(&clocks, BORN + USEC_PER_HOUR); /* the wall clock is an hour behind it */
    g_assert_cmpint(after(&clocks, 7, 0), ==, BORN + USEC_PER_HOUR + 7);
    set_up(&clocks, BORN - TIME_LEAP_USEC - USEC_PER_HOUR);
    g_assert_cmpint(after(&clocks, 7, 0), ==, BORN - TIME_LEAP_USEC - USEC_PER_HOUR + 7);
    g_assert_true(clocks.time.leaping);
}

static void after_a_smaller_leap_it_is_not_calm_for_an_hour(void)
{
    Clocks clocks;

    set_up(&clocks, 0);
    (void)after(&clocks, USEC_PER_HOUR, TIME_STEP_USEC);
    g_assert_true(store_time_is_calm(&clocks.time));
    (void)after(&clocks, 0, 2 * USEC_PER_DAY);
    g_assert_false(store_time_is_calm(&clocks.time));
    (void)after(&clocks, TIME_CALM_USEC - 1, 0);
    g_assert_false(store_time_is_calm(&clocks.time));
    (void)after(&clocks, 1, 0);
    g_assert_true(store_time_is_calm(&clocks.time));
}

static void a_leap_for_good_is_believed_once_an_administrator_says_so(void)
{
    Clocks clocks;

    set_up(&clocks, 0);
    (void)after(&clocks, 60, 3650 * USEC_PER_DAY);
    store_time_believe(&clocks.time);
    g_assert_cmpint(after(&clocks, 7, 0), ==, clocks.wall);
    g_assert_false(clocks.time.leaping);
    g_assert_false(store_time_is_calm(&clocks.time));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define PROMISE(name) g_test_add_func("/store/time/" #name, name)
    PROMISE(time_goes_with_the_wall_clock);
    PROMISE(a_wall_clock_that_is_set_back_takes_nothing_back_and_freezes_nothing);
    PROMISE(a_leap_is_not_believed_and_passes);
    PROMISE(ninety_days_are_no_leap);
    PROMISE(at_a_start_the_journals_last_time_is_what_counts);
    PROMISE(after_a_smaller_leap_it_is_not_calm_for_an_hour);
    PROMISE(a_leap_for_good_is_believed_once_an_administrator_says_so);
    return g_test_run();
}
