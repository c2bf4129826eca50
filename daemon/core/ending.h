/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * ending.h - what is over at once, and is cleared away bit by bit
 *
 * A removed app may have had a million people. So the act that ends it makes all of it worthless by
 * one record, and puts it on a list; jobs/janitor.h clears a piece in each transaction, and the
 * last piece takes it off. Whatever stops the daemon in between, the list is there when it starts
 * again.
 */

#include "core/act.h"

#define ENDING_IDENTITIES_MAX 16U /* in one transaction; each may have 50 chains */

/* Its record is gone: the slugs and chains of its people are to follow. */
gboolean ending_add_app(Txn *txn, const Id *app, GError **error);

typedef struct EndingAsked {
    const Caller *caller;
} EndingAsked;

typedef struct EndingAnswer {
    Reason reason;
    gboolean more; /* ask once more */
} EndingAnswer;

/* Clears one piece. */
ACT_DECLARE(ending_step, EndingAsked, EndingAnswer);
