/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "store/value.h"

#include "base/clock.h"
#include "base/error.h"
#include "crypto/digest.h"
#include "crypto/seal.h"

#include <string.h>

typedef struct Desk {
    Keyring *keyring;
    ValueKeys keys;
    Address address;
    guint8 key[TABLE_KEY_BYTES];
    GBytes *plain;
    GBytes *sealed;
} Desk;

#define WORDS       "alice@example.org, in a record of some length"
#define EXPIRES     (USEC_PER_HOUR * 500000 + 17)
#define CLEAR_BYTES 11U

static void set_up(Desk *desk, G_GNUC_UNUSED gconstpointer data)
{
    desk->keyring = keyring_new();
    g_assert_true(value_keys_init(&desk->keys, desk->keyring, KEYRING_SYSTEM, NULL));
    address_init(&desk->address, KEYRING_SYSTEM, 7, "somebody", 8);
    value_key(&desk->keys, &desk->address, desk->key);
    desk->plain = g_bytes_new_static(WORDS, strlen(WORDS));
    desk->sealed = value_seal(&desk->keys, &desk->address, desk->key, desk->plain, EXPIRES);
}

static void tear_down(Desk *desk, G_GNUC_UNUSED gconstpointer data)
{
    g_bytes_unref(desk->sealed);
    g_bytes_unref(desk->plain);
    address_clear(&desk->address);
    keyring_free(desk->keyring);
}

static void what_was_sealed_opens(Desk *desk, G_GNUC_UNUSED gconstpointer data)
{
    gint64 expires = 0;
    g_autoptr(GBytes) plain = value_open(&desk->keys, &desk->address, desk->sealed, &expires, NULL);

    g_assert_true(g_bytes_equal(plain, desk->plain));
    g_assert_cmpint(expires, ==, EXPIRES);
    g_assert_cmpuint(g_bytes_get_size(desk->sealed), ==, value_size(&desk->address, strlen(WORDS)));
}

static void every_changed_byte_is_refused(Desk *desk, G_GNUC_UNUSED gconstpointer data)
{
    gsize size = 0;
    const guint8 *bytes = g_bytes_get_data(desk->sealed, &size);
    /* A change of the sealed address shows when it is asked for. */
    gsize skip_to = CLEAR_BYTES + desk->address.size + 28;

    for (gsize at = 0; at < size; at++) {
        guint8 *copy = g_memdup2(bytes, size);
        gint64 expires = 0;
        copy[at] ^= 1;
        g_autoptr(GBytes) changed = g_bytes_new_take(copy, size);
        g_auto(Address) address = {0};
        g_autoptr(GBytes) plain = value_open(&desk->keys, &desk->address, changed, &expires, NULL);
        if (at < CLEAR_BYTES || at >= skip_to) {
            g_assert_null(plain);
        }
        if (at < skip_to) {
            g_assert_false(value_address(&desk->keys, desk->key, changed, &address));
        }
    }
}

static void every_cut_value_is_refused(Desk *desk, G_GNUC_UNUSED gconstpointer data)
{
    for (gsize size = 0; size < g_bytes_get_size(desk->sealed); size++) {
        g_autoptr(GBytes) cut = g_bytes_new_from_bytes(desk->sealed, 0, size);
        g_autoptr(GError) error = NULL;
        gint64 expires = 0;
        g_assert_null(value_open(&desk->keys, &desk->address, cut, &expires, &error));
        g_assert_error(error, ANTARA_ERROR, ANTARA_ERROR_DAMAGED);
    }
}

static void a_value_moved_elsewhere_does_not_open(Desk *desk, G_GNUC_UNUSED gconstpointer data)
{
    g_auto(Address) kind = {0};
    g_auto(Address) id = {0};
    gint64 expires = 0;

    address_init(&kind, KEYRING_SYSTEM, 8, "somebody", 8);
    address_init(&id, KEYRING_SYSTEM, 7, "somebodz", 8);
    g_assert_null(value_open(&desk->keys, &kind, desk->sealed, &expires, NULL));
    g_assert_null(value_open(&desk->keys, &id, desk->sealed, &expires, NULL));
}

static void the_address_is_found_from_the_place_alone(Desk *desk, G_GNUC_UNUSED gconstpointer data)
{
    g_auto(Address) found = {0};

    g_assert_true(value_address(&desk->keys, desk->key, desk->sealed, &found));
    g_assert_cmpmem(found.bytes, found.size, desk->address.bytes, desk->address.size);
}

/* As if the MACs of two addresses began with the same 16 bytes: what would then stand there. */
static void
another_address_at_this_place_is_told_from_damage(Desk *desk, G_GNUC_UNUSED gconstpointer data)
{
    g_autoptr(GError) error = NULL;
    g_auto(Address) other = {0};
    guint8 place[TABLE_KEY_BYTES];
    guint8 key[32];
    gint64 expires = 0;
    gsize size = 0;
    guint8 *bytes = g_bytes_unref_to_data(g_steal_pointer(&desk->sealed), &size);

    address_init(&other, KEYRING_SYSTEM, 7, "somebodz", 8);
    value_key(&desk->keys, &other, place);
    const Piece pieces[] = {{"place", sizeof("place")}, {place, sizeof(place)}};
    mac_make(desk->keys.data, pieces, G_N_ELEMENTS(pieces), key);
    seal_close(
        key, bytes, CLEAR_BYTES, desk->address.bytes, desk->address.size, bytes + CLEAR_BYTES);
    desk->sealed = g_bytes_new_take(bytes, size);
    g_assert_null(value_open(&desk->keys, &other, desk->sealed, &expires, &error));
    g_assert_nonnull(strstr(error->message, "stands where another belongs"));
}

static void nothing_but_the_hour_of_expiry_is_clear(Desk *desk, G_GNUC_UNUSED gconstpointer data)
{
    gsize size = 0;
    const guint8 *bytes = g_bytes_get_data(desk->sealed, &size);
    guint32 hour = 0;

    memcpy(&hour, bytes + 5, sizeof(hour));
    g_assert_cmpuint(GUINT32_FROM_LE(hour), ==, 500001);
    g_assert_null(memmem(bytes, size, "somebody", 8));
    g_assert_null(memmem(bytes, size, "alice", 5));
}

static void the_same_bytes_never_look_the_same(Desk *desk, G_GNUC_UNUSED gconstpointer data)
{
    g_autoptr(GBytes) again =
        value_seal(&desk->keys, &desk->address, desk->key, desk->plain, EXPIRES);

    g_assert_false(g_bytes_equal(again, desk->sealed));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define PROMISE(name) g_test_add("/store/value/" #name, Desk, NULL, set_up, name, tear_down)
    PROMISE(what_was_sealed_opens);
    PROMISE(every_changed_byte_is_refused);
    PROMISE(every_cut_value_is_refused);
    PROMISE(a_value_moved_elsewhere_does_not_open);
    PROMISE(the_address_is_found_from_the_place_alone);
    PROMISE(another_address_at_this_place_is_told_from_damage);
    PROMISE(nothing_but_the_hour_of_expiry_is_clear);
    PROMISE(the_same_bytes_never_look_the_same);
    return g_test_run();
}
