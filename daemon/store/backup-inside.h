/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* backup-inside.h - what a backup looks like; for backup.c and restore.c alone */

#include "crypto/digest.h"
#include "crypto/keyring.h"

/* On disk, little-endian. */
typedef struct BackupHead {
    guint8 magic[8]; /* with the format's version */
    guint64 keyring_bytes;
    guint64 manifest_bytes;
    guint64 snapshot_bytes; /* 0: there is none */
} BackupHead;

void backup_head_make(
    BackupHead *ret_head,
    gsize keyring_bytes,
    gsize manifest_bytes,
    guint64 snapshot_bytes);
/* FALSE: this is no backup. Afterwards the numbers are the machine's. */
gboolean backup_head_read(BackupHead *head);

/* Of all that stands before it; ends @digest. */
void backup_tag(const Keyring *keyring, Digest *digest, guint8 ret_tag[SHA256_BYTES]);
