/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "http/form.h"

#include "base/secret.h"

#include <string.h>

typedef struct Parameter {
    char *name;
    char *value;
} Parameter;

struct Form {
    GArray *parameters; /* of Parameter */
    const char *twice;
};

static void parameter_clear(gpointer data)
{
    Parameter *parameter = data;

    g_free(parameter->name);
    secret_text_free(parameter->value);
}

/* The byte of %XX at @text; -1 when it is none. */
static int escaped_byte(const char *text, gsize size)
{
    int high = size >= 3 ? g_ascii_xdigit_value(text[1]) : -1;
    int low = size >= 3 ? g_ascii_xdigit_value(text[2]) : -1;

    return high < 0 || low < 0 ? -1 : high << 4 | low;
}

char *form_unescape(const char *text, gsize size, gboolean plus_is_space)
{
    g_autofree char *plain = g_malloc(size + 1);
    gsize length = 0;

    for (gsize i = 0; i < size; i++) {
        int byte = (guchar)text[i];
        if (text[i] == '%') {
            byte = escaped_byte(text + i, size - i);
            i += 2;
        } else if (text[i] == '+' && plus_is_space) {
            byte = ' ';
        }
        if (byte <= 0) {
            return NULL;
        }
        plain[length++] = (char)byte;
    }
    plain[length] = '\0';
    return g_utf8_validate(plain, (gssize)length, NULL) ? g_steal_pointer(&plain) : NULL;
}

static const Parameter *find(const Form *form, const char *name)
{
    for (guint i = 0; i < form->parameters->len; i++) {
        const Parameter *parameter = &g_array_index(form->parameters, Parameter, i);
        if (g_str_equal(parameter->name, name)) {
            return parameter;
        }
    }
    return NULL;
}

static gboolean add(Form *form, const char *text, gsize size)
{
    const char *equals = memchr(text, '=', size);
    gsize name_size = equals ? (gsize)(equals - text) : size;
    const char *value = equals ? equals + 1 : text + size;
    Parameter parameter = {
        form_unescape(text, name_size, TRUE),
        form_unescape(value, (gsize)(text + size - value), TRUE)};

    if (!parameter.name || !parameter.value || form->parameters->len == FORM_PARAMETERS_MAX) {
        parameter_clear(&parameter);
        return FALSE;
    }
    const Parameter *before = find(form, parameter.name);
    if (before && !form->twice && !g_str_equal(parameter.name, "resource")) {
        form->twice = before->name;
    }
    g_array_append_val(form->parameters, parameter);
    return TRUE;
}

Form *form_parse(const char *text)
{
    g_autoptr(Form) form = g_new0(Form, 1);

    form->parameters = g_array_new(FALSE, FALSE, sizeof(Parameter));
    g_array_set_clear_func(form->parameters, parameter_clear);
    while (text && *text) {
        gsize size = strcspn(text, "&");
        if (size > 0 && !add(form, text, size)) {
            return NULL;
        }
        text += size + (text[size] ? 1 : 0);
    }
    return g_steal_pointer(&form);
}

void form_free(Form *form)
{
    if (form) {
        g_array_unref(form->parameters);
        g_free(form);
    }
}

const char *form_value(const Form *form, const char *name)
{
    const Parameter *parameter = find(form, name);

    return parameter && *parameter->value ? parameter->value : NULL;
}

const char **form_values(const Form *form, const char *name)
{
    const char **values = g_new0(const char *, form->parameters->len + 1);
    guint n_values = 0;

    for (guint i = 0; i < form->parameters->len; i++) {
        const Parameter *parameter = &g_array_index(form->parameters, Parameter, i);
        if (g_str_equal(parameter->name, name) && *parameter->value) {
            values[n_values++] = parameter->value;
        }
    }
    if (n_values == 0) {
        g_clear_pointer(&values, g_free);
    }
    return values;
}

const char *form_double(const Form *form)
{
    return form->twice;
}
