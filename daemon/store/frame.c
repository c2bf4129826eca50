/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "store/frame.h"

#include "base/secret.h"

#include <string.h>

static const guint8 magic[4] = {FRAME_MAGIC_FIRST, 'n', 'f', '1'};

/* On disk. The fields are little-endian; nothing is padded. */
typedef struct Head {
    guint8 magic[4];
    guint32 payload_bytes;
    guint64 sequence;
    guint64 group;
    guint16 place;
    guint16 of;
    guint32 zero;
    guint8 before[FRAME_TAG_BYTES];
    guint8 tag[FRAME_TAG_BYTES];
} Head;

G_STATIC_ASSERT(sizeof(Head) == FRAME_HEAD_BYTES);

#define SIZE_BYTES 4U /* of the payload, before it */
#define OVERHEAD   (FRAME_HEAD_BYTES + SEAL_OVERHEAD + SIZE_BYTES)

static void derive(const guint8 journal_key[32], const char *label, guint8 ret_key[32])
{
    const Piece piece = {label, strlen(label)};

    hmac_sha256(journal_key, &piece, 1, ret_key);
}

void frame_keys_derive(const guint8 journal_key[32], FrameKeys *ret_keys)
{
    guint8 tag[32];

    derive(journal_key, "antara journal seal", ret_keys->seal);
    derive(journal_key, "antara journal tag", tag);
    mac_key_init(&ret_keys->tag, tag);
    secret_wipe(tag, sizeof(tag));
}

gsize frame_size(gsize plain_bytes)
{
    gsize wanted = plain_bytes + OVERHEAD;
    gsize size = FRAME_BYTES_MIN;

    while (size < wanted && size < FRAME_BYTES_LAST) {
        size *= FRAME_BYTES_STEP;
    }
    return size < wanted ? (wanted + size - 1) / size * size : size;
}

gsize frame_payload_max(gsize bytes)
{
    gsize size = FRAME_BYTES_LAST;

    if (bytes >= size) {
        return bytes / size * size - OVERHEAD;
    }
    while (size > bytes && size >= FRAME_BYTES_MIN) {
        size /= FRAME_BYTES_STEP;
    }
    return size < FRAME_BYTES_MIN ? 0 : size - OVERHEAD;
}

static void make_tag(
    const FrameKeys *keys,
    const guint8 *salt,
    const Head *head,
    const guint8 *payload,
    guint8 ret_tag[FRAME_TAG_BYTES])
{
    const Piece pieces[] = {
        {salt, FRAME_SALT_BYTES},
        {head, offsetof(Head, tag)},
        {payload, GUINT32_FROM_LE(head->payload_bytes)}};
    guint8 mac[SHA256_BYTES];

    mac_make(&keys->tag, pieces, G_N_ELEMENTS(pieces), mac);
    memcpy(ret_tag, mac, FRAME_TAG_BYTES);
}

/* What the payload is bound to. */
static void make_bound(guint64 sequence, guint8 ret_bound[8])
{
    sequence = GUINT64_TO_LE(sequence);
    memcpy(ret_bound, &sequence, 8);
}

/* The payload with its size before it and zeros behind it, sealed. */
static gsize seal_padded(
    const FrameKeys *keys,
    guint64 sequence,
    const guint8 *plain,
    gsize plain_bytes,
    guint8 *ret_sealed)
{
    gsize size = frame_size(plain_bytes) - FRAME_HEAD_BYTES - SEAL_OVERHEAD;
    g_autofree guint8 *padded = g_malloc0(size);
    guint32 true_size = GUINT32_TO_LE((guint32)plain_bytes);
    guint8 bound[8];

    memcpy(padded, &true_size, SIZE_BYTES);
    memcpy(padded + SIZE_BYTES, plain, plain_bytes);
    make_bound(sequence, bound);
    seal_close(keys->seal, bound, sizeof(bound), padded, size, ret_sealed);
    return size + SEAL_OVERHEAD;
}

void frame_write(
    const FrameKeys *keys,
    const guint8 salt[FRAME_SALT_BYTES],
    FrameHead *head,
    const guint8 *plain,
    gsize plain_bytes,
    guint8 *ret_frame)
{
    head->payload_bytes = (guint32)seal_padded(
        keys, head->sequence, plain, plain_bytes, ret_frame + FRAME_HEAD_BYTES);
    Head disk = {
        .payload_bytes = GUINT32_TO_LE(head->payload_bytes),
        .sequence = GUINT64_TO_LE(head->sequence),
        .group = GUINT64_TO_LE(head->group),
        .place = GUINT16_TO_LE(head->place),
        .of = GUINT16_TO_LE(head->of),
    };
    memcpy(disk.magic, magic, sizeof(magic));
    memcpy(disk.before, head->before, FRAME_TAG_BYTES);
    make_tag(keys, salt, &disk, ret_frame + FRAME_HEAD_BYTES, head->tag);
    memcpy(disk.tag, head->tag, FRAME_TAG_BYTES);
    memcpy(ret_frame, &disk, sizeof(disk));
}

gboolean frame_read(
    const FrameKeys *keys,
    const guint8 salt[FRAME_SALT_BYTES],
    const guint8 *data,
    gsize size,
    FrameHead *ret_head)
{
    Head disk;
    guint8 tag[FRAME_TAG_BYTES];

    if (size < FRAME_HEAD_BYTES || memcmp(data, magic, sizeof(magic)) != 0) {
        return FALSE;
    }
    memcpy(&disk, data, sizeof(disk));
    gsize payload_bytes = GUINT32_FROM_LE(disk.payload_bytes);
    if (payload_bytes < SEAL_OVERHEAD || payload_bytes > size - FRAME_HEAD_BYTES) {
        return FALSE;
    }
    make_tag(keys, salt, &disk, data + FRAME_HEAD_BYTES, tag);
    if (!secret_equal(tag, disk.tag, FRAME_TAG_BYTES)) {
        return FALSE;
    }
    *ret_head = (FrameHead){
        .payload_bytes = (guint32)payload_bytes,
        .sequence = GUINT64_FROM_LE(disk.sequence),
        .group = GUINT64_FROM_LE(disk.group),
        .place = GUINT16_FROM_LE(disk.place),
        .of = GUINT16_FROM_LE(disk.of),
    };
    memcpy(ret_head->before, disk.before, FRAME_TAG_BYTES);
    memcpy(ret_head->tag, disk.tag, FRAME_TAG_BYTES);
    return TRUE;
}

GBytes *frame_open(const FrameKeys *keys, const FrameHead *head, const guint8 *data)
{
    gsize padded_bytes = head->payload_bytes - SEAL_OVERHEAD;
    g_autofree guint8 *padded = g_malloc(padded_bytes + 1);
    guint8 bound[8];
    guint32 size = 0;

    make_bound(head->sequence, bound);
    if (!seal_open(
            keys->seal, bound, sizeof(bound), data + FRAME_HEAD_BYTES, head->payload_bytes,
            padded) ||
        padded_bytes < SIZE_BYTES) {
        return NULL;
    }
    memcpy(&size, padded, SIZE_BYTES);
    size = GUINT32_FROM_LE(size);
    return size <= padded_bytes - SIZE_BYTES ? g_bytes_new(padded + SIZE_BYTES, size) : NULL;
}
