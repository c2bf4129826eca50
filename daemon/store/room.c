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

/* Often long before the end that is reckoned with. */
static gboolean find_end(Room *room)
{
    struct stat status;

    if (fstat(room->fd, &status) < 0) {
        return FALSE;
    }
    room->size = status.st_size;
    room->end = room->size + ROOM_WAITING_BYTES + room->last;
    return TRUE;
}

static gboolean claim_up_to(Room *room, goffset wanted)
{
    gboolean claimed = room->files->claim(room->fd, room->size, wanted - room->size) == 0;

    if (claimed) {
        room->claimed = wanted;
    }
    return claimed;
}

/* For many writes to come. */
static gboolean claim_step(Room *room, goffset growth)
{
    gboolean claimed = claim_up_to(room, room->end + growth + ROOM_STEP_BYTES);

    __atomic_store_n(&room->is_short, !claimed, __ATOMIC_RELEASE);
    return claimed;
}

/* From the reserve, or what the disk has still: a start on a full disk finds nothing claimed. */
static gboolean claim_last(Room *room, goffset growth)
{
    return room->end + growth <= room->claimed || claim_up_to(room, room->end + growth);
}

static gboolean is_granted(Room *room, goffset growth, gboolean revoking)
{
    if (room->end + growth + ROOM_RESERVE_BYTES <= room->claimed) {
        return TRUE;
    }
    return find_end(room) && (room->end + growth + ROOM_RESERVE_BYTES <= room->claimed ||
                              claim_step(room, growth) || (revoking && claim_last(room, growth)));
}

gboolean room_claim(Room *room, gsize n_writes, gsize bytes, gboolean revoking)
{
    goffset growth = ROOM_GROWTH(n_writes, bytes);
    LOCKED(&room->lock);

    if (!is_granted(room, growth, revoking)) {
        return FALSE;
    }
    if (n_writes > 0) { /* others only see to room, while a commit may be under way */
        room->end += growth;
        room->last = growth;
    }
    return TRUE;
}

gboolean room_is_short(const Room *room)
{
    return __atomic_load_n(&room->is_short, __ATOMIC_ACQUIRE);
}
