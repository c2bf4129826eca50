/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "figures.h"
#include "parts.h"
#include "place.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

/* Fewer bytes than make a checkpoint due: all of them are replayed. */
#define REPLAY_RECORDS 90000U

/* In a process of its own, which is killed when all is durable. */
static void fill_and_die(Place *place)
{
    int status = 0;
    pid_t child = fork();

    g_assert(child >= 0);
    if (child == 0) {
        place_open(place);
        for (guint64 number = 0; number < REPLAY_RECORDS; number++) {
            (void)place_put(place, number);
        }
        place_settle(place);
        (void)kill(getpid(), SIGKILL);
    }
    g_assert(waitpid(child, &status, 0) == child && WIFSIGNALED(status));
}

static double start_after_kill(const BenchOptions *options)
{
    Place place;
    StoreStatus status;

    place_init(&place, options->dir, NULL);
    place_close(&place);
    fill_and_die(&place);
    double begun = seconds_now();
    place_open(&place);
    double took = seconds_now() - begun;
    store_status(place.store, &status);
    g_assert(status.snapshot_usec == 0 && place_get(&place, REPLAY_RECORDS - 1));
    place_clear(&place);
    return took;
}

void bench_recovery(const BenchOptions *options)
{
    Figures speed = {0}, seconds = {0};

    for (guint i = 0; i < ROUNDS; i++) {
        double took = start_after_kill(options);
        figures_add(&seconds, took * 1e3);
        figures_add(&speed, REPLAY_RECORDS / took);
    }
    figures_print("start after a kill, records", &speed, "/s");
    figures_print("  the whole start", &seconds, "ms");
}
