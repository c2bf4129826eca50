/* SPDX-License-Identifier: GPL-3.0-or-later */

/* doctor-print.c - pam doctor for people: each stack in its order, then what is wrong, then outages
 */

#include "antaractl/pam/doctor.h"

#include "base/text.h"

#include <stdio.h>
#include <string.h>

#define CELL_CHARS_MAX 400U

static void put(const char *before, const json_t *row, const char *name, const char *behind)
{
    g_autofree char *text =
        text_for_people(json_string_value(json_object_get(row, name)), CELL_CHARS_MAX);

    printf("%s%s%s", before, text, behind);
}

static void print_findings(const json_t *findings, const char *indent)
{
    size_t i = 0;
    json_t *row = NULL;

    json_array_foreach(findings, i, row)
    {
        put(indent, row, "level", " ");
        put("", row, "code", "");
        put(" ", row, "where", "\n");
        put(indent, row, "words", "\n");
    }
}

static void print_phase(const char *name, const json_t *rows)
{
    size_t i = 0;
    json_t *row = NULL;

    printf("  %s\n", name);
    json_array_foreach(rows, i, row)
    {
        const char *is = json_string_value(json_object_get(row, "is"));
        put("    ", row, "module", "");
        if (is && *is) {
            put(" (", row, "is", ")");
        }
        put(": ", row, "does", "");
        put("  [", row, "where", "]\n");
    }
}

static void print_cell(const json_t *row, const char *name)
{
    const char *text = json_string_value(json_object_get(row, name));

    if (text) {
        printf("  %-11s", text);
    }
}

static void print_outage(const json_t *rows)
{
    size_t i = 0;
    json_t *row = NULL;
    const json_t *first = json_array_get(rows, 0);

    if (!json_object_get(first, "approval")) {
        return;
    }
    printf(
        "  Who comes in (a linked user) while this is away\n    %-9s  approval*    password%s\n",
        "", json_object_get(first, "key") ? "     ssh key" : "");
    json_array_foreach(rows, i, row)
    {
        printf("    %-9s", json_string_value(json_object_get(row, "away")));
        print_cell(row, "approval");
        print_cell(row, "password");
        print_cell(row, "key");
        putchar('\n');
    }
    puts("    * or a one-time code; +password: both are needed; signed in: from a browser that is\n"
         "      signed in already");
}

static void print_service(const json_t *told)
{
    const char *phase = NULL;
    json_t *rows = NULL;

    put("", told, "service",
        json_is_true(json_object_get(told, "asks_antara")) ? ": asks Antara\n"
                                                           : ": doesn't ask Antara\n");
    json_object_foreach(json_object_get(told, "phases"), phase, rows)
    {
        print_phase(phase, rows);
    }
    print_findings(json_object_get(told, "findings"), "  ! ");
    print_outage(json_object_get(told, "outage"));
    putchar('\n');
}

void pam_doctor_print(const json_t *told)
{
    size_t i = 0;
    json_t *service = NULL;

    json_array_foreach(json_object_get(told, "services"), i, service)
    {
        print_service(service);
    }
    print_findings(json_object_get(told, "findings"), "! ");
}
