/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* link-inside.h - what the files of link share */

#include "core/link-request.h"
#include "store/list.h"

gboolean link_load(Txn *txn, const Id *id, Link **ret_link, GError **error);

/* A name as passwd(5) can hold it. */
gboolean link_user_is_good(const char *user);
ListName link_list_of_user(const char *user);

/* (transfer full): the links of a user, of Link; an empty array for a name that can have none. */
GPtrArray *link_of_user(Txn *txn, const char *user, GError **error);

/* The services of a link in the making, of Service: all of them or none, before anything is
 * written. LINK_RESERVED, SERVICE_OFF */
Outcome link_services_find(
    Txn *txn,
    const LinkAsked *asked,
    GPtrArray **ret_services,
    Reason *ret_reason,
    GError **error);
/* Stores it; one of the same account and user is replaced, but an administrator's never by a
 * person's own: LINK_STANDS. TOO_MANY of the user */
Outcome
link_make(Txn *txn, const LinkAsked *asked, const Id *account, LinkAnswer *answer, GError **error);
/* Takes the named services (NULL: all) out of a link; one without services goes. @changed: set when
 * it changed. */
gboolean
link_narrow(Txn *txn, Link *link, const char *const *services, gboolean *changed, GError **error);

/* link-notice.c: a mail for each account that is linked to the local user now. */
gboolean
link_notice_add(Txn *txn, const Caller *caller, const LinkRequest *request, GError **error);

GArray *link_rows_new(void);
void link_rows_add(GArray *rows, const Link *link, char *email /* (transfer full) */);
void link_answer_clear(gpointer data);
