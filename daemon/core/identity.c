/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "core/identity.h"

#include "base/error.h"
#include "core/chain.h"
#include "crypto/random.h"
#include "store/list.h"

#include <string.h>

#define SLUG_DRAWS_MAX                                                                             \
    4U /* two of 2^128 never meet; a generator that repeats itself is an error                     \
        */

static const RecordField identity_fields[] = {
    {.number = 1, "id", FIELD_ID, offsetof(Identity, id)},
    {.number = 2, "account", FIELD_ID, offsetof(Identity, account)},
    {.number = 3, "app", FIELD_ID, offsetof(Identity, app)},
    {.number = 4, "slug", FIELD_ID, offsetof(Identity, slug)},
    {.number = 5, "alias", FIELD_TEXT, offsetof(Identity, alias)},
    {.number = 6, "scopes", FIELD_TEXTS, offsetof(Identity, scopes)},
    {.number = 7, "consented_usec", FIELD_I64, offsetof(Identity, consented_usec)},
    {.number = 8, "born_usec", FIELD_I64, offsetof(Identity, born_usec)},
    {.number = 0},
};

const RecordTable identity_table = {
    .name = "identity",
    .kind = KIND_IDENTITY,
    .size = sizeof(Identity),
    .fields = identity_fields};

void identity_free(Identity *identity)
{
    record_free(&identity_table, identity);
}

gboolean identity_load(Txn *txn, const Id *id, Identity **ret_identity, GError **error)
{
    return record_load(txn, &identity_table, id->bytes, ID_BYTES, (gpointer *)ret_identity, error);
}

gboolean identity_save(Txn *txn, const Identity *identity, GError **error)
{
    return record_save(txn, &identity_table, identity->id.bytes, ID_BYTES, identity, 0, error);
}

/* By a record that holds its id alone. */
static gboolean find_by(
    Txn *txn,
    Kind kind,
    const void *key,
    gsize key_size,
    Identity **ret_identity,
    GError **error)
{
    g_autoptr(GBytes) found = NULL;
    Id id = ID_NONE;

    if (!txn_get(txn, kind, key, key_size, &found, error)) {
        return FALSE;
    }
    *ret_identity = NULL;
    if (!found) {
        return TRUE;
    }
    g_assert(g_bytes_get_size(found) == ID_BYTES);
    memcpy(id.bytes, g_bytes_get_data(found, NULL), ID_BYTES);
    return identity_load(txn, &id, ret_identity, error);
}

typedef struct Pair {
    Id account, app;
} Pair;

gboolean
identity_find(Txn *txn, const Id *account, const Id *app, Identity **ret_identity, GError **error)
{
    const Pair pair = {*account, *app};

    return find_by(txn, KIND_IDENTITY_BY_PAIR, &pair, sizeof(pair), ret_identity, error);
}

gboolean identity_find_slug(Txn *txn, const Id *slug, Identity **ret_identity, GError **error)
{
    return find_by(txn, KIND_IDENTITY_BY_SLUG, slug->bytes, ID_BYTES, ret_identity, error);
}

/* Random, and no other's: insert if absent. */
static gboolean slug_draw(Txn *txn, Identity *identity, GError **error)
{
    g_autoptr(GBytes) id = g_bytes_new(identity->id.bytes, ID_BYTES);

    for (guint draw = 0; draw < SLUG_DRAWS_MAX; draw++) {
        g_autoptr(GBytes) taken = NULL;
        random_id(&identity->slug);
        if (!txn_get(txn, KIND_IDENTITY_BY_SLUG, identity->slug.bytes, ID_BYTES, &taken, error)) {
            return FALSE;
        }
        if (!taken) {
            return txn_put(
                txn, KIND_IDENTITY_BY_SLUG, identity->slug.bytes, ID_BYTES, id, 0, error);
        }
    }
    g_set_error(
        error, ANTARA_ERROR, ANTARA_ERROR_FAILED, "the generator of random numbers repeats itself");
    return FALSE;
}

static gboolean identity_index(Txn *txn, const Identity *identity, GError **error)
{
    const Pair pair = {identity->account, identity->app};
    const ListName of_account = {LIST_IDENTITIES_OF_ACCOUNT, identity->account.bytes, ID_BYTES};
    const ListName of_app = {LIST_IDENTITIES_OF_APP, identity->app.bytes, ID_BYTES};
    g_autoptr(GBytes) id = g_bytes_new(identity->id.bytes, ID_BYTES);

    return txn_put(txn, KIND_IDENTITY_BY_PAIR, &pair, sizeof(pair), id, 0, error) &&
           list_add(txn, &of_account, &identity->id, error) &&
           list_add(txn, &of_app, &identity->id, error);
}

gboolean
identity_make(Txn *txn, const Id *account, const Id *app, Identity **ret_identity, GError **error)
{
    g_autoptr(Identity) identity = NULL;

    if (!identity_find(txn, account, app, &identity, error)) {
        return FALSE;
    }
    if (!identity) {
        identity = g_new0(Identity, 1);
        random_id(&identity->id);
        identity->account = *account;
        identity->app = *app;
        identity->scopes = g_new0(char *, 1);
        identity->born_usec = txn_now(txn);
        if (!slug_draw(txn, identity, error) || !identity_index(txn, identity, error) ||
            !identity_save(txn, identity, error)) {
            return FALSE;
        }
    }
    *ret_identity = g_steal_pointer(&identity);
    return TRUE;
}

gboolean identity_remove(Txn *txn, const Identity *identity, GError **error)
{
    const Pair pair = {identity->account, identity->app};
    const ListName of_account = {LIST_IDENTITIES_OF_ACCOUNT, identity->account.bytes, ID_BYTES};
    const ListName of_app = {LIST_IDENTITIES_OF_APP, identity->app.bytes, ID_BYTES};

    return chain_end_of_identity(txn, &identity->id, error) &&
           txn_delete(txn, KIND_IDENTITY_BY_PAIR, &pair, sizeof(pair), error) &&
           txn_delete(txn, KIND_IDENTITY_BY_SLUG, identity->slug.bytes, ID_BYTES, error) &&
           list_remove(txn, &of_account, &identity->id, error) &&
           list_remove(txn, &of_app, &identity->id, error) &&
           txn_delete(txn, KIND_IDENTITY, identity->id.bytes, ID_BYTES, error);
}
