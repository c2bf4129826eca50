/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* device-inside.h - what the files of device share */

#include "core/device.h"
#include "crypto/digest.h"

#define DEVICE_AFTER_USEC (10 * USEC_PER_MINUTE) /* an over one stays so long, to say why */

gboolean device_load(Txn *txn, const Id *id, Device **ret_device, GError **error);
gboolean device_save(Txn *txn, const Device *device, GError **error);
/* By user code, alive and undecided; *ret_device NULL otherwise. */
gboolean device_find(Txn *txn, const char *user_code, Device **ret_device, GError **error);

/* Of a PAM service's conversation, not of an app. */
gboolean device_is_for_service(const Device *device);
/* Nobody has decided, or it is approved and its prompt has not said the rest; and in time. */
gboolean device_is_undecided(const Txn *txn, const Device *device);
/* FALSE: its prompt takes one-time codes alone, and no page finds it. */
gboolean device_takes_approval(const Device *device);
/* (transfer full): the completion number, of which the device keeps a MAC. */
char *device_draw_number(Txn *txn, Device *device);

/* HMAC under KEY_CODE of a label and what a person types. */
void device_code_mac(
    const Txn *txn,
    const char *label,
    const void *bound,
    gsize bound_size,
    const char *typed,
    guint8 ret_mac[32]);

/* Whose budgets a conversation spends: of the network it came from, or, on the host itself, of who
 * asks there. (transfer full) */
char *device_origin(const Device *device);
/* And of which local user. What programs ask that are not root is counted apart in both: nothing
 * that runs as somebody takes from him what he has at sshd or sudo. */
void device_user_key(const Device *device, guint8 ret_key[SHA256_BYTES]);

char *user_code_show(const char code[USER_CODE_CHARS]); /* WDJB-MJHT */

/* Ends it, with its event; announces. */
gboolean device_end(Txn *txn, Device *device, DeviceState state, Reason reason, GError **error);
