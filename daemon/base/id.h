/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* id.h - 128 random bits that name one record; never told outside, but as a slug or a client id */

#include <glib.h>

#define ID_BYTES      16U
#define ID_TEXT_CHARS 22U /* base64url without padding, without the NUL */

typedef struct Id {
    guint8 bytes[ID_BYTES];
} Id;

#define ID_NONE ((Id){{0}})

/* Ids are no secrets: plain comparison. */
gboolean id_equal(const Id *a, const Id *b);
gboolean id_is_none(const Id *id);

/* For a GHashTable whose keys are Id *. */
guint id_table_hash(gconstpointer id);
gboolean id_table_equal(gconstpointer a, gconstpointer b);

/* Writes the id's text, ID_TEXT_CHARS and a NUL. */
void id_to_text(const Id *id, char ret_text[ID_TEXT_CHARS + 1]);

/**
 * id_from_text() - read an id
 * @text: untrusted, NUL-terminated, may be NULL
 *
 * Returns: FALSE, with @ret_id untouched, unless @text is the one canonical spelling of an id.
 */
gboolean id_from_text(const char *text, Id *ret_id);
