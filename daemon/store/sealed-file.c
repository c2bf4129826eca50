/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "store/sealed-file.h"

#include "base/error.h"
#include "crypto/seal.h"

#include <string.h>

static const guint8 *key_of(const Keyring *keyring)
{
    return secret_peek(keyring_current(keyring, KEYRING_SYSTEM, KEY_JOURNAL, NULL));
}

GBytes *sealed_file_make(const Keyring *keyring, const char *name, const void *data, gsize size)
{
    guint8 *sealed = g_malloc(size + SEAL_OVERHEAD);

    seal_close(key_of(keyring), name, strlen(name), data, size, sealed);
    return g_bytes_new_take(sealed, size + SEAL_OVERHEAD);
}

gboolean sealed_file_read(
    const Keyring *keyring,
    const char *name,
    GBytes *bytes,
    void *ret_data,
    gsize size)
{
    gsize sealed_size = 0;
    const guint8 *sealed = g_bytes_get_data(bytes, &sealed_size);

    return sealed_size == size + SEAL_OVERHEAD &&
           seal_open(key_of(keyring), name, strlen(name), sealed, sealed_size, ret_data);
}

gboolean
sealed_file_load(const SealedFile *file, void *ret_data, gboolean *ret_there, GError **error)
{
    g_autofree char *path = g_build_filename(file->dir, file->name, NULL);
    g_autoptr(GBytes) bytes = NULL;

    if (!files_load(file->files, path, &bytes, error)) {
        return FALSE;
    }
    *ret_there = bytes != NULL;
    if (!bytes || sealed_file_read(file->keyring, file->name, bytes, ret_data, file->size)) {
        return TRUE;
    }
    g_set_error(
        error, ANTARA_ERROR, ANTARA_ERROR_DAMAGED, "%s: damaged, or of another store", path);
    return FALSE;
}
