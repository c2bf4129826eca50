/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * link-notice.c - who is told when a person has linked an account to his local user
 *
 * The mails are commands of the commit that makes the link: there is never one without the other.
 */

#include "core/account.h"
#include "core/link-inside.h"
#include "core/outbox.h"

#define NOTICE_LIFE_USEC (3 * USEC_PER_DAY)

/* The address of whoever is suspended is left alone. */
static gboolean tell(
    Txn *txn,
    const Caller *caller,
    const LinkRequest *request,
    const Id *account_id,
    GError **error)
{
    g_autoptr(Account) account = NULL;
    g_autoptr(OutboxEntry) entry = g_new0(OutboxEntry, 1);

    if (!account_load(txn, account_id, &account, error)) {
        return FALSE;
    }
    if (!account || account->state != ACCOUNT_ACTIVE) {
        return TRUE;
    }
    entry->kind = OUTBOX_MAIL_LINKED;
    entry->to = account_email(txn, account, error);
    if (!entry->to) {
        return FALSE;
    }
    entry->locale = g_strdup(account->locale);
    entry->host = g_strdup(caller->config->host_name);
    entry->local_user = g_strdup(request->local_user);
    entry->services = g_strjoinv(", ", request->services);
    entry->expires_usec = txn_now(txn) + NOTICE_LIFE_USEC;
    return outbox_add(txn, entry, error);
}

gboolean link_notice_add(Txn *txn, const Caller *caller, const LinkRequest *request, GError **error)
{
    g_autoptr(GPtrArray) links = link_of_user(txn, request->local_user, error);

    for (guint i = 0; links && i < links->len; i++) {
        if (!tell(txn, caller, request, &((const Link *)links->pdata[i])->account, error)) {
            return FALSE;
        }
    }
    return links != NULL;
}
