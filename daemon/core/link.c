/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "core/link-inside.h"

#include "base/secret.h"
#include "base/text.h"
#include "core/account.h"
#include "core/address.h"
#include "core/chain.h"
#include "core/event.h"
#include "crypto/random.h"
#include "store/list.h"

#include <string.h>

static const RecordField link_fields[] = {
    {.number = 1, "id", FIELD_ID, offsetof(Link, id)},
    {.number = 2, "account", FIELD_ID, offsetof(Link, account)},
    {.number = 3, "local_user", FIELD_TEXT, offsetof(Link, local_user)},
    {.number = 4, "services", FIELD_TEXTS, offsetof(Link, services)},
    {.number = 5, "identities", FIELD_IDS, offsetof(Link, identities)},
    {.number = 6, "made_by_uid", FIELD_U32, offsetof(Link, made_by_uid)},
    {.number = 7, "by_himself", FIELD_BOOL, offsetof(Link, by_himself)},
    {.number = 8, "born_usec", FIELD_I64, offsetof(Link, born_usec)},
    {.number = 0},
};

const RecordTable link_table =
    {.name = "link", .kind = KIND_LINK, .size = sizeof(Link), .fields = link_fields};

void link_free(Link *link)
{
    record_free(&link_table, link);
}

gboolean link_load(Txn *txn, const Id *id, Link **ret_link, GError **error)
{
    return record_load(txn, &link_table, id->bytes, ID_BYTES, (gpointer *)ret_link, error);
}

/* A name as passwd(5) can hold it; '-' first would be an option of some tool. */
gboolean link_user_is_good(const char *user)
{
    return user && *user && *user != '-' && strlen(user) <= LINK_USER_BYTES_MAX &&
           text_is_plain(user) && !strpbrk(user, ":/ \t");
}

ListName link_list_of_user(const char *user)
{
    return (ListName){LIST_LINKS_OF_USER, user, strlen(user)};
}

/* Where a service stands in a link; -1: not there. */
static int service_place(const Link *link, const char *service)
{
    const char *base = service_base_name(service);

    for (int i = 0; link->services[i]; i++) {
        if (g_str_equal(link->services[i], base)) {
            return i;
        }
    }
    return -1;
}

/* The links of a user; an empty array for a name that can have none. */
GPtrArray *link_of_user(Txn *txn, const char *user, GError **error)
{
    g_autoptr(GPtrArray) links = g_ptr_array_new_with_free_func((GDestroyNotify)link_free);

    if (!link_user_is_good(user)) {
        return g_steal_pointer(&links);
    }
    const ListName name = link_list_of_user(user);
    g_autoptr(GArray) ids = list_take(txn, &name, NULL, LINKS_OF_USER_MAX, error);
    for (guint i = 0; ids && i < ids->len; i++) {
        Link *link = NULL;
        if (!link_load(txn, &g_array_index(ids, Id, i), &link, error)) {
            return NULL;
        }
        if (link) {
            g_ptr_array_add(links, link);
        }
    }
    return ids ? g_steal_pointer(&links) : NULL;
}

gboolean link_find(
    Txn *txn,
    const Id *account,
    const char *service,
    const char *local_user,
    Id *ret_identity,
    GError **error)
{
    g_autoptr(GPtrArray) links = link_of_user(txn, local_user, error);

    *ret_identity = ID_NONE;
    for (guint i = 0; links && i < links->len; i++) {
        const Link *link = links->pdata[i];
        int place = service_place(link, service);
        if (place >= 0 && id_equal(&link->account, account) &&
            (guint)place < link->identities->len) {
            *ret_identity = g_array_index(link->identities, Id, place);
        }
    }
    return links != NULL;
}

GArray *link_accounts(Txn *txn, const char *service, const char *local_user, GError **error)
{
    g_autoptr(GPtrArray) links = link_of_user(txn, local_user, error);
    GArray *accounts = links ? g_array_new(FALSE, FALSE, ID_BYTES) : NULL;

    for (guint i = 0; links && i < links->len; i++) {
        const Link *link = links->pdata[i];
        if (service_place(link, service) >= 0) {
            g_array_append_val(accounts, link->account);
        }
    }
    return accounts;
}

/* A link counts only while account, identity and the service's app are good. */
static gboolean
link_is_alive(Txn *txn, const Link *link, const char *service, gboolean *ret_alive, GError **error)
{
    g_autoptr(Identity) identity = NULL;
    int place = service_place(link, service);

    *ret_alive = FALSE;
    return place < 0 || (guint)place >= link->identities->len ||
           chain_is_good(
               txn, &g_array_index(link->identities, Id, place), NULL, &identity, ret_alive, error);
}

gboolean link_find_only(
    Txn *txn,
    const char *service,
    const char *local_user,
    Id *ret_account,
    Id *ret_identity,
    guint *ret_count,
    GError **error)
{
    g_autoptr(GPtrArray) links = link_of_user(txn, local_user, error);
    Id account = ID_NONE;
    Id identity = ID_NONE;
    guint count = 0;

    for (guint i = 0; links && i < links->len; i++) {
        const Link *link = links->pdata[i];
        gboolean alive = FALSE;
        if (!link_is_alive(txn, link, service, &alive, error)) {
            return FALSE;
        }
        if (alive) {
            account = link->account;
            identity = g_array_index(link->identities, Id, service_place(link, service));
            count++;
        }
    }
    *ret_account = count == 1 ? account : ID_NONE;
    *ret_identity = count == 1 ? identity : ID_NONE;
    *ret_count = count;
    return links != NULL;
}

gboolean link_exists(
    Txn *txn,
    const char *service,
    const char *local_user,
    gboolean *ret_exists,
    GError **error)
{
    g_autoptr(GPtrArray) links = link_of_user(txn, local_user, error);

    *ret_exists = FALSE;
    for (guint i = 0; links && !*ret_exists && i < links->len; i++) {
        if (!link_is_alive(txn, links->pdata[i], service, ret_exists, error)) {
            return FALSE;
        }
    }
    return links != NULL;
}
