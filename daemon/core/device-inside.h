/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* device-inside.h - what the files of device share */

#include "core/device.h"
#include "core/link-request.h"
#include "crypto/digest.h"

#define DEVICE_AFTER_USEC (10 * USEC_PER_MINUTE) /* an over one stays so long, to say why */

/* (transfer full): what the module says of its caller, as a record keeps it and people read it. */
char *device_keep_text(const char *text);

gboolean device_load(Txn *txn, const Id *id, Device **ret_device, GError **error);
gboolean device_save(Txn *txn, const Device *device, GError **error);
/* A user code that no other has, for a device or a request for a link. */
gboolean user_code_take(
    Txn *txn,
    const Id *owner,
    gint64 expires_usec,
    guint8 ret_mac[32],
    char ret_code[USER_CODE_CHARS + 1],
    GError **error);
/* Whose it is, alive or not; none: nobody's. */
gboolean user_code_find(Txn *txn, const char *user_code, Id *ret_owner, GError **error);

/* What a person's code stands for: one of the two, or neither. */
typedef struct CodeFound {
    Device *device;
    LinkRequest *request;
} CodeFound;
void code_found_clear(CodeFound *found);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(CodeFound, code_found_clear)

/* Finds what is alive and undecided. Each try counts, of the session and of the address, right or
 * wrong: whoever guesses is stopped before the guess is looked up (RFC 8628 5.1). */
gboolean code_find_counted(
    Txn *txn,
    const Caller *caller,
    const char *user_code,
    CodeFound *ret_found,
    Reason *ret_reason,
    GError **error);

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

/* It was let in by a key that is known (core/known-key.h). */
gboolean device_is_known(const Device *device);

/* Why the approver may not be this user here, or NONE. @by_code: he typed a one-time code, which a
 * mute lets pass. *ret_identity: (transfer full), NULL when it is gone */
gboolean device_judge_approver(
    Txn *txn,
    const Device *device,
    gboolean by_code,
    Reason *ret_reason,
    Identity **ret_identity,
    GError **error);

/* Ends it, with its event; announces. */
gboolean device_end(Txn *txn, Device *device, DeviceState state, Reason reason, GError **error);
