/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "core/known-key-inside.h"

#include "core/device-inside.h"
#include "core/event.h"
#include "core/limit.h"
#include "store/list.h"

#include <string.h>

static const RecordField known_key_fields[] = {
    {.number = 1, "id", FIELD_ID, offsetof(KnownKey, id)},
    {.number = 2, "account", FIELD_ID, offsetof(KnownKey, account)},
    {.number = 3, "identity", FIELD_ID, offsetof(KnownKey, identity)},
    {.number = 4, "session", FIELD_ID, offsetof(KnownKey, session)},
    {.number = 5, "key", FIELD_HASH, offsetof(KnownKey, key)},
    {.number = 6, "host", FIELD_TEXT, offsetof(KnownKey, host)},
    {.number = 7, "service", FIELD_TEXT, offsetof(KnownKey, service)},
    {.number = 8, "local_user", FIELD_TEXT, offsetof(KnownKey, local_user)},
    {.number = 9, "event", FIELD_TEXT, offsetof(KnownKey, event)},
    {.number = 10, "auth_usec", FIELD_I64, offsetof(KnownKey, auth_usec)},
    {.number = 11, "since_usec", FIELD_I64, offsetof(KnownKey, since_usec)},
    {.number = 12, "until_usec", FIELD_I64, offsetof(KnownKey, until_usec)},
    {.number = 0},
};

const RecordTable known_key_table = {
    .name = "known key",
    .kind = KIND_KNOWN_KEY,
    .size = sizeof(KnownKey),
    .fields = known_key_fields,
    .of_epoch = TRUE};

void known_key_free(KnownKey *known)
{
    record_free(&known_key_table, known);
}

static ListName list_of(const Id *account)
{
    return (ListName){LIST_KNOWN_KEYS_OF_ACCOUNT, account->bytes, ID_BYTES};
}

/* Neither the name of a service nor that of a user has a line feed. */
static Id id_of(const Device *device)
{
    guint8 digest[SHA256_BYTES];
    Id id;

    g_autofree char *key = ssh_key_show(device->key);
    g_autofree char *text = g_strjoin("\n", device->service, device->local_user, key, NULL);
    sha256(text, strlen(text), digest);
    memcpy(id.bytes, digest, ID_BYTES);
    return id;
}

static gint64 policy_usec(const CoreConfig *config, const char *service)
{
    const ServicePolicy *policy = core_config_service(config, service);

    return policy && policy->device ? policy->reauthenticate_after * USEC_PER_SEC : 0;
}

/* Who may do everything is asked each time; so is whoever has no key, which device_open() took from
 * root's sshd alone. */
static gboolean has_key(const Device *device)
{
    static const guint8 none[sizeof(device->key)];

    return !device->privileged && device->sign_in_since_usec == 0 && device->remote_is_trusted &&
           memcmp(device->key, none, sizeof(none)) != 0;
}

gint64 known_key_lasts_usec(const CoreConfig *config, const Device *device)
{
    return has_key(device) ? policy_usec(config, device->service) : 0;
}

/* By the record, and by the policy of today: what is shorter. */
static gint64 ends_usec(const CoreConfig *config, const KnownKey *known)
{
    return MIN(known->until_usec, known->since_usec + policy_usec(config, known->service));
}

static gboolean drop(Txn *txn, const KnownKey *known, GError **error)
{
    const ListName name = list_of(&known->account);

    return list_remove(txn, &name, &known->id, error) &&
           txn_delete(txn, KIND_KNOWN_KEY, known->id.bytes, ID_BYTES, error);
}

/* Whether who approved is still signed in there, and still known to the service. */
static gboolean is_held(Txn *txn, const KnownKey *known, gboolean *ret_held, GError **error)
{
    g_autoptr(Session) session = NULL;
    g_autoptr(Identity) identity = NULL;

    if (!session_load(txn, &known->session, &session, error) ||
        !chain_is_good(txn, &known->identity, NULL, &identity, ret_held, error)) {
        return FALSE;
    }
    *ret_held = *ret_held && session && id_equal(&session->account, &known->account);
    return TRUE;
}

gboolean known_key_load(Txn *txn, const Id *id, KnownKey **ret_known, GError **error)
{
    return record_load(txn, &known_key_table, id->bytes, ID_BYTES, (gpointer *)ret_known, error);
}

/* *ret_known: NULL when there is none, or it is over. */
static gboolean
load_good(Txn *txn, const CoreConfig *config, const Id *id, KnownKey **ret_known, GError **error)
{
    g_autoptr(KnownKey) known = NULL;
    gboolean held = FALSE;

    *ret_known = NULL;
    if (!known_key_load(txn, id, &known, error) || (known && !is_held(txn, known, &held, error))) {
        return FALSE;
    }
    if (held && ends_usec(config, known) > txn_now(txn)) {
        known->until_usec = ends_usec(config, known);
        *ret_known = g_steal_pointer(&known);
    }
    return TRUE;
}

GPtrArray *known_key_rows(Txn *txn, const CoreConfig *config, const Id *account, GError **error)
{
    const ListName name = list_of(account);
    g_autoptr(GArray) ids = list_take(txn, &name, NULL, KNOWN_KEYS_OF_ACCOUNT_MAX, error);
    g_autoptr(GPtrArray) rows = g_ptr_array_new_with_free_func((GDestroyNotify)known_key_free);

    for (guint i = 0; ids && i < ids->len; i++) {
        KnownKey *known = NULL;
        if (!load_good(txn, config, &g_array_index(ids, Id, i), &known, error)) {
            return NULL;
        }
        if (known && id_equal(&known->account, account)) {
            g_ptr_array_add(rows, known);
        } else {
            known_key_free(known); /* another account's by now */
        }
    }
    return ids ? g_steal_pointer(&rows) : NULL;
}

/* The place of the one that ends soonest. */
static guint soonest(const GPtrArray *rows)
{
    guint place = 0;

    for (guint i = 1; i < rows->len; i++) {
        const KnownKey *row = rows->pdata[i];
        if (row->until_usec < ((const KnownKey *)rows->pdata[place])->until_usec) {
            place = i;
        }
    }
    return place;
}

static void remove_id(GPtrArray *rows, const Id *id)
{
    for (guint i = rows->len; i > 0; i--) {
        if (id_equal(&((const KnownKey *)rows->pdata[i - 1])->id, id)) {
            g_ptr_array_remove_index_fast(rows, i - 1);
        }
    }
}

static gboolean has_id(const GPtrArray *rows, const Id *id)
{
    for (guint i = 0; i < rows->len; i++) {
        if (id_equal(&((const KnownKey *)rows->pdata[i])->id, id)) {
            return TRUE;
        }
    }
    return FALSE;
}

/* What leaves the list goes: by a longer policy it would be good again, and nobody see it. */
static gboolean forget_others(Txn *txn, const Id *account, const GPtrArray *rows, GError **error)
{
    const ListName name = list_of(account);
    g_autoptr(GArray) ids = list_take(txn, &name, NULL, KNOWN_KEYS_OF_ACCOUNT_MAX, error);

    for (guint i = 0; ids && i < ids->len; i++) {
        const Id *id = &g_array_index(ids, Id, i);
        g_autoptr(KnownKey) known = NULL;
        if (has_id(rows, id)) {
            continue;
        }
        if (!known_key_load(txn, id, &known, error)) {
            return FALSE;
        }
        if (known && id_equal(&known->account, account) && !drop(txn, known, error)) {
            return FALSE;
        }
    }
    return ids != NULL;
}

/* The list of an account without what is over, with room for one more. */
static gboolean make_room(Txn *txn, const CoreConfig *config, const KnownKey *one, GError **error)
{
    const ListName name = list_of(&one->account);
    g_autoptr(GPtrArray) rows = known_key_rows(txn, config, &one->account, error);

    if (!rows) {
        return FALSE;
    }
    remove_id(rows, &one->id);
    if (rows->len >= KNOWN_KEYS_OF_ACCOUNT_MAX) {
        const guint place = soonest(rows);
        if (!drop(txn, rows->pdata[place], error)) {
            return FALSE;
        }
        g_ptr_array_remove_index_fast(rows, place);
    }
    if (!forget_others(txn, &one->account, rows, error) || !list_clear(txn, &name, error)) {
        return FALSE;
    }
    for (guint i = 0; i < rows->len; i++) {
        if (!list_add(txn, &name, &((const KnownKey *)rows->pdata[i])->id, error)) {
            return FALSE;
        }
    }
    return TRUE;
}

gboolean known_key_keep(Txn *txn, const Caller *caller, const Device *device, GError **error)
{
    const gint64 lasts_usec = known_key_lasts_usec(caller->config, device);
    const ListName name = list_of(&device->account);

    if (lasts_usec == 0 || id_is_none(&device->session)) {
        return TRUE;
    }
    KnownKey known = {
        .id = id_of(device),
        .account = device->account,
        .identity = device->identity,
        .session = device->session,
        .host = device->host,
        .service = device->service,
        .local_user = device->local_user,
        .event = device->event,
        .auth_usec = device->auth_usec,
        .since_usec = txn_now(txn),
        .until_usec = txn_now(txn) + lasts_usec};
    memcpy(known.key, device->key, sizeof(known.key));
    return make_room(txn, caller->config, &known, error) &&
           record_save(
               txn, &known_key_table, known.id.bytes, ID_BYTES, &known, known.until_usec, error) &&
           list_add(txn, &name, &known.id, error);
}

/* Why who approved then may not be let in now, or NONE; a budget of so many keeps whoever has the
 * key from filling the store with his sign-ins. */
static gboolean judge(
    Txn *txn,
    const Caller *caller,
    const KnownKey *known,
    const Device *device,
    Reason *ret_reason,
    GError **error)
{
    const LimitUse use = {LIMIT_KNOWN_KEY, known->id.bytes, ID_BYTES};
    g_autoptr(Identity) identity = NULL;
    gboolean allowed = FALSE;
    guint retry = 0;

    if (!device_judge_approver(txn, device, FALSE, ret_reason, &identity, error)) {
        return FALSE;
    }
    if (*ret_reason != REASON_NONE) {
        return TRUE;
    }
    if (!limit_take(txn, caller, &use, 1, &allowed, &retry, error)) {
        return FALSE;
    }
    *ret_reason = allowed ? REASON_NONE : REASON_TOO_MANY;
    return TRUE;
}

gboolean
known_key_find(Txn *txn, const Caller *caller, Device *device, gboolean *ret_found, GError **error)
{
    g_autoptr(KnownKey) known = NULL;
    Reason reason = REASON_NONE;
    const Id id = id_of(device);

    *ret_found = FALSE;
    if (known_key_lasts_usec(caller->config, device) == 0) {
        return TRUE;
    }
    if (!load_good(txn, caller->config, &id, &known, error)) {
        return FALSE;
    }
    if (!known) {
        return TRUE;
    }
    device->account = known->account;
    device->identity = known->identity;
    device->auth_usec = known->auth_usec;
    if (!judge(txn, caller, known, device, &reason, error)) {
        return FALSE;
    }
    if (reason != REASON_NONE) {
        device->account = device->identity = ID_NONE;
        device->auth_usec = 0;
        return TRUE;
    }
    device->known_by = g_steal_pointer(&known->event);
    *ret_found = TRUE;
    return TRUE;
}

gboolean known_key_finish(Txn *txn, const KnownKey *known, GError **error)
{
    g_autofree char *key = ssh_key_show(known->key);
    g_autofree char *detail =
        g_strdup_printf("%s %s %s %s", known->host, known->service, known->local_user, key);
    const Event news = {
        .subject = EVENT_OF_ACCOUNT,
        .subject_id = known->account,
        .what = EVENT_KNOWN_KEY,
        .outcome = OUTCOME_DENIED,
        .detail = detail};

    txn_set_revoking(txn);
    return drop(txn, known, error) && event_write(txn, &news, NULL, error);
}

/* Whatever holds, good now or not: a policy may be as long again as it was. */
gboolean known_key_end_of(
    Txn *txn,
    const Id *account,
    const char *local_user,
    guint *n_ended,
    GError **error)
{
    const ListName name = list_of(account);
    g_autoptr(GArray) ids = list_take(txn, &name, NULL, KNOWN_KEYS_OF_ACCOUNT_MAX, error);

    for (guint i = 0; ids && i < ids->len; i++) {
        g_autoptr(KnownKey) known = NULL;
        if (!known_key_load(txn, &g_array_index(ids, Id, i), &known, error)) {
            return FALSE;
        }
        if (!known || !id_equal(&known->account, account) ||
            !g_str_equal(known->local_user, local_user)) {
            continue;
        }
        if (!known_key_finish(txn, known, error)) {
            return FALSE;
        }
        (*n_ended)++;
    }
    return ids != NULL;
}
