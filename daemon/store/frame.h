/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * frame.h - one commit in the journal
 *
 * Little-endian: magic (4), payload's size (4), sequence (8), group (8), place in the group and the
 * group's number of frames (2, 2), 4 zero, tag of the frame before (16), own tag (16); then,
 * sealed as a whole, the payload's true size (4), the payload, zeros. Each tag is an HMAC-SHA256,
 * cut, over the segment's salt and all of the frame but the tag: each frame verifies alone, all
 * chain.
 *
 * Frames have few sizes. Who has the journal and knows when a person was at two apps would else
 * join them by the length of an email, or by how many apps there are in a list.
 */

#include "crypto/keyring.h"
#include "crypto/seal.h"

#define FRAME_MAGIC_FIRST 'a'
#define FRAME_TAG_BYTES   16U
#define FRAME_HEAD_BYTES  64U
#define FRAME_SALT_BYTES  16U

/*
 * A whole frame has the first of these sizes that holds it: 448, 1,792, 7,168, 28,672, then
 * multiples of the last. What a token costs is below 1,792 and what a sign-in costs is above, for
 * whomever: a size that lay among those of one request would tell them apart.
 */
#define FRAME_BYTES_MIN  448U
#define FRAME_BYTES_STEP 4U
#define FRAME_BYTES_LAST ((gsize)28672)
#define FRAME_BYTES_MAX  ((gsize)8 * 1024 * 1024)

/* Keys of the journal, drawn from KEY_JOURNAL. */
typedef struct FrameKeys {
    guint8 seal[32];
    MacKey tag;
} FrameKeys;

typedef struct FrameHead {
    guint32 payload_bytes; /* sealed */
    guint64 sequence;
    guint64 group;
    guint16 place; /* in its group, from 0 */
    guint16 of;
    guint8 before[FRAME_TAG_BYTES];
    guint8 tag[FRAME_TAG_BYTES];
} FrameHead;

void frame_keys_derive(const guint8 journal_key[32], FrameKeys *ret_keys);

/* Of a frame with @plain_bytes of payload. */
gsize frame_size(gsize plain_bytes);
/* The longest payload of a frame of @bytes at most; 0: there is none so small. */
gsize frame_payload_max(gsize bytes);

/* Writes a whole frame to @ret_frame, and its tag into @head. payload_bytes is filled in. */
void frame_write(
    const FrameKeys *keys,
    const guint8 salt[FRAME_SALT_BYTES],
    FrameHead *head,
    const guint8 *plain,
    gsize plain_bytes,
    guint8 *ret_frame);

/* FALSE unless a whole frame of this segment stands at the start of @data. */
gboolean frame_read(
    const FrameKeys *keys,
    const guint8 salt[FRAME_SALT_BYTES],
    const guint8 *data,
    gsize size,
    FrameHead *ret_head);

/* (transfer full): the payload of a frame that frame_read() has found good; NULL when it doesn't
 * open. */
GBytes *frame_open(const FrameKeys *keys, const FrameHead *head, const guint8 *data);
