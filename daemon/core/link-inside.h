/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* link-inside.h - what the files of link share */

#include "core/link.h"
#include "store/list.h"

gboolean link_load(Txn *txn, const Id *id, Link **ret_link, GError **error);

/* A name as passwd(5) can hold it. */
gboolean link_user_is_good(const char *user);
ListName link_list_of_user(const char *user);

/* (transfer full): the links of a user, of Link; an empty array for a name that can have none. */
GPtrArray *link_of_user(Txn *txn, const char *user, GError **error);
