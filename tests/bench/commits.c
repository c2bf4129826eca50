/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "figures.h"
#include "groups.h"
#include "parts.h"
#include "place.h"
#include "waiters.h"

#include <time.h>

#define ROUND_SECONDS  2.0
#define TURN_COMMITS   64U
#define SLOW_SYNC_USEC 2000U

typedef struct Writers {
    Place place;
    Waiters waiters;
    double end;
    guint64 number; /* atomic: the next record */
} Writers;

typedef struct Crowd {
    const char *name;
    guint threads;
    void *(*write)(void *data);
    guint sync_usec; /* that each sync takes longer than this disk does */
} Crowd;

typedef struct Round {
    double store; /* commits a second */
    double bare, bare_ahead;
    double group;    /* commits in one sync */
    double cpu_usec; /* of all threads, for one commit */
} Round;

static void *write_records(void *data)
{
    Writers *writers = data;

    while (seconds_now() < writers->end) {
        guint64 number = __atomic_fetch_add(&writers->number, 1, __ATOMIC_RELAXED);
        waiters_wait(&writers->waiters, place_put(&writers->place, number));
    }
    return NULL;
}

/* As the daemon does it: one thread, which commits for all who asked, then sleeps. */
static void *write_turns(void *data)
{
    Writers *writers = data;

    while (seconds_now() < writers->end) {
        guint64 point = 0;
        for (guint i = 0; i < TURN_COMMITS; i++) {
            point = place_put_gathered(&writers->place, writers->number++);
        }
        store_push(writers->place.store);
        waiters_wait(&writers->waiters, point);
    }
    return NULL;
}

static double cpu_seconds(void)
{
    struct timespec time;

    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void run_writers(Writers *writers, const Crowd *crowd, Round *round)
{
    guint n = crowd->threads;
    g_autofree pthread_t *threads = g_new(pthread_t, n);
    double begun = seconds_now();
    double cpu = cpu_seconds();
    guint64 first = writers->number;

    writers->end = begun + ROUND_SECONDS;
    for (guint i = 0; i < n; i++) {
        g_assert(pthread_create(&threads[i], NULL, crowd->write, writers) == 0);
    }
    for (guint i = 0; i < n; i++) {
        g_assert(pthread_join(threads[i], NULL) == 0);
    }
    double commits = (double)(writers->number - first);
    round->store = commits / (seconds_now() - begun);
    round->cpu_usec = (cpu_seconds() - cpu) / commits * G_USEC_PER_SEC;
}

/* A new store each time: its journal stays too short for a checkpoint of its own. */
static Round one_round(const BenchOptions *options, const Crowd *crowd)
{
    Writers writers = {.number = 1};
    Round round = {0};

    groups_begin(crowd->sync_usec);
    place_init(&writers.place, options->dir, groups_files());
    waiters_init(&writers.waiters, writers.place.store);
    run_writers(&writers, crowd, &round);
    waiters_clear(&writers.waiters);
    place_clear(&writers.place);
    g_autoptr(GArray) groups = groups_end();
    double commits = (double)(writers.number - 1);
    round.group = commits / groups->len;
    round.bare = commits / groups_write_bare(options->dir, groups, BARE_MADE_BEFORE);
    round.bare_ahead = commits / groups_write_bare(options->dir, groups, BARE_MADE_AHEAD);
    return round;
}

static void print_writers(const BenchOptions *options, const Crowd *crowd)
{
    Figures store = {0}, bare = {0}, bare_ahead = {0}, group = {0}, cpu = {0};

    for (guint i = 0; i < ROUNDS; i++) {
        Round round = one_round(options, crowd);
        figures_add(&store, round.store);
        figures_add(&bare, round.bare);
        figures_add(&bare_ahead, round.bare_ahead);
        figures_add(&group, round.group);
        figures_add(&cpu, round.cpu_usec);
    }
    figures_compare(crowd->name, &store, "bare append + fdatasync", &bare, "/s");
    figures_compare("  files made meanwhile", &store, "bare", &bare_ahead, "/s");
    figures_print("  commits in one sync", &group, "");
    figures_print("  processor for one commit", &cpu, "us");
}

void bench_commits(const BenchOptions *options)
{
    static const Crowd crowds[] = {
        {"durable commits, 1 writer", 1, write_records, 0},
        {"durable commits, 8 writers", 8, write_records, 0},
        {"durable commits, 64 writers", 64, write_records, 0},
        {"durable commits, turns of 64", 1, write_turns, 0},
        {"a sync of 2 ms more, 1 writer", 1, write_records, SLOW_SYNC_USEC},
        {"a sync of 2 ms more, 8 writers", 8, write_records, SLOW_SYNC_USEC},
        {"a sync of 2 ms more, 64 writers", 64, write_records, SLOW_SYNC_USEC},
        {"a sync of 2 ms more, turns of 64", 1, write_turns, SLOW_SYNC_USEC},
    };

    for (guint i = 0; i < G_N_ELEMENTS(crowds); i++) {
        print_writers(options, &crowds[i]);
    }
}
