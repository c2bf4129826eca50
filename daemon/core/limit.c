/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "core/limit.h"

#include "crypto/digest.h"

#include <string.h>

static const RecordField limit_fields[] = {
    {.number = 1, "full_usec", FIELD_I64, offsetof(Limit, full_usec)},
    {.number = 0},
};

const RecordTable limit_table =
    {.name = "limit", .kind = KIND_LIMIT, .size = sizeof(Limit), .fields = limit_fields};

const char limit_everybody[] = "everybody";

static LimitRate rate_of(const Tenant *tenant, const LimitUse *use)
{
    LimitRate rate = tenant->limits[use->name];

    rate.count *= use->key == limit_everybody ? LIMIT_EVERYBODY_TIMES : 1;
    return rate;
}

#define LIMIT_KEY_BYTES_MAX (1 + SHA256_BYTES)

/* The name's number, then an id as it is, or a digest, so that a key of any length fits. */
static gsize make_key(const LimitUse *use, guint8 ret_key[LIMIT_KEY_BYTES_MAX])
{
    ret_key[0] = (guint8)use->name;
    if (use->key_size == ID_BYTES) {
        memcpy(ret_key + 1, use->key, ID_BYTES);
        return 1 + ID_BYTES;
    }
    sha256(use->key, use->key_size, ret_key + 1);
    return 1 + SHA256_BYTES;
}

static gint64 step_usec(const LimitRate *rate)
{
    return MAX((gint64)rate->seconds * USEC_PER_SEC / rate->count, 1);
}

/* How far ahead the timestamp may be: as many steps as there may be at once. */
static gint64 ahead_usec(const LimitRate *rate)
{
    return step_usec(rate) * rate->count;
}

static guint seconds_of(gint64 usec)
{
    return (guint)((usec + USEC_PER_SEC - 1) / USEC_PER_SEC);
}

/* When the budget would be whole again, if this one were taken from it. */
static gboolean
judge(Txn *txn, const LimitRate *rate, const LimitUse *use, gint64 *ret_full, GError **error)
{
    guint8 key[LIMIT_KEY_BYTES_MAX];
    gpointer found = NULL;
    gint64 full = txn_now(txn);

    gsize size = make_key(use, key);
    if (!record_load(txn, &limit_table, key, size, &found, error)) {
        return FALSE;
    }
    full = found ? MAX(full, ((const Limit *)found)->full_usec) : full;
    record_free(&limit_table, found);
    *ret_full = full + step_usec(rate);
    return TRUE;
}

static gboolean take_one(Txn *txn, const LimitUse *use, gint64 full, GError **error)
{
    guint8 key[LIMIT_KEY_BYTES_MAX];
    const Limit limit = {full};

    gsize size = make_key(use, key);
    return record_save(txn, &limit_table, key, size, &limit, full, error);
}

static void note_wait(const Caller *caller, gint64 wait)
{
    if (caller->standing) {
        caller->standing->retry_seconds = MAX(caller->standing->retry_seconds, seconds_of(wait));
    }
}

/* @ahead: of the timestamp, as it stands after the request. */
static void note(const Caller *caller, LimitName name, gint64 ahead, gint64 wait)
{
    LimitStanding *standing = caller->standing;
    const LimitRate *rate = &caller->tenant->limits[name];

    note_wait(caller, wait);
    if (!standing || limit_is_shared(name) || standing->n_rows == LIMIT_USES_MAX) {
        return;
    }
    gint64 left = (ahead_usec(rate) - ahead) / step_usec(rate);
    standing->rows[standing->n_rows++] = (struct LimitRow){
        .name = name,
        .rate = *rate,
        .left = (guint)MAX(left, 0),
        .reset_seconds = seconds_of(ahead),
    };
}

/* What each stands at: with one more taken, or, refused, as before. */
static void note_all(
    const Txn *txn,
    const Caller *caller,
    const LimitUse *uses,
    gsize n_uses,
    const gint64 *full,
    gint64 wait)
{
    for (gsize i = 0; i < n_uses; i++) {
        gint64 step = step_usec(&caller->tenant->limits[uses[i].name]);
        if (uses[i].key == limit_everybody) {
            note_wait(caller, wait);
        } else if (uses[i].key) {
            note(caller, uses[i].name, full[i] - txn_now(txn) - (wait > 0 ? step : 0), wait);
        }
    }
}

gboolean limit_take(
    Txn *txn,
    const Caller *caller,
    const LimitUse *uses,
    gsize n_uses,
    gboolean *ret_allowed,
    guint *ret_retry,
    GError **error)
{
    gint64 full[LIMIT_USES_MAX] = {0};
    gint64 wait_usec = 0;

    g_assert(n_uses <= LIMIT_USES_MAX);
    for (gsize i = 0; i < n_uses; i++) {
        const LimitRate rate = rate_of(caller->tenant, &uses[i]);
        if (uses[i].key && !judge(txn, &rate, &uses[i], &full[i], error)) {
            return FALSE;
        }
        if (uses[i].key) {
            wait_usec = MAX(wait_usec, full[i] - txn_now(txn) - ahead_usec(&rate));
        }
    }
    for (gsize i = 0; wait_usec == 0 && i < n_uses; i++) {
        if (uses[i].key && !take_one(txn, &uses[i], full[i], error)) {
            return FALSE;
        }
    }
    note_all(txn, caller, uses, n_uses, full, wait_usec);
    *ret_allowed = wait_usec == 0;
    *ret_retry = seconds_of(wait_usec);
    return TRUE;
}

gboolean
limit_give_back(Txn *txn, const Caller *caller, const LimitUse *uses, gsize n_uses, GError **error)
{
    for (gsize i = 0; i < n_uses; i++) {
        const LimitRate rate = rate_of(caller->tenant, &uses[i]);
        gint64 full = 0;
        /* judge() says when it would be whole if one more were taken: two less than that was
         * before. */
        if (uses[i].key && (!judge(txn, &rate, &uses[i], &full, error) ||
                            !take_one(txn, &uses[i], full - 2 * step_usec(&rate), error))) {
            return FALSE;
        }
    }
    if (caller->standing) {
        *caller->standing = (LimitStanding){.n_rows = 0};
    }
    return TRUE;
}

gboolean limit_take_own(const Txn *txn, const Caller *caller, LimitName name, gint64 *full_usec)
{
    const LimitRate *rate = &caller->tenant->limits[name];
    gint64 before = MAX(txn_now(txn), *full_usec);
    gint64 wait = before + step_usec(rate) - txn_now(txn) - ahead_usec(rate);

    if (wait <= 0) {
        *full_usec = before + step_usec(rate);
    }
    note(caller, name, MAX(*full_usec, before) - txn_now(txn), MAX(wait, 0));
    return wait <= 0;
}
