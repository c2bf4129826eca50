/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "antaractl/words.h"

#include "antaractl/bus.h"

#include <string.h>

const char *words_place(const Words *words, guint number)
{
    return number < words->places->len ? words->places->pdata[number] : NULL;
}

gboolean words_have(const Words *words, const char *name)
{
    return g_hash_table_contains(words->options, name);
}

const char *words_option(const Words *words, const char *name)
{
    const GPtrArray *values = g_hash_table_lookup(words->options, name);

    return values && values->len ? values->pdata[values->len - 1] : NULL;
}

char **words_options(const Words *words, const char *name)
{
    const GPtrArray *values = g_hash_table_lookup(words->options, name);
    const guint n_values = values ? values->len : 0;
    char **list = g_new0(char *, n_values + 1);

    for (guint i = 0; i < n_values; i++) {
        list[i] = g_strdup(values->pdata[i]);
    }
    return list;
}

void words_init(Words *words)
{
    *words = (Words){
        .places = g_ptr_array_new(),
        .options = g_hash_table_new_full(
            g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_ptr_array_unref),
        .tenant = "",
    };
}

void words_clear(Words *words)
{
    g_ptr_array_unref(words->places);
    g_hash_table_unref(words->options);
}

static void add_option(Words *words, const char *name, char *value)
{
    GPtrArray *values = g_hash_table_lookup(words->options, name);

    if (!values) {
        values = g_ptr_array_new();
        g_hash_table_insert(words->options, g_strdup(name), values);
    }
    if (value) {
        g_ptr_array_add(values, value);
    }
}

/* '=': it has a value; ' ': it is a flag; 0: there is no such option. */
static char option_kind(const char *options, const char *name)
{
    g_auto(GStrv) known = g_strsplit(options, " ", -1);
    g_autofree char *with_value = g_strconcat(name, "=", NULL);

    if (!*name) {
        return '\0';
    }
    if (g_strv_contains((const char *const *)known, with_value)) {
        return '=';
    }
    return g_strv_contains((const char *const *)known, name) ? ' ' : '\0';
}

static gboolean usage_error(GError **error, const char *words, const char *what)
{
    g_set_error(error, CTL_ERROR, CTL_ERROR_USAGE, "%s: %s", what, words);
    return FALSE;
}

/* Takes one option; *argument is moved to what it used last. */
static gboolean read_option(Words *words, const char *options, char ***argument, GError **error)
{
    g_auto(GStrv) parts = g_strsplit(**argument + 2, "=", 2);
    char *inside = strchr(**argument, '=');
    const char kind = option_kind(options, parts[0] ? parts[0] : "");

    if (!kind) {
        return usage_error(error, "there is no such option here", **argument);
    }
    if (kind == ' ') {
        add_option(words, parts[0], NULL);
        return !inside || usage_error(error, "takes no value", **argument);
    }
    if (!inside && !(*argument)[1]) {
        return usage_error(error, "a value is missing", **argument);
    }
    add_option(words, parts[0], inside ? inside + 1 : *++*argument);
    return TRUE;
}

gboolean words_read(Words *words, const char *options, char **arguments, GError **error)
{
    gboolean only_places = FALSE;

    for (char **argument = arguments; *argument; argument++) {
        if (!only_places && g_str_equal(*argument, "--")) {
            only_places = TRUE;
        } else if (only_places || !g_str_has_prefix(*argument, "--")) {
            g_ptr_array_add(words->places, *argument);
        } else if (!read_option(words, options, &argument, error)) {
            return FALSE;
        }
    }
    words->as_json = words_have(words, "json");
    words->tenant = words_option(words, "tenant") ? words_option(words, "tenant") : "";
    return TRUE;
}
