/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "figures.h"
#include "parts.h"
#include "place.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define TOUCHED_MAX 20000U

/* What one request asks of the store, as breakpoints on txn_get() and txn_put() counted it. */
#define USERINFO_GETS 4
#define REFRESH_GETS  5
#define REFRESH_PUTS  1

/* What a store of one size told; shared with the process that asks it. */
typedef struct Among {
    guint64 records;
    Figures get, put; /* microseconds of one transaction with one record */
    Figures found;    /* gets before the table was read into the page cache */
    Memory memory, fill_memory;
    double fill_seconds, checkpoint_seconds;
    guint64 table_bytes, snapshot_bytes, journal_bytes;
} Among;

static double usec_each(double begun, guint n)
{
    return (seconds_now() - begun) / n * G_USEC_PER_SEC;
}

/* Which records a round touches: @n of them, @step apart. */
typedef struct Touched {
    guint64 first, step;
    guint n;
} Touched;

static Touched touched_new(const Among *among, GRand *random)
{
    guint n = (guint)MIN(among->records, TOUCHED_MAX);
    guint64 step = among->records / n;

    return (Touched){(guint64)(g_rand_double(random) * (double)step), step, n};
}

/* Just opened: no value is in the cache of opened values yet, so that few records are not read
 * from there, and many from the table. */
static double measure_gets(Place *place, const Touched *touched)
{
    place_close(place);
    place_open(place);
    double begun = seconds_now();
    for (guint i = 0; i < touched->n; i++) {
        g_assert(place_get(place, touched->first + touched->step * i));
    }
    return usec_each(begun, touched->n);
}

static double measure_puts(Place *place, const Touched *touched)
{
    double begun = seconds_now();

    for (guint i = 0; i < touched->n; i++) {
        (void)place_put(place, touched->first + touched->step * i);
    }
    double each = usec_each(begun, touched->n);
    place_settle(place);
    return each;
}

static void measure_rounds(Place *place, Among *among)
{
    g_autoptr(GRand) random = g_rand_new_with_seed(1);
    Touched touched = touched_new(among, random);

    figures_add(&among->found, measure_gets(place, &touched));
    place_read_table(place);
    for (guint i = 0; i < ROUNDS; i++) {
        touched = touched_new(among, random);
        figures_add(&among->get, measure_gets(place, &touched));
        figures_add(&among->put, measure_puts(place, &touched));
    }
}

static void look_at_disk(Place *place, Among *among)
{
    among->table_bytes = place_disk_bytes(place, "table");
    among->snapshot_bytes = place_disk_bytes(place, "snapshot");
    among->journal_bytes = place_disk_bytes(place, "journal");
}

/* Filling holds more in memory than serving does, so another process measures. */
static void fill(Place *place, Among *among)
{
    double begun = seconds_now();

    place_open(place);
    place_fill(place, 0, among->records);
    among->fill_seconds = seconds_now() - begun;
    place_calm(place);
    begun = seconds_now();
    place_checkpoint(place);
    among->checkpoint_seconds = seconds_now() - begun;
    among->fill_memory = memory_read();
    place_close(place);
}

static void measure(Place *place, Among *among)
{
    place_open(place);
    measure_rounds(place, among);
    among->memory = memory_read();
    look_at_disk(place, among);
    place_close(place);
}

static void in_child(void (*run)(Place *place, Among *among), Place *place, Among *among)
{
    int status = 0;
    pid_t child = fork();

    g_assert(child >= 0);
    if (child == 0) {
        run(place, among);
        _exit(EXIT_SUCCESS);
    }
    g_assert(waitpid(child, &status, 0) == child && status == 0);
}

static void measure_among(const BenchOptions *options, Among *among)
{
    Place place;

    place_init(&place, options->dir, NULL);
    place_close(&place);
    in_child(fill, &place, among);
    in_child(measure, &place, among);
    place_clear(&place);
}

static void print_among(const Among *among)
{
    double records = (double)among->records;
    g_autofree char *get = g_strdup_printf("get among %.0f", records);
    g_autofree char *put = g_strdup_printf("put and commit among %.0f", records);

    figures_print(get, &among->get, "us");
    figures_print("  with the page cache as found", &among->found, "us");
    figures_print(put, &among->put, "us");
    printf(
        "  memory %.1f MiB, of it its own %.1f MiB (peak %.1f MiB)\n", among->memory.resident_mib,
        among->memory.own_mib, among->memory.peak_mib);
    printf(
        "  filled in %.1f s and a checkpoint of %.1f s, peak %.1f MiB\n", among->fill_seconds,
        among->checkpoint_seconds, among->fill_memory.peak_mib);
    printf(
        "  disk, bytes for each record: table %.0f, snapshot %.0f; journal %.0f MiB\n",
        (double)among->table_bytes / records, (double)among->snapshot_bytes / records,
        (double)among->journal_bytes / 1048576);
    (void)fflush(stdout);
}

static void print_part(const char *name, double more_usec, double request_usec)
{
    printf("  %s: %+.1f us against the fewest records", name, more_usec);
    if (request_usec > 0) {
        printf(", %+.0f %% of a request of %.0f us", more_usec / request_usec * 100, request_usec);
    }
    printf("\n");
    (void)fflush(stdout);
}

/* What so many records add to a whole request that finds nothing in the cache of opened values. */
static void print_growth(const BenchOptions *options, const Among *many, const Among *few)
{
    double get = figures_median(&many->get) - figures_median(&few->get);
    double put = figures_median(&many->put) - figures_median(&few->put);

    print_part("one get", get, options->userinfo_usec);
    print_part("all of a userinfo", USERINFO_GETS * get, options->userinfo_usec);
    print_part("one put", put, options->refresh_usec);
    print_part("all of a refresh", REFRESH_GETS * get + REFRESH_PUTS * put, options->refresh_usec);
}

void bench_records(const BenchOptions *options)
{
    static const guint64 sizes[] = {1000, 100000, 1000000, 10000000};
    guint n_sizes = options->large ? G_N_ELEMENTS(sizes) : G_N_ELEMENTS(sizes) - 1;
    Among *among = mmap(
        NULL, sizeof(Among) * G_N_ELEMENTS(sizes), PROT_READ | PROT_WRITE,
        MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    g_assert(among != MAP_FAILED);
    for (guint i = 0; i < n_sizes; i++) {
        among[i] = (Among){.records = sizes[i]};
        measure_among(options, &among[i]);
        print_among(&among[i]);
        if (i > 0) {
            print_growth(options, &among[i], &among[0]);
        }
    }
}
