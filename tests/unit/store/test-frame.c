/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "store/frame.h"

#include <string.h>

#define WORDS "what a commit does to the table"

typedef struct Desk {
    FrameKeys keys;
    guint8 salt[FRAME_SALT_BYTES];
    FrameHead head;
    gsize size;
    guint8 *bytes;
} Desk;

static void set_up(Desk *desk, G_GNUC_UNUSED gconstpointer data)
{
    frame_keys_derive((const guint8[32]){1, 2, 3}, &desk->keys);
    memset(desk->salt, 7, sizeof(desk->salt));
    desk->head = (FrameHead){.sequence = 41, .group = 12, .place = 2, .of = 5, .before = {9}};
    desk->size = frame_size(strlen(WORDS));
    desk->bytes = g_malloc(desk->size);
    frame_write(
        &desk->keys, desk->salt, &desk->head, (const guint8 *)WORDS, strlen(WORDS), desk->bytes);
}

static void tear_down(Desk *desk, G_GNUC_UNUSED gconstpointer data)
{
    g_free(desk->bytes);
}

static void what_was_written_is_read(Desk *desk, G_GNUC_UNUSED gconstpointer data)
{
    FrameHead head;

    g_assert_true(frame_read(&desk->keys, desk->salt, desk->bytes, desk->size, &head));
    g_assert_cmpuint(head.sequence, ==, 41);
    g_assert_cmpuint(head.group, ==, 12);
    g_assert_cmpuint(head.place, ==, 2);
    g_assert_cmpuint(head.of, ==, 5);
    g_assert_cmpmem(head.before, FRAME_TAG_BYTES, desk->head.before, FRAME_TAG_BYTES);
    g_assert_cmpmem(head.tag, FRAME_TAG_BYTES, desk->head.tag, FRAME_TAG_BYTES);
    g_autoptr(GBytes) plain = frame_open(&desk->keys, &head, desk->bytes);
    g_assert_cmpmem(g_bytes_get_data(plain, NULL), g_bytes_get_size(plain), WORDS, strlen(WORDS));
}

static void sizes_are_few_and_hold_what_they_must(G_GNUC_UNUSED Desk *desk, gconstpointer data)
{
    const gsize sizes[] = {448, 1792, 7168, 28672, 2 * 28672, 3 * 28672};
    gsize plain = 0;

    (void)data;
    for (gsize i = 0; i < G_N_ELEMENTS(sizes); i++) {
        for (; plain <= frame_payload_max(sizes[i]); plain++) {
            g_assert_cmpuint(frame_size(plain), ==, sizes[i]);
        }
        g_assert_cmpuint(frame_size(plain), >, sizes[i]);
        g_assert_cmpuint(frame_payload_max(sizes[i] + 1), ==, frame_payload_max(sizes[i]));
        g_assert_cmpuint(frame_payload_max(sizes[i] - 1), <, frame_payload_max(sizes[i]));
    }
    g_assert_cmpuint(frame_payload_max(447), ==, 0);
}

static void a_size_beyond_its_end_is_refused(Desk *desk, G_GNUC_UNUSED gconstpointer data)
{
    const guint8 lie[8] = {5, 0, 0, 0}; /* four bytes follow */
    const guint8 bound[8] = {41};
    guint8 sealed[sizeof(lie) + SEAL_OVERHEAD];
    FrameHead head = {.sequence = 41, .payload_bytes = sizeof(sealed)};
    g_autofree guint8 *frame = g_malloc0(FRAME_HEAD_BYTES + sizeof(sealed));

    seal_close(desk->keys.seal, bound, sizeof(bound), lie, sizeof(lie), sealed);
    memcpy(frame + FRAME_HEAD_BYTES, sealed, sizeof(sealed));
    g_assert_null(frame_open(&desk->keys, &head, frame));

    seal_close(desk->keys.seal, bound, sizeof(bound), lie, 3, sealed);
    head.payload_bytes = 3 + SEAL_OVERHEAD;
    memcpy(frame + FRAME_HEAD_BYTES, sealed, head.payload_bytes);
    g_assert_null(frame_open(&desk->keys, &head, frame));
}

static void every_changed_byte_is_refused(Desk *desk, G_GNUC_UNUSED gconstpointer data)
{
    FrameHead head;

    for (gsize at = 0; at < desk->size; at++) {
        desk->bytes[at] ^= 1;
        g_assert_false(frame_read(&desk->keys, desk->salt, desk->bytes, desk->size, &head));
        desk->bytes[at] ^= 1;
    }
}

static void every_cut_frame_is_refused(Desk *desk, G_GNUC_UNUSED gconstpointer data)
{
    FrameHead head;

    for (gsize size = 0; size < desk->size; size++) {
        g_autofree guint8 *exact = g_memdup2(desk->bytes, size); /* reading behind it would show */
        g_assert_false(frame_read(&desk->keys, desk->salt, exact, size, &head));
    }
}

static void a_frame_of_another_segment_is_refused(Desk *desk, G_GNUC_UNUSED gconstpointer data)
{
    FrameHead head;

    desk->salt[3] ^= 1;
    g_assert_false(frame_read(&desk->keys, desk->salt, desk->bytes, desk->size, &head));
}

static void a_frame_of_another_store_is_refused(Desk *desk, G_GNUC_UNUSED gconstpointer data)
{
    FrameHead head;

    frame_keys_derive((const guint8[32]){1, 2, 4}, &desk->keys);
    g_assert_false(frame_read(&desk->keys, desk->salt, desk->bytes, desk->size, &head));
}

static void nothing_of_the_payload_is_clear(Desk *desk, G_GNUC_UNUSED gconstpointer data)
{
    g_assert_null(memmem(desk->bytes, desk->size, "commit", 6));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define PROMISE(name) g_test_add("/store/frame/" #name, Desk, NULL, set_up, name, tear_down)
    PROMISE(what_was_written_is_read);
    PROMISE(sizes_are_few_and_hold_what_they_must);
    PROMISE(a_size_beyond_its_end_is_refused);
    PROMISE(every_changed_byte_is_refused);
    PROMISE(every_cut_frame_is_refused);
    PROMISE(a_frame_of_another_segment_is_refused);
    PROMISE(a_frame_of_another_store_is_refused);
    PROMISE(nothing_of_the_payload_is_clear);
    return g_test_run();
}
