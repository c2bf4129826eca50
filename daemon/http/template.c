/* SPDX-License-Identifier: GPL-3.0-or-later */

/* template.c - nodes and values to HTML; the one place where a value meets a page, and escapes */

#include "http/template.h"

#include "base/catalog.h"

#include <string.h>

typedef struct Rendering {
    const Template *template;
    const Values *values;
    const char *language;
    GString *html;
} Rendering;

static void render_nodes(const Rendering *rendering, const GPtrArray *nodes);
static void check_nodes(const Rendering *rendering, const GPtrArray *nodes);

void template_pieces(const char *text, TemplatePiece found, gpointer data)
{
    while (*text) {
        gsize bytes = strcspn(text, "[");
        const char *close = text[bytes] ? strchr(text + bytes, ']') : NULL;
        if (close == NULL) {
            found(text, strlen(text), FALSE, data);
            return;
        }
        found(text, bytes, FALSE, data);
        found(text + bytes + 1, (gsize)(close - text) - bytes - 1, TRUE, data);
        text = close + 1;
    }
}

/* Our own mistake, found by the first look at the page: see template.h. */
static const char *value_of(const Rendering *rendering, const char *name)
{
    gboolean known = FALSE;
    const char *text = values_text(rendering->values, name, &known);

    if (!known) {
        g_error("template %s names \"%s\", which its page lacks", rendering->template->name, name);
    }
    return text;
}

static void append_escaped(GString *html, const char *text, gsize bytes)
{
    g_autofree char *escaped = g_markup_escape_text(text, (gssize)bytes);
    g_string_append(html, escaped);
}

static void render_value(const Rendering *rendering, const char *name)
{
    const char *text = value_of(rendering, name);
    if (text != NULL) {
        append_escaped(rendering->html, text, strlen(text));
    }
}

static void render_path(const Rendering *rendering, const char *name)
{
    const char *path = values_path(rendering->values, name);
    g_assert(path != NULL);
    append_escaped(rendering->html, path, strlen(path));
}

static void render_piece(const char *piece, gsize bytes, gboolean name, gpointer data)
{
    const Rendering *rendering = data;
    g_autofree char *text = g_strndup(piece, bytes);

    if (name) {
        render_value(rendering, text);
    } else {
        append_escaped(rendering->html, text, bytes);
    }
}

static void for_rows(
    const Rendering *rendering,
    const Node *node,
    void (*each)(const Rendering *, const GPtrArray *))
{
    const GPtrArray *rows = values_rows(rendering->values, node->text);
    Rendering inside = *rendering;

    if (rows == NULL) {
        g_error("template %s: \"%s\" is no list", rendering->template->name, node->text);
    }
    for (guint i = 0; i < rows->len; i++) {
        inside.values = g_ptr_array_index(rows, i);
        each(&inside, node->nodes);
    }
}

static void render_node(const Rendering *rendering, const Node *node)
{
    switch (node->kind) {
    case NODE_LITERAL:
        g_string_append(rendering->html, node->text);
        return;
    case NODE_VALUE:
        render_value(rendering, node->text);
        return;
    case NODE_PATH:
        render_path(rendering, node->text);
        return;
    case NODE_CATALOG:
        template_pieces(
            catalog_text(rendering->language, node->text), render_piece, (gpointer)rendering);
        return;
    case NODE_IF:
        render_nodes(
            rendering, value_of(rendering, node->text) != NULL ? node->nodes : node->otherwise);
        return;
    case NODE_EACH:
        for_rows(rendering, node, render_nodes);
        return;
    }
    g_assert_not_reached();
}

static void render_nodes(const Rendering *rendering, const GPtrArray *nodes)
{
    for (guint i = 0; i < nodes->len; i++) {
        render_node(rendering, g_ptr_array_index(nodes, i));
    }
}

static void check_piece(const char *piece, gsize bytes, gboolean name, gpointer data)
{
    g_autofree char *text = g_strndup(piece, bytes);
    if (name) {
        (void)value_of(data, text);
    }
}

/* Every name, in branches that are not taken too; else a lack would show only on a rare day. */
static void check_node(const Rendering *rendering, const Node *node)
{
    switch (node->kind) {
    case NODE_LITERAL:
        return;
    case NODE_VALUE:
    case NODE_PATH:
        (void)value_of(rendering, node->text);
        return;
    case NODE_CATALOG:
        template_pieces(node->text, check_piece, (gpointer)rendering);
        return;
    case NODE_IF:
        (void)value_of(rendering, node->text);
        check_nodes(rendering, node->nodes);
        check_nodes(rendering, node->otherwise);
        return;
    case NODE_EACH:
        for_rows(rendering, node, check_nodes);
        return;
    }
    g_assert_not_reached();
}

static void check_nodes(const Rendering *rendering, const GPtrArray *nodes)
{
    for (guint i = 0; i < nodes->len; i++) {
        check_node(rendering, g_ptr_array_index(nodes, i));
    }
}

char *template_render(const Template *template, const Values *values, const char *language)
{
    g_autoptr(GString) html = g_string_sized_new(4096);
    const Rendering rendering = {template, values, language, html};

    check_nodes(&rendering, template->nodes);
    render_nodes(&rendering, template->nodes);
    return g_strdup(html->str);
}
