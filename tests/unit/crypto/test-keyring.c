/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "crypto/keyring-bytes.h"
#include "crypto/token.h"

#include <string.h>

static const guint8 kek_bytes[KEK_BYTES] = {1, 2, 3};

static void assert_makes_macs_of(const MacKey *key, const Secret *secret)
{
    const Piece piece = {"what", 4};
    guint8 mac[SHA256_BYTES];
    guint8 expected[SHA256_BYTES];

    mac_make(key, &piece, 1, mac);
    hmac_sha256(secret_peek(secret), &piece, 1, expected);
    g_assert_cmpmem(mac, sizeof(mac), expected, sizeof(expected));
}

static gboolean holds(const Keyring *keyring, guint32 id)
{
    const GPtrArray *keys = keyring_find_tenant(keyring, "acme")->keys;
    gboolean found = FALSE;

    for (guint i = 0; i < keys->len; i++) {
        found |= ((const KeyringKey *)keys->pdata[i])->id == id;
    }
    return found;
}

static void a_wrapped_keyring_opens_with_its_kek_and_no_other(void)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(Kek) kek = kek_from_bytes(kek_bytes);
    g_autoptr(Kek) other = kek_from_bytes((const guint8[KEK_BYTES]){9});
    g_autoptr(Keyring) keyring = keyring_new();
    guint32 id = 0;

    keyring_add_tenant(keyring, "acme");
    g_autoptr(GBytes) wrapped = keyring_wrap(keyring, kek);
    g_autoptr(Keyring) opened = keyring_unwrap(wrapped, kek, &error);
    g_assert_no_error(error);
    const Secret *mine = keyring_current(keyring, "acme", KEY_TOKEN, &id);
    const Secret *same = keyring_current(opened, "acme", KEY_TOKEN, NULL);
    g_assert_cmpmem(secret_peek(mine), secret_size(mine), secret_peek(same), secret_size(same));
    assert_makes_macs_of(keyring_mac(opened, "acme", KEY_TOKEN, NULL), mine);
    assert_makes_macs_of(keyring_mac_by_id(opened, "acme", KEY_TOKEN, id), mine);
    g_assert_null(keyring_mac_by_id(opened, "acme", KEY_INDEX, id));
    g_assert_null(keyring_current(opened, "nobody", KEY_TOKEN, NULL));

    g_assert_null(keyring_unwrap(wrapped, other, &error));
    g_assert_nonnull(strstr(error->message, kek_id(kek)));
}

static void a_changed_byte_is_noticed(void)
{
    g_autoptr(Kek) kek = kek_from_bytes(kek_bytes);
    g_autoptr(Keyring) keyring = keyring_new();
    g_autoptr(GBytes) wrapped = keyring_wrap(keyring, kek);
    gsize size = 0;
    const guint8 *data = g_bytes_get_data(wrapped, &size);

    for (gsize i = 0; i < size; i++) {
        g_autoptr(GError) error = NULL;
        g_autofree guint8 *copy = g_memdup2(data, size);
        copy[i] ^= 1;
        g_autoptr(GBytes) changed = g_bytes_new(copy, size);
        g_assert_null(keyring_unwrap(changed, kek, &error));
        g_assert_nonnull(error);
    }
}

static void a_removed_tenant_has_no_keys(void)
{
    g_autoptr(Keyring) keyring = keyring_new();

    keyring_add_tenant(keyring, "acme");
    g_assert_true(keyring_has_tenant(keyring, "acme"));
    keyring_remove_tenant(keyring, "acme");
    g_assert_false(keyring_has_tenant(keyring, "acme"));
    g_assert_null(keyring_current(keyring, "acme", KEY_DATA, NULL));
}

static guint32 signing_id(const Keyring *keyring, JwsAlg alg)
{
    guint32 id = 0;

    g_assert_nonnull(keyring_current(keyring, "acme", keyring_signing_use(alg), &id));
    return id;
}

static guint retired_count(const Keyring *keyring)
{
    g_autoptr(GPtrArray) retired = keyring_retired(keyring, "acme");

    return retired->len;
}

static void missing_signing_keys_are_drawn_once(void)
{
    g_autoptr(Keyring) keyring = keyring_new();
    gboolean changed = FALSE;

    keyring_add_tenant(keyring, "acme");
    g_assert_true(keyring_draw_signing(keyring, "acme", &changed, NULL));
    g_assert_true(changed);
    guint32 id = signing_id(keyring, JWS_EDDSA);
    changed = FALSE;
    g_assert_true(keyring_draw_signing(keyring, "acme", &changed, NULL));
    g_assert_false(changed);
    g_assert_cmpuint(signing_id(keyring, JWS_EDDSA), ==, id);
}

static Keyring *signing_keyring(void)
{
    Keyring *keyring = keyring_new();
    gboolean changed = FALSE;

    keyring_add_tenant(keyring, "acme");
    g_assert_true(keyring_draw_signing(keyring, "acme", &changed, NULL));
    return keyring;
}

static void rotated_keys_leave_their_public_halves_for_ninety_days(void)
{
    g_autoptr(Keyring) keyring = signing_keyring();
    g_autoptr(Kek) kek = kek_from_bytes(kek_bytes);
    guint32 id = signing_id(keyring, JWS_RS256);

    g_assert_true(keyring_rotate_signing(keyring, "acme", 1, TRUE, NULL));
    g_assert_false(holds(keyring, id));
    g_assert_cmpuint(signing_id(keyring, JWS_RS256), !=, id);
    g_assert_cmpuint(retired_count(keyring), ==, 3);
    g_autoptr(GBytes) wrapped = keyring_wrap(keyring, kek);
    g_autoptr(Keyring) opened = keyring_unwrap(wrapped, kek, NULL);
    g_assert_cmpuint(retired_count(opened), ==, 3);

    g_assert_true(
        keyring_rotate_signing(keyring, "acme", KEYRING_RETIRED_LIFE_USEC + 1, TRUE, NULL));
    g_assert_cmpuint(retired_count(keyring), ==, 6);
    g_assert_true(
        keyring_rotate_signing(keyring, "acme", KEYRING_RETIRED_LIFE_USEC + 2, TRUE, NULL));
    g_assert_cmpuint(retired_count(keyring), ==, 6);
}

static void compromised_keys_leave_nothing(void)
{
    g_autoptr(Keyring) keyring = signing_keyring();

    g_assert_true(keyring_rotate_signing(keyring, "acme", 1, TRUE, NULL));
    g_assert_true(keyring_rotate_signing(keyring, "acme", 2, FALSE, NULL));
    g_assert_cmpuint(retired_count(keyring), ==, 0);
    g_assert_false(keyring_rotate_signing(keyring, "nobody", 2, FALSE, NULL));
}

static void retired_keys_are_bounded(void)
{
    g_autoptr(Keyring) keyring = signing_keyring();

    for (gint64 i = 1; i <= KEYRING_RETIRED_MAX / JWS_ALGS + 1; i++) {
        g_assert_true(keyring_rotate_signing(keyring, "acme", i, TRUE, NULL));
    }
    g_autoptr(GPtrArray) retired = keyring_retired(keyring, "acme");
    g_assert_cmpuint(retired->len, ==, KEYRING_RETIRED_MAX);
    g_assert_cmpint(((KeyringRetired *)retired->pdata[0])->retired_usec, ==, 2);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func(
        "/crypto/keyring/opens-with-its-kek", a_wrapped_keyring_opens_with_its_kek_and_no_other);
    g_test_add_func("/crypto/keyring/changed-byte", a_changed_byte_is_noticed);
    g_test_add_func("/crypto/keyring/removed-tenant", a_removed_tenant_has_no_keys);
#define TEST(promise) g_test_add_func("/crypto/keyring/" #promise, promise)
    TEST(missing_signing_keys_are_drawn_once);
    TEST(rotated_keys_leave_their_public_halves_for_ninety_days);
    TEST(compromised_keys_leave_nothing);
    TEST(retired_keys_are_bounded);
    return g_test_run();
}
