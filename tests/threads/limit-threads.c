/* SPDX-License-Identifier: GPL-3.0-or-later */

/* limit-threads.c - soft limits and counters, asked by several workers at once: nothing is lost,
 * and nothing is let through twice */

#include "http/metrics.h"
#include "http/soft-limit.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define THREADS 4U
#define TRIES   5000U
#define COUNT   1000U
#define NOW     (G_GINT64_CONSTANT(1000) * G_USEC_PER_SEC)

typedef struct Worker {
    pthread_t thread;
    SoftLimit *limit;
    guint number;
    guint passed;
} Worker;

static void *work(void *data)
{
    Worker *worker = data;
    char own[32];

    (void)g_snprintf(own, sizeof(own), "192.0.2.%u", worker->number + 1);
    for (guint i = 0; i < TRIES; i++) {
        worker->passed += soft_limit_take(worker->limit, "198.51.100.1", SOFT_API, NOW) == 0;
        (void)soft_limit_take(worker->limit, own, SOFT_PAGES, NOW);
        metrics_count(METRICS_SOFT_REFUSED);
        metrics_answered(NULL, 404);
    }
    return NULL;
}

static guint64 counted(const char *text, const char *series)
{
    const char *line = strstr(text, series);

    g_assert(line);
    return g_ascii_strtoull(line + strlen(series), NULL, 10);
}

int main(void)
{
    g_autoptr(SoftLimit) limit = soft_limit_new();
    const MetricsGauges gauges = {0};
    Worker workers[THREADS] = {0};
    guint passed = 0;

    soft_limit_set(limit, COUNT, 3600);
    for (guint i = 0; i < THREADS; i++) {
        workers[i].limit = limit;
        workers[i].number = i;
        g_assert(pthread_create(&workers[i].thread, NULL, work, &workers[i]) == 0);
    }
    for (guint i = 0; i < THREADS; i++) {
        g_assert(pthread_join(workers[i].thread, NULL) == 0);
        passed += workers[i].passed;
    }
    g_autofree char *text = metrics_text(&gauges);
    g_assert(passed == COUNT);
    g_assert(counted(text, "\nantara_limit_refusals_total{layer=\"soft\"} ") == THREADS * TRIES);
    g_assert(
        counted(
            text, "\nantara_http_requests_total{route=\"none\",method=\"any\",status=\"4xx\"} ") ==
        THREADS * TRIES);
    return EXIT_SUCCESS;
}
