/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "base/id.h"

#include "base/text.h"

#include <string.h>

gboolean id_equal(const Id *a, const Id *b)
{
    return memcmp(a->bytes, b->bytes, ID_BYTES) == 0;
}

gboolean id_is_none(const Id *id)
{
    return id_equal(id, &ID_NONE);
}

/* All bytes are random, so any of them will do. */
guint id_table_hash(gconstpointer id)
{
    guint hash = 0;

    memcpy(&hash, ((const Id *)id)->bytes, sizeof(hash));
    return hash;
}

gboolean id_table_equal(gconstpointer a, gconstpointer b)
{
    return id_equal(a, b);
}

void id_to_text(const Id *id, char ret_text[ID_TEXT_CHARS + 1])
{
    g_autofree char *text = base64url_encode(id->bytes, ID_BYTES);

    memcpy(ret_text, text, ID_TEXT_CHARS + 1);
}

gboolean id_from_text(const char *text, Id *ret_id)
{
    Id id;
    gsize size = 0;

    if (!text || strlen(text) != ID_TEXT_CHARS ||
        !base64url_decode(text, ID_TEXT_CHARS, id.bytes, ID_BYTES, &size) || size != ID_BYTES) {
        return FALSE;
    }
    *ret_id = id;
    return TRUE;
}
