/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * txn.h - a transaction of one tenant; no key can be formed outside it
 *
 * One transaction at a time holds the store's lock, from txn_begin() to commit or free: nothing
 * slow in between, and never two in one thread. Its writes stay in it until the commit. A
 * transaction that is freed without a commit changed nothing.
 */

#include "base/id.h"
#include "crypto/keks.h"
#include "store/store.h"

#define TXN_KEY_BYTES_MAX   256U                /* longest id of a record */
#define TXN_VALUE_BYTES_MAX ((gsize)256 * 1024) /* longest value of a record */
#define TXN_WRITES_MAX      4096U               /* records written by one transaction */

/* NULL with an error when the tenant has no keys. */
Txn *txn_begin(Store *store, const char *tenant, GError **error);
void txn_free(Txn *txn); /* aborts unless committed; NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Txn, txn_free)

const char *txn_tenant(const Txn *txn);

/* Microseconds since 1970; the same all through the transaction; never runs back between them. */
gint64 txn_now(const Txn *txn);

/* FALSE for a while after the wall clock leapt: then nothing should go for its age alone. */
gboolean txn_is_calm(const Txn *txn);

/* See store_epoch(). */
guint64 txn_epoch(const Txn *txn);

/* (transfer none): the tenant's current symmetric key for a use; never NULL. */
const guint8 *txn_key(const Txn *txn, KeyUse use);
/* The same for MACs. */
const MacKey *txn_mac(const Txn *txn, KeyUse use);
/* Good until the transaction ends: for signing keys. */
const Keyring *txn_keyring(const Txn *txn);
const Keks *txn_keks(const Txn *txn);

/**
 * txn_get() - read a record
 * @kind: a number of core/kinds.h
 * @id: 1 to TXN_KEY_BYTES_MAX bytes; text from outside is welcome, the physical key is a MAC of it
 * @ret_value: (out) (transfer full): the value, or NULL when there is none, or it has expired
 *
 * Returns: FALSE with an error when that can't be told.
 */
gboolean
txn_get(Txn *txn, guint32 kind, const void *id, gsize id_size, GBytes **ret_value, GError **error);

/**
 * txn_put() - write a record, new or not
 * @expires_usec: when it stops to exist; 0: never
 */
gboolean txn_put(
    Txn *txn,
    guint32 kind,
    const void *id,
    gsize id_size,
    GBytes *value,
    gint64 expires_usec,
    GError **error);

/* Deleting what isn't there is fine. */
gboolean txn_delete(Txn *txn, guint32 kind, const void *id, gsize id_size, GError **error);

/* Writes a record once more as it is, under the current data key, with the expiry that it has; what
 * is not there, or is being written already, is fine. */
gboolean txn_touch(Txn *txn, guint32 kind, const void *id, gsize id_size, GError **error);

/* Says what has changed; told to listeners once durable, never if the commit fails. */
void txn_announce(Txn *txn, guint32 kind, const Id *id, guint32 change);

/* This transaction takes something back (a revocation): it may use the room claimed for read-only
 * times. */
void txn_set_revoking(Txn *txn);

/* The caller calls store_push() before it sleeps: what it commits until then shares one sync. */
void txn_set_gathered(Txn *txn);

typedef enum TxnEnd {
    TXN_COMMITTED,
    TXN_CONFLICT, /* run it again from the start */
    TXN_FAILED,   /* error is set; nothing changed */
} TxnEnd;

/**
 * txn_commit() - apply all writes, or none
 * @ret_point: (out): an answer that tells of this transaction, even of what it only read, may leave
 *             when store_durable_point() reaches it
 *
 * The lock is released. The transaction must still be freed.
 */
TxnEnd txn_commit(Txn *txn, guint64 *ret_point, GError **error);
