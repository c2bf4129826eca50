/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* figures.h - what several rounds measured: median, range, and one row of the table */

#include <glib.h>

#define ROUNDS_MAX 16U

typedef struct Figures {
    double values[ROUNDS_MAX];
    guint length;
} Figures;

typedef struct Memory {
    double resident_mib;
    double own_mib;  /* without pages that a file backs or others share */
    double peak_mib; /* of the resident ones */
} Memory;

void figures_add(Figures *figures, double value);
double figures_median(const Figures *figures);

/* "name  median unit  (least to most)" */
void figures_print(const char *name, const Figures *figures, const char *unit);
/* Ours beside theirs and the ratio; of each round its own ratio. */
void figures_compare(
    const char *name,
    const Figures *ours,
    const char *other,
    const Figures *theirs,
    const char *unit);

/* The value below which @part of all are; sorts them. */
double sorted_part(GArray *values, double part);

double seconds_now(void);
Memory memory_read(void);
