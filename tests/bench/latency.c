/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "figures.h"
#include "parts.h"
#include "place.h"
#include "waiters.h"

#include <stdio.h>

#define CHECKPOINT_RECORDS 1000000U
#define QUIET_SECONDS      10.0
#define LATENCY_ROUNDS     3U

typedef struct Latency {
    Figures median, most_of, most; /* microseconds; most_of: p99.9 */
    guint commits;
    double seconds;
} Latency;

/* TRUE while the work that was asked for is under way. */
static gboolean is_at_work(Place *place)
{
    StoreWork work;

    store_work_look(place->store, &work);
    return work.state == STORE_WORK_WAITING || work.state == STORE_WORK_RUNNING;
}

/* One steady writer, until @end or, where it is 0, until the work is done. */
static void measure(Place *place, double end, Latency *latency)
{
    g_autoptr(GArray) times = g_array_new(FALSE, FALSE, sizeof(double));
    g_autoptr(GRand) random = g_rand_new_with_seed(1);
    Waiters waiters;
    double begun = seconds_now();

    waiters_init(&waiters, place->store);
    while (end > 0 ? seconds_now() < end : is_at_work(place)) {
        double before = seconds_now();
        waiters_wait(&waiters, place_put(place, g_rand_int(random) % CHECKPOINT_RECORDS));
        double took = (seconds_now() - before) * G_USEC_PER_SEC;
        g_array_append_val(times, took);
    }
    waiters_clear(&waiters);
    latency->seconds += seconds_now() - begun;
    latency->commits += times->len;
    figures_add(&latency->median, sorted_part(times, 0.5));
    figures_add(&latency->most_of, sorted_part(times, 0.999));
    figures_add(&latency->most, sorted_part(times, 1));
}

void bench_latency(const BenchOptions *options)
{
    Place place;
    Latency quiet = {0}, busy = {0};

    place_init(&place, options->dir, NULL);
    place_fill(&place, 0, CHECKPOINT_RECORDS);
    place_calm(&place);
    place_checkpoint(&place);
    for (guint i = 0; i < LATENCY_ROUNDS; i++) {
        measure(&place, seconds_now() + QUIET_SECONDS, &quiet);
        place_ask_checkpoint(&place);
        measure(&place, 0, &busy);
        place_end_checkpoint(&place);
    }
    printf(
        "checkpoints of %u records: %.1f s each; %u commits in quiet, %u during them\n",
        CHECKPOINT_RECORDS, busy.seconds / LATENCY_ROUNDS, quiet.commits, busy.commits);
    figures_compare("commit to durable, median", &busy.median, "in quiet", &quiet.median, "us");
    figures_compare("commit to durable, p99.9", &busy.most_of, "in quiet", &quiet.most_of, "us");
    figures_compare("commit to durable, longest", &busy.most, "in quiet", &quiet.most, "us");
    place_clear(&place);
}
