/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * mute.h - for an hour nobody is let in as a local user of a host by an approval
 *
 * Made on the approval page by an account that is linked to the user there, and by nobody else.
 * What a prompt shows stays the same, and so does the page for strangers: nobody learns who has
 * muted. One-time codes still pass.
 */

#include "core/device.h"
#include "core/session.h"

#define MUTE_USEC            USEC_PER_HOUR
#define MUTES_OF_ACCOUNT_MAX 64U

typedef struct Mute {
    Id id; /* made of account, host and user: there is one of each */
    Id account;
    char *host, *local_user;
    gint64 until_usec;
} Mute;

extern const RecordTable mute_table;
void mute_free(Mute *mute);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Mute, mute_free)

/* Whether this account has muted the user of a service's conversation on its host: it approves
 * nothing there. Others who may be that user do. */
gboolean
mute_is_on(Txn *txn, const Id *account, const Device *device, gboolean *ret_on, GError **error);

/* Whether this account may be that user, and so may mute him, and is told that he is muted. */
gboolean mute_is_its(
    Txn *txn,
    const Id *account,
    const Device *device,
    gboolean *ret_its,
    gboolean *ret_on,
    GError **error);

/* Mutes the user of a conversation, with an event of the account. *ret_made FALSE: it has too many.
 */
gboolean
mute_make(Txn *txn, const Id *account, const Device *device, gboolean *ret_made, GError **error);

/* (transfer full): of Mute *, those of an account that are on; NULL with an error. */
GPtrArray *mute_rows(Txn *txn, const Id *account, GError **error);

/* The dashboard: the target is the mute. FORM_TOKEN, NOT_FOUND */
ACT_DECLARE(mute_end, MeAsked, PlainAnswer);
