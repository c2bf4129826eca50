/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* link.h - which local Unix user an identity may be, for named services of this host */

#include "core/identity.h"
#include "core/service.h"

#define LINKS_OF_USER_MAX   64U
#define LINK_USER_BYTES_MAX 255U

typedef struct Link {
    Id id;
    Id account;
    char *local_user;
    char **services;    /* base names, as named at its making */
    GArray *identities; /* of Id, one for each service */
    guint32 made_by_uid;
    gboolean by_himself;
    gint64 born_usec;
} Link;

extern const RecordTable link_table;
void link_free(Link *link);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Link, link_free)

/* Whether an account may be this local user at this service; *ret_identity none when not. */
gboolean link_find(
    Txn *txn,
    const Id *account,
    const char *service,
    const char *local_user,
    Id *ret_identity,
    GError **error);
/* Whether anybody may. */
gboolean link_exists(
    Txn *txn,
    const char *service,
    const char *local_user,
    gboolean *ret_exists,
    GError **error);

/* The one account that may be this local user at this service and is good now. *ret_count: how many
 * are; unless there is just one, the ids are none. */
gboolean link_find_only(
    Txn *txn,
    const char *service,
    const char *local_user,
    Id *ret_account,
    Id *ret_identity,
    guint *ret_count,
    GError **error);

/* (transfer full): accounts, as Id, that may be this local user at this service, whether they are
 * good now or not. */
GArray *link_accounts(Txn *txn, const char *service, const char *local_user, GError **error);

typedef struct LinkAsked {
    const Caller *caller;
    const char *local_user;
    gboolean privileged;         /* own: uid 0 or below 1000, nobody, or in sudo, wheel, admin */
    const char *email;           /* add; untrusted */
    const Id *id;                /* own remove: this one; NULL: all */
    const char *const *services; /* add: NULL means all that are enabled; remove: NULL means all */
    gboolean by_himself;         /* of link_request: no administrator is there */
} LinkAsked;

typedef struct LinkRow {
    Id id;
    char *local_user;
    char **services;
    char *email; /* NULL: not told */
    gint64 born_usec;
    gboolean by_himself;
} LinkRow;

typedef struct LinkAnswer {
    Reason reason;
    Id id;
    GArray *rows; /* list: of LinkRow */
} LinkAnswer;

ACT_DECLARE(
    link_add,
    LinkAsked,
    LinkAnswer); /* NOT_FOUND: the address has no account; SERVICE_OFF */
ACT_DECLARE(link_list, LinkAsked, LinkAnswer);
ACT_DECLARE(link_remove, LinkAsked, PlainAnswer); /* NOT_FOUND */

/* For the person logged in as @local_user: all links of that user, without email; he removes those
 * that were made by core/link-request.h, not an administrator's. */
ACT_DECLARE(link_own_list, LinkAsked, LinkAnswer);
ACT_DECLARE(link_own_remove, LinkAsked, PlainAnswer); /* NOT_FOUND */
