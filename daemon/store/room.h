/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * room.h - disk room claimed behind the table's end before it is needed
 *
 * GDBM answers nothing after one failed write, so none may meet a full disk.
 */

#include "base/lock.h"
#include "store/files.h"

#define ROOM_STEP_BYTES ((goffset)16 * 1024 * 1024)
#define ROOM_RESERVE_BYTES                                                                         \
    ((goffset)4 * 1024 * 1024) /* kept for revocations while nothing more can be claimed */
#define ROOM_WRITE_BYTES                                                                           \
    ((goffset)64 *                                                                                 \
     1024) /* that one replaced record may make the table grow: a split directory, buckets */

typedef struct Room {
    const StoreFiles *files;
    int fd; /* of the table; set before the first claim */
    Lock lock;
    goffset claimed; /* the table may grow up to here */
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
