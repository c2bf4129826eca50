/* SPDX-License-Identifier: GPL-3.0-or-later */

/* store.c - bench-store: the store's part of scripts/bench */

#include "parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

typedef struct Part {
    const char *name;
    void (*run)(const BenchOptions *options);
} Part;

static const Part parts[] = {
    {"commits", bench_commits},
    {"recovery", bench_recovery},
    {"checkpoint", bench_latency},
    {"records", bench_records},
};

static void run_part(const Part *part, const BenchOptions *options)
{
    int status = 0;
    pid_t child = fork();

    g_assert(child >= 0);
    if (child == 0) {
        part->run(options);
        exit(EXIT_SUCCESS);
    }
    if (waitpid(child, &status, 0) != child || status != 0) {
        g_printerr("bench-store: the part %s failed\n", part->name);
        exit(EXIT_FAILURE);
    }
}

int main(int argc, char **argv)
{
    g_autofree char *only = NULL;
    g_autoptr(GError) error = NULL;
    BenchOptions options = {0};
    const GOptionEntry entries[] = {
        {"large", 0, 0, G_OPTION_ARG_NONE, &options.large, "Also 10 M records: 20 GB of disk",
         NULL},
        {"dir", 0, 0, G_OPTION_ARG_FILENAME, &options.dir, "On the disk to measure", "DIR"},
        {"only", 0, 0, G_OPTION_ARG_STRING, &only, "One part", "PART"},
        {"userinfo-usec", 0, 0, G_OPTION_ARG_DOUBLE, &options.userinfo_usec, "Of a request", "N"},
        {"refresh-usec", 0, 0, G_OPTION_ARG_DOUBLE, &options.refresh_usec, "Of a request", "N"},
        G_OPTION_ENTRY_NULL,
    };
    g_autoptr(GOptionContext) context = g_option_context_new(NULL);

    g_option_context_add_main_entries(context, entries, NULL);
    if (!g_option_context_parse(context, &argc, &argv, &error) || !options.dir) {
        g_printerr("bench-store: %s\n", error ? error->message : "--dir is needed");
        return EXIT_FAILURE;
    }
    for (guint i = 0; i < G_N_ELEMENTS(parts); i++) {
        if (!only || g_str_equal(only, parts[i].name)) {
            run_part(&parts[i], &options);
        }
    }
    g_free(options.dir);
    return EXIT_SUCCESS;
}
