/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* kek.h - the key that wraps the keyring and the emails' keys */

#include "base/secret.h"

#define KEK_BYTES    32U
#define KEK_ID_CHARS 16U

typedef struct Kek Kek;

/**
 * kek_load() - read the KEK
 * @file: (nullable): an absolute path; a regular file of exactly KEK_BYTES bytes, mode 0400, owned
 * by root or by us. NULL: the systemd credential "antara.kek" ($CREDENTIALS_DIRECTORY)
 */
Kek *kek_load(const char *file, GError **error);
Kek *kek_from_bytes(const guint8 bytes[KEK_BYTES]); /* copied */
Kek *kek_ref(Kek *kek);
void kek_unref(Kek *kek);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Kek, kek_unref)

/* (transfer none): where kek_load() of @file reads, and what that protects: words for the
 * administrator. */
const char *kek_source(const char *file);

/* Makes a new KEK file, mode 0400, synced; refuses to overwrite. */
gboolean kek_make_file(const char *file, GError **error);

/* (transfer none): its KEK_BYTES bytes, for the keyring alone. */
const Secret *kek_secret(const Kek *kek);

/* Names the KEK without telling it: hex of HMAC-SHA256(KEK, "antara kek id"), cut. */
const char *kek_id(const Kek *kek);

/* Wraps and unwraps @size bytes (AES-256-GCM; @bound as in seal.h). @ret_wrapped has size +
 * SEAL_OVERHEAD. */
void kek_wrap(
    const Kek *kek,
    const void *bound,
    gsize bound_size,
    const void *plain,
    gsize size,
    guint8 *ret_wrapped);
gboolean kek_unwrap(
    const Kek *kek,
    const void *bound,
    gsize bound_size,
    const guint8 *wrapped,
    gsize wrapped_size,
    guint8 *ret_plain);
