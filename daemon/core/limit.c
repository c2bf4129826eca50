/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "core/limit.h"

#include "crypto/digest.h"

static const RecordField limit_fields[] = {
    {.number = 1, "full_usec", FIELD_I64, offsetof(Limit, full_usec)},
    {.number = 0},
};

const RecordTable limit_table =
    {.name = "limit", .kind = KIND_LIMIT, .size = sizeof(Limit), .fields = limit_fields};

#define LIMIT_USES_MAX 4U

/* A digest, so that a key of any length fits; the name's number stands before it. */
static void make_key(const LimitUse *use, guint8 ret_key[1 + SHA256_BYTES])
{
    ret_key[0] = (guint8)use->name;
    sha256(use->key, use->key_size, ret_key + 1);
}

/* When the budget would be whole again, if this one were taken from it. */
static gboolean
judge(Txn *txn, const LimitRate *rate, const LimitUse *use, gint64 *ret_full, GError **error)
{
    guint8 key[1 + SHA256_BYTES];
    gpointer found = NULL;
    gint64 full = txn_now(txn);

    make_key(use, key);
    if (!record_load(txn, &limit_table, key, sizeof(key), &found, error)) {
        return FALSE;
    }
    full = found ? MAX(full, ((const Limit *)found)->full_usec) : full;
    record_free(&limit_table, found);
    *ret_full = full + (gint64)rate->seconds * USEC_PER_SEC / rate->count;
    return TRUE;
}

static gboolean take_one(Txn *txn, const LimitUse *use, gint64 full, GError **error)
{
    guint8 key[1 + SHA256_BYTES];
    const Limit limit = {full};

    make_key(use, key);
    return record_save(txn, &limit_table, key, sizeof(key), &limit, full, error);
}

gboolean limit_take(
    Txn *txn,
    const Tenant *tenant,
    const LimitUse *uses,
    gsize n_uses,
    gboolean *ret_allowed,
    guint *ret_retry,
    GError **error)
{
    gint64 full[LIMIT_USES_MAX];
    gint64 wait_usec = 0;

    g_assert(n_uses <= LIMIT_USES_MAX);
    for (gsize i = 0; i < n_uses; i++) {
        const LimitRate *rate = &tenant->limits[uses[i].name];
        if (uses[i].key && !judge(txn, rate, &uses[i], &full[i], error)) {
            return FALSE;
        }
        if (uses[i].key) {
            gint64 over = full[i] - txn_now(txn) - (gint64)rate->seconds * USEC_PER_SEC;
            wait_usec = MAX(wait_usec, over);
        }
    }
    for (gsize i = 0; wait_usec == 0 && i < n_uses; i++) {
        if (uses[i].key && !take_one(txn, &uses[i], full[i], error)) {
            return FALSE;
        }
    }
    *ret_allowed = wait_usec == 0;
    *ret_retry = (guint)((wait_usec + USEC_PER_SEC - 1) / USEC_PER_SEC);
    return TRUE;
}

gboolean
limit_give_back(Txn *txn, const Tenant *tenant, const LimitUse *uses, gsize n_uses, GError **error)
{
    for (gsize i = 0; i < n_uses; i++) {
        const LimitRate *rate = &tenant->limits[uses[i].name];
        gint64 one = (gint64)rate->seconds * USEC_PER_SEC / rate->count;
        gint64 full = 0;
        /* judge() says when it would be whole if one more were taken: two less than that was
         * before. */
        if (uses[i].key && (!judge(txn, rate, &uses[i], &full, error) ||
                            !take_one(txn, &uses[i], full - 2 * one, error))) {
            return FALSE;
        }
    }
    return TRUE;
}
