/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "antaractl/pam/finding.h"

static const char *const levels[] = {"trap", "warning", "advice"};

void finding_add(
    json_t *findings,
    FindingLevel level,
    const char *code,
    const char *file,
    guint line,
    const char *words)
{
    g_autofree char *place =
        line ? g_strdup_printf("%s:%u", file, line) : g_strdup(file ? file : "");
    g_autofree char *where = g_utf8_make_valid(place, -1); /* a folder may have any name */
    g_autofree char *plain = g_utf8_make_valid(words, -1);
    json_t *row = json_pack(
        "{ss ss ss ss}", "level", levels[level], "code", code, "where", where, "words", plain);

    g_assert(row);
    json_array_append_new(findings, row);
}
