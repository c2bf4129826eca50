/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* parts.h - what bench-store measures; each part prints its rows. Each runs in a process of its
 * own, so that memory is its own */

#include <glib.h>

typedef struct BenchOptions {
    char *dir; /* where stores are made */
    gboolean large;
    double userinfo_usec; /* one core's time for a whole request; 0: not told */
    double refresh_usec;
} BenchOptions;

#define ROUNDS 5U

/* Durable commits with some writers, against the same writes without a store. */
void bench_commits(const BenchOptions *options);
/* Reading and writing among few and many records; memory; bytes on the disk. */
void bench_records(const BenchOptions *options);
/* A start after a kill. */
void bench_recovery(const BenchOptions *options);
/* From commit to durable, in quiet and during a checkpoint. */
void bench_latency(const BenchOptions *options);
