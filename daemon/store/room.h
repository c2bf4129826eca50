/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * room.h - disk room claimed behind the table's end before it is needed
 *
 * GDBM answers nothing after one failed write, so none may meet a full disk.
 */

#include "base/lock.h"
#include "store/files.h"
#include "store/write-back.h"

#define ROOM_STEP_BYTES ((goffset)16 * 1024 * 1024)
#define ROOM_RESERVE_BYTES                                                                         \
    ((goffset)4 * 1024 * 1024) /* kept for revocations while nothing more can be claimed */
#define ROOM_WRITE_BYTES                                                                           \
    ((goffset)64 *                                                                                 \
     1024) /* that one replaced record may make the table grow: a split directory, buckets */

/* By which the table may grow with so many writes of so many bytes in all. */
#define ROOM_GROWTH(writes, bytes)                                                                 \
    ((goffset)(writes) * (ROOM_WRITE_BYTES / 8) + ROOM_WRITE_BYTES + 2 * (goffset)(bytes))
#define ROOM_WAITING_BYTES                                                                         \
    ROOM_GROWTH(WRITE_BACK_MAX, WRITE_BACK_BYTES_MAX) /* that the table has yet to take */

typedef struct Room {
    const StoreFiles *files;
    int fd; /* of the table; set before the first claim */
    Lock lock;
    goffset claimed; /* the table may grow up to here */
    goffset size;    /* of the table, when it was last looked at */
    goffset end;     /* where the table ends at most, with all that was granted */
    goffset last;    /* the growth that was granted last, which may be still to come */
    gint is_short;   /* atomic: the last claim failed */
} Room;

void room_init(Room *room, const StoreFiles *files);
void room_clear(Room *room);

/**
 * room_claim() - see to room for some writes; any thread
 * @bytes: of the records' values
 * @revoking: may use the reserve
 *
 * Returns: FALSE when the disk is full; asking again later may help.
 */
gboolean room_claim(Room *room, gsize n_writes, gsize bytes, gboolean revoking);

/* TRUE while the last claim failed. Any thread. */
gboolean room_is_short(const Room *room);
