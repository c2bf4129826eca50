/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * value.h - a record's address, its physical key, and its value sealed under a key of that address
 *
 * In clear stand only the format's version, the data key's id, the expiry rounded up to the hour
 * (the exact one is inside) and the address's size. Then the address, sealed under a key of the
 * physical key, so that whoever has only the table (resealing under a new data key) finds it; then
 * expiry and bytes, sealed under a key of the address. A record that is moved elsewhere does not
 * open.
 */

#include "crypto/keyring.h"
#include "store/table.h"

typedef struct Address {
    guint8 *bytes; /* tenant's length (1), tenant, kind (4), id */
    gsize size;
} Address;

/* Of one tenant; @keyring outlives it. */
typedef struct ValueKeys {
    const Keyring *keyring;
    const char *tenant;
    const MacKey *index;
    const MacKey *data;
    guint32 data_id;
} ValueKeys;

gboolean
value_keys_init(ValueKeys *keys, const Keyring *keyring, const char *tenant, GError **error);

void address_init(
    Address *address,
    const char *tenant,
    guint32 kind,
    const void *id,
    gsize id_size);
void address_clear(Address *address);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Address, address_clear)

/* HMAC-SHA256 of the address under the index key, cut. */
void value_key(const ValueKeys *keys, const Address *address, guint8 ret_key[TABLE_KEY_BYTES]);

/* The size of a value with that many bytes. */
gsize value_size(const Address *address, gsize plain_bytes);

/* (transfer full). @place: its value_key(); @expires_usec 0: never. */
GBytes *value_seal(
    const ValueKeys *keys,
    const Address *address,
    const guint8 place[TABLE_KEY_BYTES],
    GBytes *plain,
    gint64 expires_usec);

/* (transfer full): NULL with an error when it is damaged, or of another address that has the same
 * physical key; the error tells which. */
GBytes *value_open(
    const ValueKeys *keys,
    const Address *address,
    GBytes *sealed,
    gint64 *ret_expires_usec,
    GError **error);

/* By the expiry that stands in clear, rounded up: later than the exact one, never before it. What
 * is no value of ours has not. */
gboolean value_has_expired(GBytes *sealed, gint64 now_usec);

/* That it is sealed under; 0: this is no value of ours. */
guint32 value_data_key_id(GBytes *sealed);

/* The address of the value that stands at a physical key; FALSE when it is damaged. */
gboolean value_address(
    const ValueKeys *keys,
    const guint8 key[TABLE_KEY_BYTES],
    GBytes *sealed,
    Address *ret_address);
