/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* identity.h - one account at one app: the slug, the alias, the consented scopes */

#include "core/act.h"
#include "core/record.h"

typedef struct Identity {
    Id id;
    Id account;
    Id app;
    Id slug;               /* random, stored, never derived */
    char *alias;           /* "" none */
    char **scopes;         /* consented */
    gint64 consented_usec; /* 0: never */
    gint64 born_usec;
} Identity;

extern const RecordTable identity_table;
void identity_free(Identity *identity);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Identity, identity_free)

gboolean identity_load(Txn *txn, const Id *id, Identity **ret_identity, GError **error);
gboolean identity_save(Txn *txn, const Identity *identity, GError **error);
/* Finds by pair; NULL when there is none. */
gboolean
identity_find(Txn *txn, const Id *account, const Id *app, Identity **ret_identity, GError **error);
/* Whose slug this is now; NULL: nobody's. */
gboolean identity_find_slug(Txn *txn, const Id *slug, Identity **ret_identity, GError **error);
/* Finds, or makes one with a slug of its own that no other has. */
gboolean
identity_make(Txn *txn, const Id *account, const Id *app, Identity **ret_identity, GError **error);
/* Leaving: its chains end, the slug is gone; coming back gives a new one. */
gboolean identity_remove(Txn *txn, const Identity *identity, GError **error);
