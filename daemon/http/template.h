/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * template.h - pages that escape by construction
 *
 * A template is HTML with a tiny language in it:
 *
 *   {{name}}                        a value, always escaped; there is no other way out
 *   {{t:English with [name]}}       a text of the catalog in the page's language, with values in it
 *   {{#if name}} {{else}} {{/if}}   when the value is there
 *   {{#each rows}} {{/each}}        once for each row
 *   {{! words }}                    nothing: for who reads the template
 *   {{>head}}                       another template's source
 *
 * What stands in an attribute is quoted, and an attribute that a browser follows takes nothing but
 * paths of our own host (values_set_path): a template that has it otherwise does not parse. A
 * template that names a value which its page did not give ends the process, whether that branch is
 * taken or not: so whoever renders a page once has seen it.
 */

#include "http/values.h"

typedef enum NodeKind {
    NODE_LITERAL = 1,
    NODE_VALUE,
    NODE_PATH,
    NODE_CATALOG,
    NODE_IF,
    NODE_EACH,
} NodeKind;

typedef struct Node {
    NodeKind kind;
    char *text;           /* the literal, the name, or the English text */
    GPtrArray *nodes;     /* IF, EACH: of Node */
    GPtrArray *otherwise; /* IF */
} Node;

typedef struct Template {
    char *name;
    GPtrArray *nodes; /* of Node */
} Template;

/* Finds the source of an included template; (transfer none), NULL when there is none. */
typedef const char *(*TemplateSource)(const char *name);

/* FALSE sets an error that says what in the template is wrong. */
Template *template_parse(const char *name, const char *text, TemplateSource source, GError **error);
void template_free(Template *template);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Template, template_free)

/**
 * template_render() - (transfer full): the HTML
 * @language: of the catalog's texts; (nullable)
 */
char *template_render(const Template *template, const Values *values, const char *language);

/* The names in the brackets of a catalog text: calls @found for each piece. @name: the piece is a
 * value's name, not text. */
typedef void (*TemplatePiece)(const char *piece, gsize bytes, gboolean name, gpointer data);
void template_pieces(const char *text, TemplatePiece found, gpointer data);
