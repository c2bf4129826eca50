/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * ending.h - what is over at once, and is cleared away bit by bit
 *
 * A removed app may have had a million people, a suspended account hundreds of apps to tell. So the
 * act that ends it makes all of it worthless by one record, and puts it on a list; jobs/janitor.h
 * clears a piece in each transaction, and the last piece takes it off. Whatever stops the daemon in
 * between, the list is there when it starts again.
 */

#include "core/act.h"

#define ENDING_IDENTITIES_MAX 16U /* in one transaction; each may have 50 chains */

/* Its record is gone: the slugs and chains of its people are to follow. */
gboolean ending_add_app(Txn *txn, const Id *app, GError **error);

/* It is suspended: its sessions end, whose apps are told, and the chains that outlived them. */
gboolean ending_add_account(Txn *txn, const Id *account, GError **error);
/* Whether some of that is still to come. */
gboolean ending_has_account(Txn *txn, const Id *account, gboolean *ret_has, GError **error);

/* Where an account's identities were left; none: not there yet. */
typedef struct EndingPlace {
    Id account, identity;
} EndingPlace;

typedef struct EndingAsked {
    const Caller *caller;
    EndingPlace place; /* of the last answer; zeros begin anew */
} EndingAsked;

typedef struct EndingAnswer {
    Reason reason;
    gboolean more; /* ask once more */
    EndingPlace place;
} EndingAnswer;

/* Clears one piece: of an app, or else of an account. */
ACT_DECLARE(ending_step, EndingAsked, EndingAnswer);
