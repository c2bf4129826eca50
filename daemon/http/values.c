/* SPDX-License-Identifier: GPL-3.0-or-later */

/* values.c - a table of names, and the table outside of it */

#include "http/values.h"

#include "base/text.h"
#include "core/app.h"

#define VALUE_CHARS_MAX 512U

typedef struct Value {
    char *text;
    char *path;
    GPtrArray *rows;
} Value;

struct Values {
    GHashTable *table;
    const Values *outside; /* of a row */
};

static void value_free(gpointer data)
{
    Value *value = (Value *)data;
    g_free(value->text);
    g_free(value->path);
    if (value->rows != NULL) {
        g_ptr_array_unref(value->rows);
    }
    g_free(value);
}

Values *values_new(void)
{
    Values *values = g_new0(Values, 1);
    values->table = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, value_free);
    return values;
}

void values_free(Values *values)
{
    if (values != NULL) {
        g_hash_table_unref(values->table);
        g_free(values);
    }
}

static Value *value_make(Values *values, const char *name)
{
    Value *value = g_new0(Value, 1);
    g_hash_table_replace(values->table, (gpointer)name, value);
    return value;
}

static const Value *value_find(const Values *values, const char *name)
{
    const Value *value = (const Value *)g_hash_table_lookup(values->table, name);
    if (value == NULL && values->outside != NULL) {
        return value_find(values->outside, name);
    }
    return value;
}

void values_set(Values *values, const char *name, const char *text)
{
    Value *value = value_make(values, name);
    if (text == NULL || text[0] == '\0') {
        return;
    }
    /* What is not plain (controls, bidi) is shown spelled out, so no text can pose as another. */
    value->text = text_is_plain(text) ? g_strdup(text) : text_for_people(text, VALUE_CHARS_MAX);
}

void values_set_flag(Values *values, const char *name, gboolean flag)
{
    values_set(values, name, flag ? "1" : NULL);
}

void values_set_path(Values *values, const char *name, const char *path)
{
    g_assert(path[0] == '/' && path[1] != '/' && path[1] != '\\');
    g_assert(text_is_plain(path));
    value_make(values, name)->path = g_strdup(path);
}

void values_set_redirect_uri(Values *values, const char *name, const char *uri)
{
    g_assert(redirect_uri_problem(uri) == NULL);
    value_make(values, name)->path = g_strdup(uri);
}

void values_set_list(Values *values, const char *name)
{
    value_make(values, name)->rows = g_ptr_array_new_with_free_func((GDestroyNotify)values_free);
}

Values *values_add_row(Values *values, const char *list)
{
    const Value *value = (const Value *)g_hash_table_lookup(values->table, list);
    if (value == NULL || value->rows == NULL) {
        values_set_list(values, list);
        value = (const Value *)g_hash_table_lookup(values->table, list);
    }
    Values *row = values_new();
    row->outside = values;
    g_ptr_array_add(value->rows, row);
    return row;
}

const char *values_text(const Values *values, const char *name, gboolean *ret_known)
{
    const Value *value = value_find(values, name);
    *ret_known = value != NULL;
    if (value == NULL) {
        return NULL;
    }
    return value->text != NULL ? value->text : value->path;
}

const char *values_path(const Values *values, const char *name)
{
    const Value *value = value_find(values, name);
    return value == NULL ? NULL : value->path;
}

const GPtrArray *values_rows(const Values *values, const char *name)
{
    const Value *value = value_find(values, name);
    return value == NULL ? NULL : value->rows;
}
