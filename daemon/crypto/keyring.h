/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * keyring.h - the daemon's keys, each for one use; kept only wrapped by the KEK
 *
 * A keyring belongs to one store. It is not changed after store_open() but under the store's lock.
 */

#include "base/clock.h"
#include "crypto/digest.h"
#include "crypto/jws-public.h"
#include "crypto/kek.h"

typedef enum KeyUse {
    KEY_JOURNAL = 1, /* tenant "system" only: sealing and tags of frames */
    KEY_INDEX,       /* physical keys of records */
    KEY_DATA,        /* sealing of records; may have several versions */
    KEY_EMAIL_LOOKUP,
    KEY_TOKEN,         /* tags of tokens, replayed successors */
    KEY_CODE,          /* short codes that people type */
    KEY_FORM,          /* what travels sealed in our own forms, and form tokens */
    KEY_SIGNING,       /* DER of an RSA private key (2048 bit or more) */
    KEY_KEK,           /* tenant "system" only: KEKs of a rotation; the last one is the new one */
    KEY_SIGNING_ES256, /* PKCS #8 */
    KEY_SIGNING_EDDSA, /* PKCS #8 */
    KEY_RETIRED,       /* public half of a signing key that signs no more: see KeyringRetired */
    _KEY_USE_MAX,
} KeyUse;

#define KEYRING_SYSTEM           "system" /* the tenant of what belongs to no tenant */
#define KEYRING_TENANT_CHARS_MAX 64U

typedef struct Keyring Keyring;

/* A new keyring that holds the tenant "system". */
Keyring *keyring_new(void);
void keyring_free(Keyring *keyring);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Keyring, keyring_free)

/* Random 16 bytes made with the keyring; the store's name in its files. */
const guint8 *keyring_store_id(const Keyring *keyring);

gboolean keyring_has_tenant(const Keyring *keyring, const char *tenant);

/* Draws all keys of a tenant that is not there yet, but those for signing. */
void keyring_add_tenant(Keyring *keyring, const char *tenant);

/* Keys for signing, one for each algorithm. */
KeyUse keyring_signing_use(JwsAlg alg);
/* Draws those that a tenant has not; an RSA key takes some 100 ms. *ret_changed is only set. */
gboolean
keyring_draw_signing(Keyring *keyring, const char *tenant, gboolean *ret_changed, GError **error);

#define KEYRING_RETIRED_MAX       60U /* of a tenant: the oldest goes */
#define KEYRING_RETIRED_LIFE_USEC (90 * USEC_PER_DAY)

/* Of the format: algorithm and time before the bytes. */
typedef struct KeyringRetired {
    JwsAlg alg;
    gint64 retired_usec; /* since 1970 */
    GBytes *spki;
} KeyringRetired;

/**
 * keyring_rotate_signing() - new keys in the place of all with which a tenant signs
 * @keyring: a copy, which is saved and then becomes the live one, as in a rotation of the KEK
 * @keep_old: the public halves stay, retired, for KEYRING_RETIRED_LIFE_USEC; FALSE: all that were
 *            retired before go too, since somebody else may have had the keys
 */
gboolean keyring_rotate_signing(
    Keyring *keyring,
    const char *tenant,
    gint64 now_usec,
    gboolean keep_old,
    GError **error);

/* (transfer full): of KeyringRetired, the oldest first. */
GPtrArray *keyring_retired(const Keyring *keyring, const char *tenant);

/*
 * A rotation: on a copy, which is saved, then becomes the live one. Where there is more than one
 * data key of a tenant, or more than one KEK, the older ones may still be needed.
 */
Keyring *keyring_copy(const Keyring *keyring);
/* A new data key for each tenant; the KEKs, of which @next is the new one, become part of it. */
void keyring_renew(Keyring *keyring, const Kek *present, const Kek *next);
gboolean keyring_has_old(const Keyring *keyring);
/* All but the newest of each. */
void keyring_drop_old(Keyring *keyring);
/* @live gets what only @next has, and loses what it has not; what is in both stays where it is. */
void keyring_take(Keyring *live, const Keyring *next);
/* (nullable) (transfer none): whose key it is. */
const char *keyring_tenant_of(const Keyring *keyring, guint32 key_id);

/* Shreds all keys of a tenant. */
void keyring_remove_tenant(Keyring *keyring, const char *tenant);

/**
 * keyring_current() - the newest key of a use
 * @ret_key_id: (out) (nullable): its id, never 0, unique in the keyring
 *
 * Returns: (transfer none): NULL when the tenant has none; symmetric keys have 32 bytes. Good until
 * the tenant is removed.
 */
const Secret *
keyring_current(const Keyring *keyring, const char *tenant, KeyUse use, guint32 *ret_key_id);

/* The same for MACs; of a symmetric key alone. */
const MacKey *
keyring_mac(const Keyring *keyring, const char *tenant, KeyUse use, guint32 *ret_key_id);

/* That of the key with that id and use, or NULL. */
const MacKey *
keyring_mac_by_id(const Keyring *keyring, const char *tenant, KeyUse use, guint32 key_id);

/* All keys as bytes wrapped by @kek: format version, kek id and store id in clear and
 * authenticated. */
GBytes *keyring_wrap(const Keyring *keyring, const Kek *kek);

/* A wrong KEK gives an error that names the id of the KEK that is needed. */
Keyring *keyring_unwrap(GBytes *wrapped, const Kek *kek, GError **error);
