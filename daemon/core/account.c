/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "core/account.h"

#include "base/secret.h"
#include "core/address.h"
#include "crypto/digest.h"
#include "crypto/envelope.h"
#include "crypto/random.h"
#include "store/list.h"

#include <string.h>

G_STATIC_ASSERT(ADDRESS_BYTES_MAX <= ENVELOPE_EMAIL_BYTES);

static const RecordField account_fields[] = {
    {.number = 1, "id", FIELD_ID, offsetof(Account, id)},
    {.number = 2, "email", FIELD_BYTES, offsetof(Account, email)},
    {.number = 3, "state", FIELD_U32, offsetof(Account, state)},
    {.number = 4, "locale", FIELD_TEXT, offsetof(Account, locale)},
    {.number = 5, "born_usec", FIELD_I64, offsetof(Account, born_usec)},
    {.number = 6, "suspended_usec", FIELD_I64, offsetof(Account, suspended_usec)},
    {.number = 0},
};

const RecordTable account_table =
    {.name = "account", .kind = KIND_ACCOUNT, .size = sizeof(Account), .fields = account_fields};

static const ListName all_accounts = {LIST_ACCOUNTS, "all", 3};

void account_free(Account *account)
{
    record_free(&account_table, account);
}

gboolean account_load(Txn *txn, const Id *id, Account **ret_account, GError **error)
{
    return record_load(txn, &account_table, id->bytes, ID_BYTES, (gpointer *)ret_account, error);
}

gboolean account_save(Txn *txn, const Account *account, GError **error)
{
    return record_save(txn, &account_table, account->id.bytes, ID_BYTES, account, 0, error);
}

gboolean account_admits(const Account *account, gint64 signed_in_usec)
{
    return account->state == ACCOUNT_ACTIVE && signed_in_usec > account->suspended_usec;
}

void account_lookup_mac(const Txn *txn, const char *lookup, guint8 ret_mac[SHA256_BYTES])
{
    const Piece piece = {lookup, strlen(lookup)};

    mac_make(txn_mac(txn, KEY_EMAIL_LOOKUP), &piece, 1, ret_mac);
}

GBytes *email_bound(const Txn *txn, Kind kind, const Id *id)
{
    const char *tenant = txn_tenant(txn);
    guint32 number = GUINT32_TO_LE((guint32)kind);
    GByteArray *bound = g_byte_array_new();

    g_byte_array_append(bound, (const guint8 *)tenant, (guint)strlen(tenant) + 1);
    g_byte_array_append(bound, (const guint8 *)&number, sizeof(number));
    g_byte_array_append(bound, id->bytes, ID_BYTES);
    return g_byte_array_free_to_bytes(bound);
}

gboolean account_find(Txn *txn, const char *lookup, Account **ret_account, GError **error)
{
    guint8 mac[SHA256_BYTES];
    g_autoptr(GBytes) found = NULL;
    Id id = ID_NONE;

    account_lookup_mac(txn, lookup, mac);
    if (!txn_get(txn, KIND_ACCOUNT_BY_EMAIL, mac, sizeof(mac), &found, error)) {
        return FALSE;
    }
    if (found && g_bytes_get_size(found) == ID_BYTES) {
        memcpy(id.bytes, g_bytes_get_data(found, NULL), ID_BYTES);
    }
    return account_load(txn, &id, ret_account, error); /* reads as much when nobody has it */
}

gboolean account_make(
    Txn *txn,
    const char *mail,
    const char *lookup,
    const char *locale,
    Account **ret_account,
    GError **error)
{
    guint8 mac[SHA256_BYTES];
    g_autoptr(Account) account = g_new0(Account, 1);

    random_id(&account->id);
    g_autoptr(GBytes) bound = email_bound(txn, KIND_ACCOUNT, &account->id);
    account->email = envelope_close(txn_keks(txn), bound, mail);
    account->state = ACCOUNT_ACTIVE;
    account->locale = g_strdup(locale ? locale : "");
    account->born_usec = txn_now(txn);
    account_lookup_mac(txn, lookup, mac);
    g_autoptr(GBytes) id = g_bytes_new(account->id.bytes, ID_BYTES);
    if (!account_save(txn, account, error) ||
        !txn_put(txn, KIND_ACCOUNT_BY_EMAIL, mac, sizeof(mac), id, 0, error) ||
        !list_add(txn, &all_accounts, &account->id, error)) {
        return FALSE;
    }
    txn_announce(txn, KIND_ACCOUNT, &account->id, CHANGE_ADDED);
    *ret_account = g_steal_pointer(&account);
    return TRUE;
}

char *account_email(Txn *txn, const Account *account, GError **error)
{
    g_autoptr(GBytes) bound = email_bound(txn, KIND_ACCOUNT, &account->id);

    return envelope_open(txn_keks(txn), bound, account->email, error);
}
