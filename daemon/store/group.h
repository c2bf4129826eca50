/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* group.h - the commits that share one write and one sync */

#include "store/journal.h"

#define GROUP_FRAMES_MAX 1024U

/* A commit that waits to be written. */
typedef struct Pending {
    guint64 sequence;
    GBytes *plain;
} Pending;

void pending_free(gpointer data);

/* Takes what goes into one write: at most GROUP_FRAMES_MAX frames, and no more than a segment
 * still holds: @room bytes. Maybe none. (transfer full): frees its elements. */
GPtrArray *group_take(GQueue *pending, gsize room);

/* (transfer full): the frames, one behind the other; @place goes on, but for its segment's end. */
GByteArray *group_frames(
    const GPtrArray *group,
    const FrameKeys *keys,
    const guint8 salt[FRAME_SALT_BYTES],
    JournalPlace *place);
