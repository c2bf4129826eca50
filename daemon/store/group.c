/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "store/group.h"

#include <string.h>

void pending_free(gpointer data)
{
    Pending *pending = data;

    g_bytes_unref(pending->plain);
    g_free(pending);
}

GPtrArray *group_take(GQueue *pending, gsize room)
{
    GPtrArray *group = g_ptr_array_new_with_free_func(pending_free);

    for (Pending *first; (first = g_queue_peek_head(pending)) && group->len < GROUP_FRAMES_MAX;) {
        gsize size = frame_size(g_bytes_get_size(first->plain));
        if (size > room) {
            break;
        }
        room -= size;
        g_ptr_array_add(group, g_queue_pop_head(pending));
    }
    return group;
}

GByteArray *group_frames(
    const GPtrArray *group,
    const FrameKeys *keys,
    const guint8 salt[FRAME_SALT_BYTES],
    JournalPlace *place)
{
    GByteArray *out = g_byte_array_new();

    place->group++;
    for (guint i = 0; i < group->len; i++) {
        const Pending *pending = group->pdata[i];
        gsize size = 0;
        const guint8 *plain = g_bytes_get_data(pending->plain, &size);
        guint at = out->len;
        FrameHead head = {
            .sequence = pending->sequence,
            .group = place->group,
            .place = (guint16)i,
            .of = (guint16)group->len};
        memcpy(head.before, place->tag, FRAME_TAG_BYTES);
        g_byte_array_set_size(out, at + (guint)frame_size(size));
        frame_write(keys, salt, &head, plain, size, out->data + at);
        memcpy(place->tag, head.tag, FRAME_TAG_BYTES);
        place->sequence = head.sequence;
    }
    return out;
}
