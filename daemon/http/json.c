/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "http/json.h"

/* jansson goes 2,048 deep, on the stack: what is deeper than we take never gets there. */
static gboolean is_flat_enough(const char *data, gsize size)
{
    gboolean in_text = FALSE;
    guint depth = 0;

    for (gsize i = 0; i < size; i++) {
        if (in_text && data[i] == '\\') {
            i++;
        } else if (in_text) {
            in_text = data[i] != '"';
        } else if (data[i] == '"') {
            in_text = TRUE;
        } else if (data[i] == '{' || data[i] == '[') {
            depth++;
        } else if ((data[i] == '}' || data[i] == ']') && depth > 0) {
            depth--;
        }
        if (depth > JSON_DEPTH_MAX) {
            return FALSE;
        }
    }
    return TRUE;
}

json_t *json_body_parse(const char *data, gsize size)
{
    if (!data || !is_flat_enough(data, size)) {
        return NULL;
    }
    json_t *body = json_loadb(data, size, JSON_REJECT_DUPLICATES, NULL);
    if (!json_is_object(body)) {
        g_clear_pointer(&body, json_decref);
    }
    return body;
}

const char *json_text_of(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));

    return text && *text ? text : NULL;
}
