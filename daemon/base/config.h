/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * config.h - INI files read strictly: unknown groups and keys, doubles, bad and weak values refuse
 * to start, naming file and line
 *
 * Each floor declares its struct and its table of ConfigKey; main.c joins the tables. GKeyFile
 * parses; a scan of our own finds lines and doubles, which GKeyFile merges in silence.
 */

#include <glib.h>

typedef struct ConfigValue {
    const char *file;
    guint line;
    const char *text; /* the value, white space trimmed */
} ConfigValue;

/* Reads one value into @target (the struct of the section, see ConfigSection). FALSE sets an error
 * that says what is wrong with the value and what would be right; file and line are added. */
typedef gboolean (
    *ConfigRead)(const ConfigValue *value, gpointer target, gsize offset, GError **error);

typedef struct ConfigKey {
    const char *name;
    ConfigRead read;
    gsize offset; /* in the section's struct */
} ConfigKey;

typedef struct ConfigSection {
    const char *name;      /* "http"; or "tenant *": any number of [tenant NAME] */
    const ConfigKey *keys; /* ended by a row whose name is NULL */
    /* Gives the struct for one section; @name is NAME for a starred section, else NULL. The struct
     * is owned by whoever made @data. */
    gpointer (*target)(gpointer data, const char *name, const ConfigValue *where, GError **error);
    gpointer data;
} ConfigSection;

/**
 * config_load() - read FILE and FILE.d/\*.conf in the order of their names
 * @path: the main file; its drop-in directory is the same path with ".d"
 * @sections: ended by a row whose name is NULL
 *
 * A later file overrides a key of an earlier one; a double in one file is an error.
 *
 * Returns: FALSE with an error "FILE:LINE: [section] key: what is wrong".
 */
gboolean config_load(const char *path, const ConfigSection *sections, GError **error);

/* Readers of common types. Each sets *(type *)(target + offset). */
gboolean
config_read_text(const ConfigValue *, gpointer, gsize, GError **); /* char *, one line, not empty */
gboolean config_read_path(const ConfigValue *, gpointer, gsize, GError **); /* char *, absolute */
gboolean config_read_boolean(
    const ConfigValue *,
    gpointer,
    gsize,
    GError **); /* gboolean: yes|no|true|false */
gboolean
config_read_count(const ConfigValue *, gpointer, gsize, GError **); /* guint, decimal digits */
gboolean config_read_words(
    const ConfigValue *,
    gpointer,
    gsize,
    GError **); /* char **, split at white space */
