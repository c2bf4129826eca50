/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * known-key.h - a key of ssh with which a person was let in by an approval on the page, and is let
 * in without another for some time ([service sshd] reauthenticate_after)
 *
 * sshd has just accepted the key, each time anew, and says so to root's PAM module alone; where it
 * comes from may differ. Never for uid 0 and privileged users, nor by a one-time code or an
 * approval on the bus. The time begins with the sign-in that was approved, and no other prolongs
 * it. The key itself isn't kept.
 */

#include "core/device.h"
#include "core/session.h"
#include "core/ssh-key.h"

#define KNOWN_KEY_SERVICE         "sshd" /* the only one */
#define KNOWN_KEY_SECONDS_MAX     43200U /* 12 h */
#define KNOWN_KEYS_OF_ACCOUNT_MAX 16U    /* what ends soonest makes room */

typedef struct KnownKey {
    Id id; /* made of service, local user and key: there is one of each */
    Id account, identity;
    Id session; /* that approved: it ends with it */
    guint8 key[SHA256_BYTES];
    char *host, *service, *local_user;
    char *event; /* of the sign-in that was approved, as shown */
    gint64 auth_usec;
    gint64 since_usec, until_usec;
} KnownKey;

extern const RecordTable known_key_table;
void known_key_free(KnownKey *known);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(KnownKey, known_key_free)

/* How long the key of a conversation would be known if its page approved now; 0: not at all. */
gint64 known_key_lasts_usec(const CoreConfig *config, const Device *device);

/* Keeps the key of a conversation that was just granted, where its page approved it. */
gboolean known_key_keep(Txn *txn, const Caller *caller, const Device *device, GError **error);

/**
 * known_key_find() - who may be let in by the key of a conversation that begins
 * @device: (inout): approved by him, unsaved, when *ret_found; else unchanged
 *
 * All that an approval needs is judged now: time and policy, session, link, account, mute; and one
 * is taken of the limit known_key.
 */
gboolean
known_key_find(Txn *txn, const Caller *caller, Device *device, gboolean *ret_found, GError **error);

/* Ends those of an account that are of a local user: a link that changes does. @n_ended: (inout):
 * so many more */
gboolean known_key_end_of(
    Txn *txn,
    const Id *account,
    const char *local_user,
    guint *n_ended,
    GError **error);

/* (transfer full): of KnownKey *, those of an account that are good now, each with the time that is
 * left by today's policy; NULL with an error. */
GPtrArray *known_key_rows(Txn *txn, const CoreConfig *config, const Id *account, GError **error);

/* The dashboard: the target is the known key. FORM_TOKEN, NOT_FOUND */
ACT_DECLARE(known_key_end, MeAsked, PlainAnswer);

/* The bus: those of a local user, whose ever they are. */
typedef struct KnownKeyAsked {
    const Caller *caller;
    const char *local_user; /* untrusted */
} KnownKeyAsked;

typedef struct KnownKeyAnswer {
    Reason reason;
    GPtrArray *rows; /* list: of KnownKey * */
} KnownKeyAnswer;

ACT_DECLARE(known_key_list, KnownKeyAsked, KnownKeyAnswer);
ACT_DECLARE(known_key_end_all, KnownKeyAsked, PlainAnswer); /* NOT_FOUND */
