/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * template-parse.c - a template's source to nodes
 *
 * Everything that could make escaping depend on the values is decided here, once: where a tag of
 * ours stands in the HTML says what it may be.
 */

#include "http/template.h"

#include "base/error.h"
#include "http/html-place.h"

#include <string.h>

#define TEMPLATE_DEPTH_MAX 8U /* blocks and includes in one another */

typedef struct Parser {
    const char *at;
    HtmlPlace place;
    TemplateSource source;
    guint depth;
} Parser;

static gboolean parse_nodes(Parser *parser, GPtrArray *nodes, const char **ret_end, GError **error);

static gboolean refuse(GError **error, const char *what, const char *tag)
{
    g_set_error(error, ANTARA_ERROR, ANTARA_ERROR_FAILED, "%s: {{%s}}", what, tag);
    return FALSE;
}

static void node_free(gpointer data)
{
    Node *node = data;
    g_free(node->text);
    if (node->nodes != NULL) {
        g_ptr_array_unref(node->nodes);
        g_ptr_array_unref(node->otherwise);
    }
    g_free(node);
}

static GPtrArray *nodes_new(void)
{
    return g_ptr_array_new_with_free_func(node_free);
}

static Node *node_add(GPtrArray *nodes, NodeKind kind, const char *text, gsize bytes)
{
    Node *node = g_new0(Node, 1);
    node->kind = kind;
    node->text = g_strndup(text, bytes);
    g_ptr_array_add(nodes, node);
    return node;
}

static gboolean is_name(const char *text)
{
    return text[0] != '\0' && strspn(text, "abcdefghijklmnopqrstuvwxyz_") == strlen(text);
}

/* Nothing may come out but between tags and in quoted values; where a browser would follow it, only
 * a path. */
static gboolean add_output(Parser *parser, GPtrArray *nodes, const char *tag, GError **error)
{
    gboolean catalog = g_str_has_prefix(tag, "t:");
    gboolean link = html_place_is_link(&parser->place);

    if (parser->place.state != HTML_TEXT && parser->place.state != HTML_VALUE) {
        return refuse(error, "an unquoted place", tag);
    }
    if (catalog && link) {
        return refuse(error, "a text where a path belongs", tag);
    }
    if (!catalog && !is_name(tag)) {
        return refuse(error, "not a name", tag);
    }
    NodeKind kind = catalog ? NODE_CATALOG : link ? NODE_PATH : NODE_VALUE;
    const char *text = catalog ? tag + strlen("t:") : tag;
    node_add(nodes, kind, text, strlen(text));
    return TRUE;
}

static gboolean add_include(Parser *parser, GPtrArray *nodes, const char *name, GError **error)
{
    const char *after = parser->at;
    const char *end = NULL;

    parser->at = parser->source ? parser->source(name) : NULL;
    if (parser->at == NULL) {
        return refuse(error, "no template of that name", name);
    }
    if (!parse_nodes(parser, nodes, &end, error)) {
        return FALSE;
    }
    parser->at = after;
    return end == NULL || refuse(error, "ends nothing here", end);
}

static gboolean same_place(const HtmlPlace *a, const HtmlPlace *b)
{
    return a->state == b->state && (a->state != HTML_VALUE || strcmp(a->name, b->name) == 0);
}

/* Both branches, and what comes after, must begin in the same place of the HTML. */
static gboolean parse_branch(
    Parser *parser,
    GPtrArray *nodes,
    const HtmlPlace *begin,
    const char **ret_end,
    GError **error)
{
    parser->place = *begin;
    if (!parse_nodes(parser, nodes, ret_end, error)) {
        return FALSE;
    }
    if (*ret_end == NULL) {
        return refuse(error, "a block without its end", "#");
    }
    return same_place(begin, &parser->place) || refuse(error, "a block cuts a tag", *ret_end);
}

static gboolean add_block(Parser *parser, GPtrArray *nodes, const char *tag, GError **error)
{
    gboolean each = g_str_has_prefix(tag, "each ");
    const char *name = strchr(tag, ' ');
    const char *end = NULL;
    HtmlPlace begin = parser->place;

    if (!(each || g_str_has_prefix(tag, "if ")) || !is_name(name + 1)) {
        return refuse(error, "not a block", tag);
    }
    Node *node = node_add(nodes, each ? NODE_EACH : NODE_IF, name + 1, strlen(name + 1));
    node->nodes = nodes_new();
    node->otherwise = nodes_new();
    if (!parse_branch(parser, node->nodes, &begin, &end, error)) {
        return FALSE;
    }
    if (!each && strcmp(end, "else") == 0 &&
        !parse_branch(parser, node->otherwise, &begin, &end, error)) {
        return FALSE;
    }
    return strcmp(end, each ? "/each" : "/if") == 0 || refuse(error, "ends another block", end);
}

static gboolean add_tag(Parser *parser, GPtrArray *nodes, const char *tag, GError **error)
{
    if (tag[0] == '!') {
        parser->at += parser->at[0] == '\n' ? 1 : 0; /* its line leaves no trace */
        return TRUE;
    }
    if (tag[0] == '#') {
        return add_block(parser, nodes, tag + 1, error);
    }
    if (tag[0] == '>') {
        return add_include(parser, nodes, tag + 1, error);
    }
    return add_output(parser, nodes, tag, error);
}

/* The tags that end a run of nodes; static, so that they outlive it. */
static const char *block_end(const char *tag)
{
    static const char *const ends[] = {"else", "/if", "/each"};

    for (gsize i = 0; i < G_N_ELEMENTS(ends); i++) {
        if (strcmp(tag, ends[i]) == 0) {
            return ends[i];
        }
    }
    return NULL;
}

static gboolean add_literal(Parser *parser, GPtrArray *nodes, gsize bytes, GError **error)
{
    if (bytes > 0) {
        node_add(nodes, NODE_LITERAL, parser->at, bytes);
    }
    if (!html_place_feed(&parser->place, parser->at, bytes, error)) {
        return FALSE;
    }
    parser->at += bytes;
    return TRUE;
}

/* Up to the end of the source, or to the tag that ends the block around (*ret_end). */
static gboolean parse_run(Parser *parser, GPtrArray *nodes, const char **ret_end, GError **error)
{
    for (;;) {
        const char *open = strstr(parser->at, "{{");
        if (!add_literal(
                parser, nodes, open ? (gsize)(open - parser->at) : strlen(parser->at), error)) {
            return FALSE;
        }
        if (open == NULL) {
            *ret_end = NULL;
            return TRUE;
        }
        const char *close = strstr(open, "}}");
        if (close == NULL) {
            return refuse(error, "a tag without its end", open + 2);
        }
        g_autofree char *tag = g_strndup(open + 2, (gsize)(close - open - 2));
        parser->at = close + 2;
        *ret_end = block_end(tag);
        if (*ret_end != NULL) {
            return TRUE;
        }
        if (!add_tag(parser, nodes, tag, error)) {
            return FALSE;
        }
    }
}

static gboolean parse_nodes(Parser *parser, GPtrArray *nodes, const char **ret_end, GError **error)
{
    if (parser->depth == TEMPLATE_DEPTH_MAX) {
        return refuse(error, "too deep", "#");
    }
    parser->depth++;
    gboolean parsed = parse_run(parser, nodes, ret_end, error);
    parser->depth--;
    return parsed;
}

Template *template_parse(const char *name, const char *text, TemplateSource source, GError **error)
{
    g_autoptr(Template) template = g_new0(Template, 1);
    Parser parser = {.at = text, .source = source};
    const char *end = NULL;

    template->name = g_strdup(name);
    template->nodes = nodes_new();
    if (!parse_nodes(&parser, template->nodes, &end, error)) {
        g_prefix_error(error, "template %s: ", name);
        return NULL;
    }
    if (end != NULL || parser.place.state != HTML_TEXT) {
        g_set_error(
            error, ANTARA_ERROR, ANTARA_ERROR_FAILED, "template %s: ends in the middle", name);
        return NULL;
    }
    return g_steal_pointer(&template);
}

void template_free(Template *template)
{
    if (template != NULL) {
        g_free(template->name);
        g_ptr_array_unref(template->nodes);
        g_free(template);
    }
}
