/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * backup.h - a whole store in one file, sealed as it is on the disk, and a store made from it
 *
 * Head (magic, sizes), the keyring as the KEK wraps it, the manifest, the snapshot, then a tag over
 * all of it under the journal's key: a file that was cut or changed is refused. It holds what had
 * been committed when it was asked for.
 */

#include "store/upkeep.h"

/* Writes it to @fd from where that stands, and syncs it; a pipe is fine. */
gboolean backup_write(Upkeep *upkeep, int fd, GError **error);

/**
 * backup_restore() - makes a store of it
 * @from: path of the file
 * @dir: an empty directory
 * @now_usec: when: until an administrator has looked, the status says so
 *
 * The epoch goes on: sessions, logins, codes and tokens of before are dead.
 *
 * Returns: FALSE with an error; then @dir is no store, and may be tried again when it is empty.
 */
gboolean backup_restore(
    const StoreFiles *files,
    const char *from,
    const char *dir,
    const Kek *kek,
    gint64 now_usec,
    GError **error);
