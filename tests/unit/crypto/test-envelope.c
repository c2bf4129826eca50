/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "crypto/envelope.h"

#include <string.h>

#define EMAIL "alice@example.org"

typedef struct Desk {
    Keyring *keyring;
    Kek *kek;
    Keks *keks;
    GBytes *bound;
    GBytes *sealed;
} Desk;

static void set_up(Desk *desk, G_GNUC_UNUSED gconstpointer data)
{
    desk->kek = kek_from_bytes((const guint8[KEK_BYTES]){1});
    desk->keyring = keyring_new();
    desk->keks = keks_new(desk->keyring, desk->kek);
    desk->bound = g_bytes_new_static("acme account 1", 14);
    desk->sealed = envelope_close(desk->keks, desk->bound, EMAIL);
}

static void tear_down(Desk *desk, G_GNUC_UNUSED gconstpointer data)
{
    keks_free(desk->keks);
    keyring_free(desk->keyring);
    kek_unref(desk->kek);
    g_bytes_unref(desk->bound);
    g_bytes_unref(desk->sealed);
}

static void an_email_opens_where_it_belongs(Desk *desk, G_GNUC_UNUSED gconstpointer data)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *email = envelope_open(desk->keks, desk->bound, desk->sealed, &error);

    g_assert_no_error(error);
    g_assert_cmpstr(email, ==, EMAIL);
}

static void nothing_of_it_stands_in_clear(Desk *desk, G_GNUC_UNUSED gconstpointer data)
{
    gsize size = 0;
    const void *bytes = g_bytes_get_data(desk->sealed, &size);

    g_assert_null(memmem(bytes, size, "alice", 5));
    g_assert_null(memmem(bytes, size, "example", 7));
}

static void none_tells_its_length(Desk *desk, G_GNUC_UNUSED gconstpointer data)
{
    g_autofree char *longest = g_strnfill(ENVELOPE_EMAIL_BYTES, 'x');
    g_autoptr(GBytes) sealed = envelope_close(desk->keks, desk->bound, longest);
    g_autofree char *email = envelope_open(desk->keks, desk->bound, sealed, NULL);

    g_assert_cmpstr(email, ==, longest);
    g_assert_cmpuint(g_bytes_get_size(sealed), ==, g_bytes_get_size(desk->sealed));
}

static void it_does_not_open_elsewhere(Desk *desk, G_GNUC_UNUSED gconstpointer data)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GBytes) elsewhere = g_bytes_new_static("acme account 2", 14);

    g_assert_null(envelope_open(desk->keks, elsewhere, desk->sealed, &error));
    g_assert_nonnull(error);
}

static void another_kek_is_told_which_one_is_needed(Desk *desk, G_GNUC_UNUSED gconstpointer data)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(Kek) other = kek_from_bytes((const guint8[KEK_BYTES]){2});
    g_autoptr(Keks) others = keks_new(desk->keyring, other);

    g_assert_null(envelope_open(others, desk->bound, desk->sealed, &error));
    g_assert_nonnull(strstr(error->message, kek_id(desk->kek)));
}

static void no_bit_can_change(Desk *desk, G_GNUC_UNUSED gconstpointer data)
{
    gsize size = 0;
    const guint8 *bytes = g_bytes_get_data(desk->sealed, &size);

    for (gsize bit = 0; bit < size * 8; bit++) {
        g_autofree guint8 *copy = g_memdup2(bytes, size);
        copy[bit / 8] ^= (guint8)(1U << bit % 8);
        g_autoptr(GBytes) changed = g_bytes_new(copy, size);
        g_assert_null(envelope_open(desk->keks, desk->bound, changed, NULL));
    }
}

static void no_byte_can_be_missing(Desk *desk, G_GNUC_UNUSED gconstpointer data)
{
    gsize size = g_bytes_get_size(desk->sealed);

    for (gsize cut = 0; cut < size; cut++) {
        g_autoptr(GBytes) shorter = g_bytes_new_from_bytes(desk->sealed, 0, cut);
        g_assert_null(envelope_open(desk->keks, desk->bound, shorter, NULL));
    }
}

static void
the_same_email_is_sealed_differently_each_time(Desk *desk, G_GNUC_UNUSED gconstpointer data)
{
    g_autoptr(GBytes) again = envelope_close(desk->keks, desk->bound, EMAIL);

    g_assert_false(g_bytes_equal(again, desk->sealed));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define TEST(promise)                                                                              \
    g_test_add("/crypto/envelope/" #promise, Desk, NULL, set_up, promise, tear_down)
    TEST(an_email_opens_where_it_belongs);
    TEST(nothing_of_it_stands_in_clear);
    TEST(none_tells_its_length);
    TEST(it_does_not_open_elsewhere);
    TEST(another_kek_is_told_which_one_is_needed);
    TEST(no_bit_can_change);
    TEST(no_byte_can_be_missing);
    TEST(the_same_email_is_sealed_differently_each_time);
    return g_test_run();
}
