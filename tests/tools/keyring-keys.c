/* SPDX-License-Identifier: GPL-3.0-or-later */

/* keyring-keys.c - prints the keys of a store in hex, for a test that looks for them elsewhere:
 * KEYRING KEK */

#include "crypto/keyring-bytes.h"

#include <stdio.h>
#include <stdlib.h>

static void print_key(const KeyringKey *key)
{
    const guint8 *bytes = secret_peek(key->secret);

    for (gsize i = 0; i < secret_size(key->secret); i++) {
        printf("%02x", bytes[i]);
    }
    putchar('\n');
}

static void print_all(const Keyring *keyring)
{
    for (guint i = 0; i < keyring->tenants->len; i++) {
        const KeyringTenant *tenant = keyring->tenants->pdata[i];
        for (guint k = 0; k < tenant->keys->len; k++) {
            print_key(tenant->keys->pdata[k]);
        }
    }
}

int main(int argc, char **argv)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(Kek) kek = argc == 3 ? kek_load(argv[2], &error) : NULL;
    char *data = NULL;
    gsize size = 0;

    if (!kek || !g_file_get_contents(argv[1], &data, &size, &error)) {
        (void)fprintf(stderr, "keyring-keys: %s\n", error ? error->message : "KEYRING KEK");
        return EXIT_FAILURE;
    }
    g_autoptr(GBytes) wrapped = g_bytes_new_take(data, size);
    g_autoptr(Keyring) keyring = keyring_unwrap(wrapped, kek, &error);
    if (!keyring) {
        (void)fprintf(stderr, "keyring-keys: %s\n", error->message);
        return EXIT_FAILURE;
    }
    print_all(keyring);
    return EXIT_SUCCESS;
}
