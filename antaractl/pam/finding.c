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
    g_autofree char *where =
        line ? g_strdup_printf("%s:%u", file, line) : g_strdup(file ? file : "");
    json_t *row = json_pack(
        "{ss ss ss ss}", "level", levels[level], "code", code, "where", where, "words", words);

    g_assert(row); /* names of files are UTF-8 as pam_name_is_good() knows them */
    json_array_append_new(findings, row);
}
