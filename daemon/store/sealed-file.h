/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * sealed-file.h - small structs in files of their own, sealed under the journal's key and bound to
 * the file's name
 */

#include "crypto/keyring.h"
#include "store/files.h"

/* (transfer full). */
GBytes *sealed_file_make(const Keyring *keyring, const char *name, const void *data, gsize size);

/* FALSE: these are not the bytes of that file of this store. */
gboolean sealed_file_read(
    const Keyring *keyring,
    const char *name,
    GBytes *bytes,
    void *ret_data,
    gsize size);

typedef struct SealedFile {
    const StoreFiles *files;
    const char *dir;
    const char *name;
    const Keyring *keyring;
    gsize size; /* of the struct in it */
} SealedFile;

/* *ret_there FALSE when there is no such file. One that does not open, or has another size, is an
 * error that names it. */
gboolean
sealed_file_load(const SealedFile *file, void *ret_data, gboolean *ret_there, GError **error);
