/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "base/catalog.h"

#include "po-table.h"

#include <glib.h>
#include <string.h>

static int compare_texts(const void *english, const void *row)
{
    return strcmp(english, ((const PoText *)row)->english);
}

static const PoLanguage *language_find(const char *name, gsize chars)
{
    for (const PoLanguage *language = po_languages; language->name; language++) {
        if (strlen(language->name) == chars &&
            g_ascii_strncasecmp(language->name, name, chars) == 0) {
            return language;
        }
    }
    return NULL;
}

const char *catalog_text(const char *language, const char *english)
{
    const PoLanguage *found = language ? language_find(language, strlen(language)) : NULL;
    const PoText *text =
        found ? bsearch(english, found->texts, found->n_texts, sizeof(PoText), compare_texts)
              : NULL;

    return text ? text->translated : english;
}

/* The weight of "de;q=0.8": 1 when none is given; what can't be read weighs nothing. */
static double range_weight(const char *range)
{
    const char *q = strstr(range, ";q=");
    double weight = q ? g_ascii_strtod(q + 3, NULL) : 1.0;

    return weight >= 0.0 && weight <= 1.0 ? weight : 0.0;
}

const char *catalog_choose(const char *accept_language)
{
    g_auto(GStrv) ranges = g_strsplit(accept_language ? accept_language : "", ",", 32);
    const char *best = "en";
    double best_weight = 0.0;

    for (char **range = ranges; *range; range++) {
        const char *name = g_strstrip(*range);
        const PoLanguage *language = language_find(name, strcspn(name, "-; "));
        double weight = range_weight(name);
        if (language && weight > best_weight) {
            best = language->name;
            best_weight = weight;
        }
    }
    return best;
}
