/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * values.h - what a template is filled with: names and their texts, own paths, lists of rows
 *
 * Texts may be foreign; the template escapes them. All are copied.
 */

#include <glib.h>

typedef struct Values Values;

Values *values_new(void);
void values_free(Values *values);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Values, values_free)

/* @name: static storage. @text: NULL or "" counts as absent for {{#if}}. */
void values_set(Values *values, const char *name, const char *text);

/* "1" or absent, for {{#if}}. */
void values_set_flag(Values *values, const char *name, gboolean flag);

/* A path on our own host, begun with one slash: the only thing that a template takes into href,
 * action, and the like. Built by us; anything else is our own mistake and ends the process. */
void values_set_path(Values *values, const char *name, const char *path);

/* The same for the one thing that leaves our host: a redirect URI that an app registered
 * (redirect_uri_problem() found none). */
void values_set_redirect_uri(Values *values, const char *name, const char *uri);

/* Makes a list, empty until rows are added. */
void values_set_list(Values *values, const char *name);

/* Adds a row to a list (made when it is not there) and returns it (transfer none). A name that the
 * row lacks is looked up outside the row. */
Values *values_add_row(Values *values, const char *list);

/* for the template */
const char *values_text(const Values *values, const char *name, gboolean *ret_known);
const char *values_path(const Values *values, const char *name);      /* NULL: not set as a path */
const GPtrArray *values_rows(const Values *values, const char *name); /* of Values; NULL: no list */
