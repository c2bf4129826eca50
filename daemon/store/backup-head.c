/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "store/backup-inside.h"

#include <string.h>

#define SMALL_BYTES_MAX ((guint64)1024 * 1024) /* keyring, manifest */

static const guint8 magic[8] = {'a', 'n', 't', 'b', 'c', 'k', 'p', '1'};

void backup_head_make(
    BackupHead *ret_head,
    gsize keyring_bytes,
    gsize manifest_bytes,
    guint64 snapshot_bytes)
{
    *ret_head = (BackupHead){
        .keyring_bytes = GUINT64_TO_LE(keyring_bytes),
        .manifest_bytes = GUINT64_TO_LE(manifest_bytes),
        .snapshot_bytes = GUINT64_TO_LE(snapshot_bytes)};
    memcpy(ret_head->magic, magic, sizeof(magic));
}

gboolean backup_head_read(BackupHead *head)
{
    head->keyring_bytes = GUINT64_FROM_LE(head->keyring_bytes);
    head->manifest_bytes = GUINT64_FROM_LE(head->manifest_bytes);
    head->snapshot_bytes = GUINT64_FROM_LE(head->snapshot_bytes);
    return memcmp(head->magic, magic, sizeof(magic)) == 0 &&
           head->keyring_bytes <= SMALL_BYTES_MAX && head->manifest_bytes <= SMALL_BYTES_MAX &&
           head->snapshot_bytes <= (guint64)G_MAXINT64 / 2;
}

void backup_tag(const Keyring *keyring, Digest *digest, guint8 ret_tag[SHA256_BYTES])
{
    static const char label[] = "antara backup";
    const Secret *key = keyring_current(keyring, KEYRING_SYSTEM, KEY_JOURNAL, NULL);
    guint8 sum[SHA256_BYTES];
    const Piece pieces[] = {{label, sizeof(label)}, {sum, sizeof(sum)}};

    digest_end(digest, sum);
    hmac_sha256(secret_peek(key), pieces, G_N_ELEMENTS(pieces), ret_tag);
}
