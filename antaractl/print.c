/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "antaractl/print.h"

#include "base/text.h"

#include <stdio.h>

#define CELL_CHARS_MAX 200U

/* (transfer full): fit for a terminal */
static char *cell_text(const json_t *value)
{
    g_autoptr(GString) joined = g_string_new(NULL);
    size_t i = 0;
    json_t *item = NULL;

    if (json_is_string(value)) {
        return text_for_people(json_string_value(value), CELL_CHARS_MAX);
    }
    if (json_is_boolean(value)) {
        return g_strdup(json_is_true(value) ? "yes" : "no");
    }
    if (json_is_integer(value)) {
        return g_strdup_printf("%" JSON_INTEGER_FORMAT, json_integer_value(value));
    }
    json_array_foreach(value, i, item)
    {
        g_autofree char *text = text_for_people(json_string_value(item), CELL_CHARS_MAX);
        g_string_append_printf(joined, "%s%s", i ? " " : "", text);
    }
    return g_string_free(g_steal_pointer(&joined), FALSE);
}

static void print_padded(const char *text, glong width)
{
    const glong pad = width - g_utf8_strlen(text, -1);

    printf("%s%*s", text, (int)MAX(pad, 0), "");
}

/* "redirect_uris" -> "REDIRECT URIS" */
static char *heading(const char *name)
{
    return g_strdelimit(g_ascii_strup(name, -1), "_", ' ');
}

static glong column_width(const json_t *rows, const char *name)
{
    g_autofree char *head = heading(name);
    glong width = g_utf8_strlen(head, -1);
    size_t i = 0;
    json_t *row = NULL;

    json_array_foreach(rows, i, row)
    {
        g_autofree char *text = cell_text(json_object_get(row, name));
        width = MAX(width, g_utf8_strlen(text, -1));
    }
    return width;
}

static void print_line(const json_t *rows, json_t *row, gboolean is_head)
{
    const char *name = NULL;
    json_t *value = NULL;

    json_object_foreach(row, name, value)
    {
        const gboolean is_last = !json_object_iter_next(row, json_object_key_to_iter(name));
        g_autofree char *text = is_head ? heading(name) : cell_text(value);
        print_padded(text, is_last ? 0 : column_width(rows, name) + 2);
    }
    putchar('\n');
}

static void print_table(const json_t *rows)
{
    size_t i = 0;
    json_t *row = NULL;

    if (json_array_size(rows) == 0) {
        puts("(none)");
        return;
    }
    print_line(rows, json_array_get(rows, 0), TRUE);
    json_array_foreach(rows, i, row)
    {
        print_line(rows, row, FALSE);
    }
}

static void print_lines(json_t *object)
{
    const char *name = NULL;
    json_t *value = NULL;
    glong width = 0;

    json_object_foreach(object, name, value)
    {
        width = MAX(width, g_utf8_strlen(name, -1));
    }
    json_object_foreach(object, name, value)
    {
        g_autofree char *label = g_strdelimit(g_strdup(name), "_", ' ');
        g_autofree char *text = cell_text(value);
        print_padded(label, width + 2);
        puts(text);
    }
}

void print_for_people(const json_t *result)
{
    if (json_is_array(result)) {
        print_table(result);
    } else {
        print_lines((json_t *)result);
    }
}
