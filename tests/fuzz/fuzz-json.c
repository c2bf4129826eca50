/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * fuzz-json.c - bodies of JSON: what is taken is an object, flat enough, of whole UTF-8, and reads
 * the same once more
 */

#include "http/json.h"

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_value(const json_t *value, guint depth);

static void check_object(const json_t *object, guint depth)
{
    const char *name = NULL;
    json_t *value = NULL;

    json_object_foreach((json_t *)object, name, value)
    {
        const char *text = json_text_of(object, name);
        g_assert(g_utf8_validate(name, -1, NULL));
        g_assert(!text || (*text && text == json_string_value(value)));
        check_value(value, depth);
    }
}

/* @depth: how many arrays and objects are around it. */
static void check_value(const json_t *value, guint depth)
{
    const char *text = json_string_value(value);
    json_t *item = NULL;
    gsize i = 0;

    if (text) {
        g_assert(strlen(text) == json_string_length(value) && g_utf8_validate(text, -1, NULL));
    } else if (json_is_object(value)) {
        g_assert(depth < JSON_DEPTH_MAX);
        check_object(value, depth + 1);
    } else if (json_is_array(value)) {
        g_assert(depth < JSON_DEPTH_MAX);
        json_array_foreach(value, i, item)
        {
            check_value(item, depth + 1);
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    json_t *body = json_body_parse((const char *)data, size);

    if (body) {
        g_assert(json_is_object(body));
        check_value(body, 0);
        char *again = json_dumps(body, JSON_COMPACT);
        json_t *same = json_body_parse(again, strlen(again));
        g_assert(same && json_equal(body, same));
        json_decref(same);
        free(again);
        json_decref(body);
    }
    return 0;
}
