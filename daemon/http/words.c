/* SPDX-License-Identifier: GPL-3.0-or-later */

/* words.c - two small tables; a foreign text never comes out of the one for browsers */

#include "http/words.h"

#include "base/catalog.h"
#include "core/app.h"

#include <string.h>

typedef struct Word {
    const char *found;
    const char *words;
} Word;

static const Word scope_words[] = {
    {"openid", N_("know you by a name of its own, the same at each sign-in")},
    {"profile.basic", N_("see the alias that you set for it, if you set one")},
    {"offline_access", N_("keep you signed in after you leave")},
};

/* In this order: most browsers name others too. */
static const Word browsers[] = {
    {"Edg/", "Edge"},          {"OPR/", "Opera"},     {"Firefox/", "Firefox"},
    {"Chromium/", "Chromium"}, {"Chrome/", "Chrome"}, {"Safari/", "Safari"},
    {"curl/", "curl"},
};

static const Word systems[] = {
    {"Android", "Android"}, {"iPhone", "iPhone"},   {"iPad", "iPad"},
    {"Mac OS X", "macOS"},  {"Windows", "Windows"}, {"Linux", "Linux"},
};

static const char *find(const Word *table, gsize rows, const char *text)
{
    for (gsize i = 0; i < rows; i++) {
        if (strstr(text, table[i].found) != NULL) {
            return table[i].words;
        }
    }
    return NULL;
}

const char *words_of_scope(const char *language, const char *scope)
{
    for (gsize i = 0; i < G_N_ELEMENTS(scope_words); i++) {
        if (strcmp(scope_words[i].found, scope) == 0) {
            return catalog_text(language, scope_words[i].words);
        }
    }
    return scope;
}

char *words_of_scopes(const char *language, char **scopes)
{
    GString *line = g_string_new(NULL);

    for (gsize i = 0; scopes != NULL && scopes[i] != NULL; i++) {
        if (strcmp(scopes[i], "openid") == 0) {
            continue;
        }
        g_string_append(line, line->len > 0 ? "; " : "");
        g_string_append(line, words_of_scope(language, scopes[i]));
    }
    return g_string_free(line, FALSE);
}

const char *words_of_level(guint32 level)
{
    switch ((AppLevel)level) {
    case APP_VERIFIED:
        return N_("Verified app");
    case APP_PRIVATE:
        return N_("Private app");
    case APP_UNVERIFIED:
        break;
    }
    return N_("Unverified app");
}

char *words_of_agent(const char *language, const char *agent)
{
    const char *text = agent != NULL ? agent : "";
    const char *browser = find(browsers, G_N_ELEMENTS(browsers), text);
    const char *system = find(systems, G_N_ELEMENTS(systems), text);

    if (browser == NULL) {
        return g_strdup(catalog_text(language, N_("An unknown browser")));
    }
    return system == NULL
               ? g_strdup(browser)
               : g_strdup_printf("%s %s %s", browser, catalog_text(language, N_("on")), system);
}
