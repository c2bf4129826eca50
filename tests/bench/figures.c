/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "figures.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KIB_PER_MIB 1024.0

void figures_add(Figures *figures, double value)
{
    g_assert(figures->length < ROUNDS_MAX);
    figures->values[figures->length++] = value;
}

static int compare(const void *a, const void *b)
{
    double one = *(const double *)a;
    double two = *(const double *)b;

    return (one > two) - (one < two);
}

static Figures in_order(const Figures *figures)
{
    Figures ordered = *figures;

    g_assert(ordered.length > 0);
    qsort(ordered.values, ordered.length, sizeof(double), compare);
    return ordered;
}

double figures_median(const Figures *figures)
{
    Figures ordered = in_order(figures);
    guint middle = ordered.length / 2;

    return ordered.length % 2 ? ordered.values[middle]
                              : (ordered.values[middle - 1] + ordered.values[middle]) / 2;
}

void figures_print(const char *name, const Figures *figures, const char *unit)
{
    Figures ordered = in_order(figures);

    printf(
        "%-34s %10.1f %-6s (%.1f to %.1f)\n", name, figures_median(figures), unit,
        ordered.values[0], ordered.values[ordered.length - 1]);
    (void)fflush(stdout);
}

void figures_compare(
    const char *name,
    const Figures *ours,
    const char *other,
    const Figures *theirs,
    const char *unit)
{
    Figures ratios = {.length = ours->length};

    g_assert(ours->length == theirs->length);
    for (guint i = 0; i < ratios.length; i++) {
        ratios.values[i] = ours->values[i] / theirs->values[i];
    }
    Figures ordered = in_order(&ratios);
    printf(
        "%-34s %10.1f %-6s %s %.1f   ratio %.2f (%.2f to %.2f)\n", name, figures_median(ours), unit,
        other, figures_median(theirs), figures_median(&ratios), ordered.values[0],
        ordered.values[ordered.length - 1]);
    (void)fflush(stdout);
}

double sorted_part(GArray *values, double part)
{
    g_assert(values->len > 0);
    g_array_sort(values, compare);
    return g_array_index(values, double, (guint)((values->len - 1) * part));
}

double seconds_now(void)
{
    return (double)g_get_monotonic_time() / G_USEC_PER_SEC;
}

static double status_mib(const char *text, const char *name)
{
    const char *line = strstr(text, name);

    g_assert(line != NULL);
    return g_ascii_strtod(line + strlen(name), NULL) / KIB_PER_MIB;
}

Memory memory_read(void)
{
    g_autofree char *text = NULL;

    g_assert(g_file_get_contents("/proc/self/status", &text, NULL, NULL));
    return (Memory){
        status_mib(text, "VmRSS:"), status_mib(text, "RssAnon:"), status_mib(text, "VmHWM:")};
}
