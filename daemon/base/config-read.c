/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "base/config.h"

#include "base/error.h"

#include <string.h>

static gboolean refuse(GError **error, const char *words)
{
    g_set_error_literal(error, ANTARA_ERROR, ANTARA_ERROR_CONFIG, words);
    return FALSE;
}

static void set_text(gpointer target, gsize offset, const char *text)
{
    char **place = (char **)((char *)target + offset);

    g_free(*place);
    *place = g_strdup(text);
}

gboolean config_read_text(const ConfigValue *value, gpointer target, gsize offset, GError **error)
{
    if (!*value->text) {
        return refuse(error, "a value is missing");
    }
    set_text(target, offset, value->text);
    return TRUE;
}

gboolean config_read_path(const ConfigValue *value, gpointer target, gsize offset, GError **error)
{
    if (!g_path_is_absolute(value->text)) {
        return refuse(error, "this must be an absolute path");
    }
    set_text(target, offset, value->text);
    return TRUE;
}

gboolean
config_read_boolean(const ConfigValue *value, gpointer target, gsize offset, GError **error)
{
    static const char *const words[] = {"no", "yes", "false", "true"};

    for (guint i = 0; i < G_N_ELEMENTS(words); i++) {
        if (g_str_equal(value->text, words[i])) {
            *(gboolean *)((char *)target + offset) = (gboolean)(i & 1);
            return TRUE;
        }
    }
    return refuse(error, "this must be yes or no");
}

gboolean config_read_count(const ConfigValue *value, gpointer target, gsize offset, GError **error)
{
    guint64 count = 0;

    if (!g_ascii_string_to_unsigned(value->text, 10, 0, G_MAXINT32, &count, NULL)) {
        return refuse(error, "this must be a number, in decimal digits");
    }
    *(guint *)((char *)target + offset) = (guint)count;
    return TRUE;
}

gboolean config_read_words(const ConfigValue *value, gpointer target, gsize offset, GError **error)
{
    char ***place = (char ***)((char *)target + offset);
    g_auto(GStrv) parts = g_strsplit_set(value->text, " \t", -1);
    g_autoptr(GStrvBuilder) words = g_strv_builder_new();

    for (char **part = parts; *part; part++) {
        if (**part) {
            g_strv_builder_add(words, *part);
        }
    }
    if (!*value->text) {
        return refuse(error, "a value is missing");
    }
    g_strfreev(*place);
    *place = g_strv_builder_end(words);
    return TRUE;
}
