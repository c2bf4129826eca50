/* SPDX-License-Identifier: GPL-3.0-or-later */

/* test-template.c - nothing foreign gets out of a template but escaped */

#include "http/template.h"
#include "http/web.h"

#include <string.h>

#define NASTY "<b>&\"'</b>"

static void add_values(const GPtrArray *nodes, Values *values, const char *text);

static Template *parse(const char *text)
{
    g_autoptr(GError) error = NULL;
    Template *template = template_parse("test", text, NULL, &error);
    g_assert_no_error(error);
    return template;
}

static char *render(const char *text, const Values *values)
{
    g_autoptr(Template) template = parse(text);
    return template_render(template, values, "en");
}

static void values_come_out_escaped_in_text_and_attributes(void)
{
    g_autoptr(Values) values = values_new();
    values_set(values, "name", NASTY);
    g_autofree char *html = render("<p title=\"{{name}}\">{{name}} {{t:so [name] is}}</p>", values);

#define ESCAPED "&lt;b&gt;&amp;&quot;&apos;&lt;/b&gt;"
    g_assert_cmpstr(html, ==, "<p title=\"" ESCAPED "\">" ESCAPED " so " ESCAPED " is</p>");
}

static void controls_and_bidi_are_spelled_out(void)
{
    g_autoptr(Values) values = values_new();
    values_set(
        values, "name",
        "a\xe2\x80\xae"
        "b\x1b\xff");
    g_autofree char *html = render("<p>{{name}}</p>", values);
    g_assert_cmpstr(html, ==, "<p>a\\u{202e}b\\x1b\\xff</p>");
}

static void blocks_and_rows_do_what_they_say(void)
{
    g_autoptr(Values) values = values_new();
    values_set(values, "yes", "1");
    values_set(values, "no", NULL);
    values_set(values, "outside", "o");
    values_set(values_add_row(values, "rows"), "name", "a");
    values_set(values_add_row(values, "rows"), "name", "b");
    g_autofree char *html = render(
        "{{#if yes}}y{{else}}n{{/if}}{{#if no}}y{{else}}n{{/if}}"
        "{{#each rows}}<i>{{name}}{{outside}}</i>{{/each}}",
        values);
    g_assert_cmpstr(html, ==, "yn<i>ao</i><i>bo</i>");
}

static void a_remark_leaves_no_trace(void)
{
    g_autoptr(Values) values = values_new();
    g_autofree char *html = render("{{! <script> }}\n<p>a</p>{{! {b }}", values);
    g_assert_cmpstr(html, ==, "<p>a</p>");
}

static void what_can_not_escape_does_not_parse(void)
{
    static const char *const bad[] = {
        "<p title={{name}}>",
        "<p title='{{name}}'>",
        "<p {{name}}>",
        "<{{name}}>",
        "<script>{{name}}</script>",
        "<style>{{name}}</style>",
        "<p onclick=\"{{name}}\">",
        "<p style=\"{{name}}\">",
        "<!-- {{name}} -->",
        "<!-- words -->",
        "<p title='a\"b'>",
        "<a href=\"{{t:words}}\">",
        "<p title=\"{{#if name}}\">{{/if}}",
        "{{#if name}}<p{{/if}}>",
        "{{#if name}}",
        "{{/if}}",
        "{{#each name}}{{/if}}",
        "{{#each name}}{{else}}{{/each}}",
        "{{name",
        "{{{name}}}",
        "{{&name}}",
        "{{>nowhere}}",
        "<p title=\"",
    };

    for (gsize i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(Template) template = template_parse("bad", bad[i], NULL, &error);
        g_test_message("%s", bad[i]);
        g_assert_null(template);
        g_assert_nonnull(error);
    }
}

static void links_take_paths_of_our_own_host_alone(void)
{
    g_autoptr(Values) values = values_new();
    values_set_path(values, "path", "/me?a=b&c=d");
    g_autofree char *html = render("<a href=\"{{path}}\">x</a>", values);
    g_assert_cmpstr(html, ==, "<a href=\"/me?a=b&amp;c=d\">x</a>");
}

static void dies(const char *test)
{
    g_test_trap_subprocess(test, 0, G_TEST_SUBPROCESS_DEFAULT);
    g_test_trap_assert_failed();
}

static void a_text_in_a_link_ends_the_process(void)
{
    if (g_test_subprocess()) {
        g_autoptr(Values) values = values_new();
        values_set(values, "path", "javascript:alert(1)");
        g_autofree char *html = render("<a href=\"{{path}}\">x</a>", values);
        return;
    }
    dies(NULL);
}

static void a_path_to_elsewhere_ends_the_process(void)
{
    if (g_test_subprocess()) {
        g_autoptr(Values) values = values_new();
        values_set_path(values, "path", "//evil.example/");
        return;
    }
    dies(NULL);
}

static void an_unknown_name_ends_the_process_even_where_it_is_not_shown(void)
{
    if (g_test_subprocess()) {
        g_autoptr(Values) values = values_new();
        values_set(values, "no", NULL);
        g_autofree char *html = render("{{#if no}}{{unknown}}{{/if}}", values);
        return;
    }
    dies(NULL);
}

static const char *intern_piece(const char *piece, gsize bytes)
{
    g_autofree char *text = g_strndup(piece, bytes);
    return g_intern_string(text);
}

/* Gives a value to each name that a template uses. */
static void add_piece(const char *piece, gsize bytes, gboolean name, gpointer data)
{
    if (name) {
        values_set(data, intern_piece(piece, bytes), NASTY);
    }
}

static void add_value(const Node *node, Values *values, const char *text)
{
    const char *name = g_intern_string(node->text);
    switch (node->kind) {
    case NODE_LITERAL:
        return;
    case NODE_PATH:
        values_set_path(values, name, "/here?a&b");
        return;
    case NODE_CATALOG:
        template_pieces(node->text, add_piece, values);
        return;
    case NODE_EACH:
        add_values(node->nodes, values_add_row(values, name), text);
        return;
    case NODE_IF:
        if (values_path(values, name) == NULL && values_rows(values, name) == NULL) {
            values_set(values, name, text);
        }
        add_values(node->nodes, values, text);
        add_values(node->otherwise, values, text);
        return;
    case NODE_VALUE:
        if (values_path(values, name) == NULL) {
            values_set(values, name, text);
        }
        return;
    }
}

static void add_values(const GPtrArray *nodes, Values *values, const char *text)
{
    for (guint i = 0; i < nodes->len; i++) {
        add_value(g_ptr_array_index(nodes, i), values, text);
    }
}

static guint count(const char *text, const char *what)
{
    guint n = 0;
    for (text = strstr(text, what); text != NULL; text = strstr(text + 1, what)) {
        n++;
    }
    return n;
}

static void every_page_renders_with_one_heading_and_nothing_unescaped(void)
{
    for (const char *const *page = web_pages(); *page != NULL; page++) {
        const Template *template = web_template(*page);
        g_autoptr(Values) values = values_new();
        add_values(template->nodes, values, NASTY);
        g_autofree char *html = template_render(template, values, "en");
        g_test_message("%s", *page);
        g_assert_null(strstr(html, "<b>"));
        g_assert_null(strstr(html, "{{"));
        g_assert_nonnull(strstr(html, "&lt;b&gt;&amp;&quot;&apos;"));
        g_assert_cmpuint(count(html, "<h1>"), ==, 1);
        g_assert_cmpuint(count(html, "<form"), ==, count(html, "<form method=\"post\""));
    }
}

int main(int argc, char *argv[])
{
    g_test_init(&argc, &argv, NULL);
#define TEST(name) g_test_add_func("/http/template/" #name, name)
    TEST(values_come_out_escaped_in_text_and_attributes);
    TEST(controls_and_bidi_are_spelled_out);
    TEST(blocks_and_rows_do_what_they_say);
    TEST(a_remark_leaves_no_trace);
    TEST(what_can_not_escape_does_not_parse);
    TEST(links_take_paths_of_our_own_host_alone);
    TEST(a_text_in_a_link_ends_the_process);
    TEST(a_path_to_elsewhere_ends_the_process);
    TEST(an_unknown_name_ends_the_process_even_where_it_is_not_shown);
    TEST(every_page_renders_with_one_heading_and_nothing_unescaped);
    return g_test_run();
}
