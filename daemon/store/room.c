/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "store/room.h"

#include <sys/stat.h>

void room_init(Room *room, const StoreFiles *files)
{
    *room = (Room){.files = files, .fd = -1};
    g_assert(pthread_mutex_init(&room->lock, NULL) == 0);
}

void room_clear(Room *room)
{
    (void)pthread_mutex_destroy(&room->lock);
}

gboolean room_claim(Room *room, gsize n_writes, gsize bytes, gboolean revoking)
{
    struct stat status;
    LOCKED(&room->lock);

    if (fstat(room->fd, &status) < 0) {
        return FALSE;
    }
    goffset growth = (goffset)n_writes * (ROOM_WRITE_BYTES / 8) + ROOM_WRITE_BYTES;
    goffset needed = status.st_size + growth + 2 * (goffset)bytes;
    if (needed + ROOM_RESERVE_BYTES <= room->claimed) {
        return TRUE;
    }
    goffset wanted = needed + ROOM_STEP_BYTES;
    gboolean claimed = room->files->claim(room->fd, status.st_size, wanted - status.st_size) == 0;
    __atomic_store_n(&room->is_short, !claimed, __ATOMIC_RELEASE);
    if (claimed) {
        room->claimed = wanted;
        return TRUE;
    }
    return revoking && needed <= room->claimed;
}

gboolean room_is_short(const Room *room)
{
    return __atomic_load_n(&room->is_short, __ATOMIC_ACQUIRE);
}
