/* SPDX-License-Identifier: GPL-3.0-or-later */

/* html-place.c - one step for each byte; what we do not understand, we do not allow */

#include "http/html-place.h"

#include "base/error.h"

static const char *const links[] = {"href", "action", "formaction", "src", "content", NULL};
static const char *const forbidden_tags[] = {"script", "style", "template", "iframe", NULL};
static const char *const forbidden_attributes[] = {"style", "srcdoc", "srcset", NULL};

static gboolean refuse(GError **error, const char *what, const char *name)
{
    g_set_error(error, ANTARA_ERROR, ANTARA_ERROR_FAILED, "%s in a template: \"%s\"", what, name);
    return FALSE;
}

static void name_begin(HtmlPlace *place, HtmlState state)
{
    place->state = state;
    place->name[0] = '\0';
    place->name_bytes = 0;
}

static gboolean name_add(HtmlPlace *place, char byte, GError **error)
{
    if (place->name_bytes == HTML_NAME_BYTES_MAX) {
        return refuse(error, "a name too long", place->name);
    }
    place->name[place->name_bytes++] = g_ascii_tolower(byte);
    place->name[place->name_bytes] = '\0';
    return TRUE;
}

static gboolean tag_is_taken(const HtmlPlace *place, GError **error)
{
    if (g_strv_contains(forbidden_tags, place->name) || g_str_has_prefix(place->name, "!--")) {
        return refuse(error, "a tag that we do not use", place->name);
    }
    return TRUE;
}

static gboolean attribute_is_taken(const HtmlPlace *place, GError **error)
{
    if (g_strv_contains(forbidden_attributes, place->name) || g_str_has_prefix(place->name, "on")) {
        return refuse(error, "an attribute that we do not use", place->name);
    }
    return TRUE;
}

static gboolean step_in_open(HtmlPlace *place, char byte, GError **error)
{
    if (byte != '>' && !g_ascii_isspace(byte)) {
        return name_add(place, byte, error);
    }
    place->state = byte == '>' ? HTML_TEXT : HTML_TAG;
    return tag_is_taken(place, error);
}

static gboolean step_in_name(HtmlPlace *place, char byte, GError **error)
{
    if (byte == '=') {
        place->state = HTML_EQUALS;
        return attribute_is_taken(place, error);
    }
    if (byte == '>' || g_ascii_isspace(byte)) {
        place->state = byte == '>' ? HTML_TEXT : HTML_TAG;
        return attribute_is_taken(place, error);
    }
    return name_add(place, byte, error);
}

static gboolean step_in_tag(HtmlPlace *place, char byte, GError **error)
{
    if (byte == '>') {
        place->state = HTML_TEXT;
        return TRUE;
    }
    if (g_ascii_isspace(byte)) {
        return TRUE;
    }
    name_begin(place, HTML_NAME);
    return name_add(place, byte, error);
}

static gboolean step(HtmlPlace *place, char byte, GError **error)
{
    switch (place->state) {
    case HTML_TEXT:
        if (byte == '<') {
            name_begin(place, HTML_OPEN);
        }
        return TRUE;
    case HTML_OPEN:
        return step_in_open(place, byte, error);
    case HTML_TAG:
        return step_in_tag(place, byte, error);
    case HTML_NAME:
        return step_in_name(place, byte, error);
    case HTML_EQUALS:
        if (byte != '"') {
            return refuse(error, "a value without double quotes", place->name);
        }
        place->state = HTML_VALUE;
        return TRUE;
    case HTML_VALUE:
        if (byte == '"') {
            place->state = HTML_TAG;
        }
        return TRUE;
    }
    g_assert_not_reached();
}

gboolean html_place_feed(HtmlPlace *place, const char *text, gsize size, GError **error)
{
    for (gsize i = 0; i < size; i++) {
        if (!step(place, text[i], error)) {
            return FALSE;
        }
    }
    return TRUE;
}

gboolean html_place_is_link(const HtmlPlace *place)
{
    return place->state == HTML_VALUE && g_strv_contains(links, place->name);
}
