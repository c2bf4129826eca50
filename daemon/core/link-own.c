/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * link-own.c - the links of a person's own local user, for himself
 *
 * Whose accounts they are he is not told: he might have lured them into a link to learn that.
 */

#include "core/link-inside.h"

Outcome link_own_list(Txn *txn, const LinkAsked *asked, LinkAnswer *ret_answer, GError **error)
{
    g_autoptr(GPtrArray) links = link_of_user(txn, asked->local_user, error);

    ret_answer->rows = link_rows_new();
    for (guint i = 0; links && i < links->len; i++) {
        link_rows_add(ret_answer->rows, links->pdata[i], NULL);
    }
    return links ? OUTCOME_GRANTED : OUTCOME_BROKEN;
}

/* An administrator's links are the administrator's to remove. */
static gboolean is_meant(const Link *link, const LinkAsked *asked)
{
    return link->by_himself && (!asked->id || id_equal(asked->id, &link->id));
}

Outcome link_own_remove(Txn *txn, const LinkAsked *asked, PlainAnswer *ret_answer, GError **error)
{
    const char *const *services = asked->services && *asked->services ? asked->services : NULL;
    g_autoptr(GPtrArray) links = link_of_user(txn, asked->local_user, error);
    gboolean changed = FALSE;

    for (guint i = 0; links && i < links->len; i++) {
        if (is_meant(links->pdata[i], asked) &&
            !link_narrow(txn, links->pdata[i], services, &changed, error)) {
            return OUTCOME_BROKEN;
        }
    }
    if (!links) {
        return OUTCOME_BROKEN;
    }
    ret_answer->reason = changed ? REASON_NONE : REASON_NOT_FOUND;
    return changed ? OUTCOME_GRANTED : OUTCOME_DENIED;
}

ACT_DEFINE(link_own_list, LinkAsked, LinkAnswer, link_answer_clear);
ACT_DEFINE(link_own_remove, LinkAsked, PlainAnswer, NULL);
