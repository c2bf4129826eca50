/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "core/kept.h"

#include "crypto/random.h"

static const RecordField kept_fields[] = {
    {.number = 1, "account", FIELD_ID, offsetof(Kept, account)},
    {.number = 2, "request", FIELD_BYTES, offsetof(Kept, request)},
    {.number = 0},
};

const RecordTable kept_table = {
    .name = "kept",
    .kind = KIND_KEPT,
    .size = sizeof(Kept),
    .fields = kept_fields,
    .of_epoch = TRUE};

gboolean kept_put(Txn *txn, const Id *account, GBytes *request, Id *ret_kept, GError **error)
{
    const Kept kept = {*account, request};
    Id id;

    random_id(&id);
    if (!record_save(
            txn, &kept_table, id.bytes, ID_BYTES, &kept, txn_now(txn) + KEPT_LIFE_USEC, error)) {
        return FALSE;
    }
    *ret_kept = id;
    return TRUE;
}

gboolean
kept_take(Txn *txn, const Id *kept_id, const Id *account, GBytes **ret_request, GError **error)
{
    gpointer found = NULL;

    if (!record_load(txn, &kept_table, kept_id->bytes, ID_BYTES, &found, error)) {
        return FALSE;
    }
    Kept *kept = found;
    *ret_request =
        kept && id_equal(&kept->account, account) ? g_steal_pointer(&kept->request) : NULL;
    record_free(&kept_table, kept);
    return TRUE;
}
