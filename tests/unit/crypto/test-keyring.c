/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "crypto/keyring.h"
#include "crypto/token.h"

#include <string.h>

static const guint8 kek_bytes[KEK_BYTES] = {1, 2, 3};

static void a_wrapped_keyring_opens_with_its_kek_and_no_other(void)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(Kek) kek = kek_from_bytes(kek_bytes);
    g_autoptr(Kek) other = kek_from_bytes((const guint8[KEK_BYTES]){9});
    g_autoptr(Keyring) keyring = keyring_new();
    guint32 id = 0;

    g_assert_true(keyring_add_tenant(keyring, "acme", &error));
    g_autoptr(GBytes) wrapped = keyring_wrap(keyring, kek);
    g_autoptr(Keyring) opened = keyring_unwrap(wrapped, kek, &error);
    g_assert_no_error(error);
    const Secret *mine = keyring_current(keyring, "acme", KEY_TOKEN, &id);
    const Secret *same = keyring_by_id(opened, "acme", KEY_TOKEN, id);
    g_assert_cmpmem(secret_peek(mine), secret_size(mine), secret_peek(same), secret_size(same));
    g_assert_null(keyring_by_id(opened, "acme", KEY_INDEX, id));
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

    g_assert_true(keyring_add_tenant(keyring, "acme", NULL));
    g_assert_true(keyring_has_tenant(keyring, "acme"));
    keyring_remove_tenant(keyring, "acme");
    g_assert_false(keyring_has_tenant(keyring, "acme"));
    g_assert_null(keyring_current(keyring, "acme", KEY_DATA, NULL));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func(
        "/crypto/keyring/opens-with-its-kek", a_wrapped_keyring_opens_with_its_kek_and_no_other);
    g_test_add_func("/crypto/keyring/changed-byte", a_changed_byte_is_noticed);
    g_test_add_func("/crypto/keyring/removed-tenant", a_removed_tenant_has_no_keys);
    return g_test_run();
}
