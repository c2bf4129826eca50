/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "core/rewrap.h"

#include "base/secret.h"
#include "core/account.h"
#include "core/login.h"
#include "crypto/envelope.h"

#include <string.h>

/* *email is replaced. NULL is fine. */
static gboolean rewrap(Txn *txn, Kind kind, const Id *id, GBytes **email, GError **error)
{
    const Keks *keks = txn_keks(txn);
    g_autoptr(GBytes) bound = email_bound(txn, kind, id);

    if (!*email) {
        return TRUE;
    }
    g_autoptr(SecretText) clear = envelope_open(keks, bound, *email, error);
    if (!clear) {
        return FALSE;
    }
    g_bytes_unref(*email);
    *email = envelope_close(keks, bound, clear);
    return TRUE;
}

static gboolean rewrap_account(Txn *txn, const Id *id, GError **error)
{
    g_autoptr(Account) account = NULL;

    return account_load(txn, id, &account, error) &&
           (!account || (rewrap(txn, KIND_ACCOUNT, id, &account->email, error) &&
                         account_save(txn, account, error)));
}

static gboolean rewrap_login(Txn *txn, const Id *id, GError **error)
{
    g_autoptr(Login) login = NULL;

    return login_load(txn, id, &login, error) &&
           (!login ||
            (rewrap(txn, KIND_LOGIN, id, &login->sign_up, error) && login_save(txn, login, error)));
}

gboolean email_rewrap(Txn *txn, guint32 kind, const void *id, gsize id_size, GError **error)
{
    Id record;

    if ((kind != KIND_ACCOUNT && kind != KIND_LOGIN) || id_size != ID_BYTES) {
        return TRUE;
    }
    memcpy(record.bytes, id, ID_BYTES);
    return kind == KIND_ACCOUNT ? rewrap_account(txn, &record, error)
                                : rewrap_login(txn, &record, error);
}
