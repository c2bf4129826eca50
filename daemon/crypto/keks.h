/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * keks.h - the KEK that wraps what is written now, and older ones that may still be needed to read
 *
 * There is more than one only while a rotation is under way, or the configuration still names the
 * old one.
 */

#include "crypto/keyring.h"

typedef struct Keks Keks;

/* What the keyring says, which may be newer than @configured; else that one alone. */
Keks *keks_new(const Keyring *keyring, Kek *configured);
void keks_free(Keks *keks);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Keks, keks_free)

const Kek *keks_current(const Keks *keks);
/* @id: KEK_ID_CHARS characters, maybe without a zero behind. NULL: there is none with that id. */
const Kek *keks_find(const Keks *keks, const char *id);
