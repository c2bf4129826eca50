/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * list.h - indexes: an unordered set of ids that belongs to an owner
 *
 * Split by the first bits of the ids into pages of at most 64, so that adding or removing touches
 * one page (and, when a page splits, its two halves).
 */

#include "store/txn.h"

typedef struct ListName {
    guint32 kind; /* of core/kinds.h, of its own for each list */
    const void *owner;
    gsize owner_size;
} ListName;

/* Adding what is there, and removing what isn't, changes nothing and is fine. */
gboolean list_add(Txn *txn, const ListName *name, const Id *id, GError **error);
gboolean list_remove(Txn *txn, const ListName *name, const Id *id, GError **error);
gboolean list_has(Txn *txn, const ListName *name, const Id *id, gboolean *ret_has, GError **error);

/* The same for a list whose ids are all over within @lasts_usec: each page goes by itself so long
 * after its last change. A list is always changed in this way or never. */
gboolean
list_add_lasting(Txn *txn, const ListName *name, const Id *id, gint64 lasts_usec, GError **error);
gboolean list_remove_lasting(
    Txn *txn,
    const ListName *name,
    const Id *id,
    gint64 lasts_usec,
    GError **error);

/* Removes the whole list. */
gboolean list_clear(Txn *txn, const ListName *name, GError **error);

/**
 * list_take() - read on from a cursor, in the order of the ids
 * @after: (nullable): the last id of the part before; NULL starts
 * @max: ids wanted at most
 *
 * Returns: (transfer full): an array of Id, fewer than @max at the end; NULL with an error.
 */
GArray *list_take(Txn *txn, const ListName *name, const Id *after, guint max, GError **error);
