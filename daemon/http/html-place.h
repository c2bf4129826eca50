/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * html-place.h - where in a page the next byte of a template stands
 *
 * Not a parser of HTML: it knows just enough to tell text from a quoted attribute value, and
 * refuses in our own templates whatever would make escaping depend on more than that: scripts,
 * styles, comments, unquoted and single-quoted values.
 */

#include <glib.h>

typedef enum HtmlState {
    HTML_TEXT = 0, /* between tags */
    HTML_OPEN,     /* in a tag's name */
    HTML_TAG,      /* in a tag, outside any value */
    HTML_NAME,     /* in an attribute's name */
    HTML_EQUALS,   /* behind its equals sign */
    HTML_VALUE,    /* in its quoted value */
} HtmlState;

#define HTML_NAME_BYTES_MAX 24U

typedef struct HtmlPlace {
    HtmlState state;
    char name[HTML_NAME_BYTES_MAX + 1]; /* of the tag or the attribute, as far as read */
    gsize name_bytes;
} HtmlPlace;

/* Goes on over @size bytes of a template's own text. FALSE sets an error that says what is not
 * taken. */
gboolean html_place_feed(HtmlPlace *place, const char *text, gsize size, GError **error);

/* TRUE in the value of an attribute that a browser follows or loads. */
gboolean html_place_is_link(const HtmlPlace *place);
