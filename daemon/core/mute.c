/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "core/mute.h"

#include "core/event.h"
#include "core/kinds.h"
#include "crypto/digest.h"
#include "store/list.h"

#include <string.h>

static const RecordField mute_fields[] = {
    {.number = 1, "id", FIELD_ID, offsetof(Mute, id)},
    {.number = 2, "account", FIELD_ID, offsetof(Mute, account)},
    {.number = 3, "host", FIELD_TEXT, offsetof(Mute, host)},
    {.number = 4, "local_user", FIELD_TEXT, offsetof(Mute, local_user)},
    {.number = 5, "until_usec", FIELD_I64, offsetof(Mute, until_usec)},
    {.number = 0},
};

const RecordTable mute_table =
    {.name = "mute", .kind = KIND_MUTE, .size = sizeof(Mute), .fields = mute_fields};

void mute_free(Mute *mute)
{
    record_free(&mute_table, mute);
}

/* A host's name has one line. */
static Id id_of(const Id *account, const Device *device)
{
    char account_text[ID_TEXT_CHARS + 1];
    guint8 digest[SHA256_BYTES];
    Id id;

    id_to_text(account, account_text);
    g_autofree char *text = g_strjoin("\n", account_text, device->host, device->local_user, NULL);
    sha256(text, strlen(text), digest);
    memcpy(id.bytes, digest, ID_BYTES);
    return id;
}

static ListName list_of(const Id *account)
{
    return (ListName){LIST_MUTES_OF_ACCOUNT, account->bytes, ID_BYTES};
}

/* *ret_mute: NULL when there is none, or no longer. */
static gboolean load(Txn *txn, const Id *id, Mute **ret_mute, GError **error)
{
    g_autoptr(Mute) mute = NULL;

    *ret_mute = NULL;
    if (!record_load(txn, &mute_table, id->bytes, ID_BYTES, (gpointer *)&mute, error)) {
        return FALSE;
    }
    if (mute && mute->until_usec > txn_now(txn)) {
        *ret_mute = g_steal_pointer(&mute);
    }
    return TRUE;
}

gboolean
mute_is_on(Txn *txn, const Id *account, const Device *device, gboolean *ret_on, GError **error)
{
    g_autoptr(Mute) mute = NULL;
    const Id id = id_of(account, device);

    if (!load(txn, &id, &mute, error)) {
        return FALSE;
    }
    *ret_on = mute != NULL;
    return TRUE;
}

gboolean mute_is_its(
    Txn *txn,
    const Id *account,
    const Device *device,
    gboolean *ret_its,
    gboolean *ret_on,
    GError **error)
{
    Id identity = ID_NONE;

    if (!link_find(txn, account, device->service, device->local_user, &identity, error) ||
        !mute_is_on(txn, account, device, ret_on, error)) {
        return FALSE;
    }
    *ret_its = !id_is_none(&identity);
    return TRUE;
}

static gboolean note(Txn *txn, const Id *account, const Mute *mute, Outcome outcome, GError **error)
{
    g_autofree char *detail = g_strdup_printf("%s %s", mute->host, mute->local_user);
    const Event news = {
        .subject = EVENT_OF_ACCOUNT,
        .subject_id = *account,
        .what = EVENT_MUTE,
        .outcome = outcome,
        .detail = detail};

    return event_write(txn, &news, NULL, error);
}

GPtrArray *mute_rows(Txn *txn, const Id *account, GError **error)
{
    const ListName name = list_of(account);
    g_autoptr(GArray) ids = list_take(txn, &name, NULL, MUTES_OF_ACCOUNT_MAX, error);
    g_autoptr(GPtrArray) rows = g_ptr_array_new_with_free_func((GDestroyNotify)mute_free);

    for (guint i = 0; ids && i < ids->len; i++) {
        Mute *mute = NULL;
        if (!load(txn, &g_array_index(ids, Id, i), &mute, error)) {
            return NULL;
        }
        if (mute) {
            g_ptr_array_add(rows, mute);
        }
    }
    return ids ? g_steal_pointer(&rows) : NULL;
}

/* Those that are over leave the list when one more comes. */
static gboolean clear_list(Txn *txn, const Id *account, guint *ret_left, GError **error)
{
    const ListName name = list_of(account);
    g_autoptr(GPtrArray) rows = mute_rows(txn, account, error);

    if (!rows || !list_clear(txn, &name, error)) {
        return FALSE;
    }
    for (guint i = 0; i < rows->len; i++) {
        if (!list_add(txn, &name, &((const Mute *)rows->pdata[i])->id, error)) {
            return FALSE;
        }
    }
    *ret_left = rows->len;
    return TRUE;
}

gboolean
mute_make(Txn *txn, const Id *account, const Device *device, gboolean *ret_made, GError **error)
{
    const ListName name = list_of(account);
    const Mute mute = {
        .id = id_of(account, device),
        .account = *account,
        .host = device->host,
        .local_user = device->local_user,
        .until_usec = txn_now(txn) + MUTE_USEC};
    guint left = 0;

    if (!clear_list(txn, account, &left, error)) {
        return FALSE;
    }
    *ret_made = left < MUTES_OF_ACCOUNT_MAX;
    return !*ret_made ||
           (record_save(txn, &mute_table, mute.id.bytes, ID_BYTES, &mute, mute.until_usec, error) &&
            list_add(txn, &name, &mute.id, error) &&
            note(txn, account, &mute, OUTCOME_GRANTED, error));
}

Outcome mute_end(Txn *txn, const MeAsked *asked, PlainAnswer *ret_answer, GError **error)
{
    const Id *account = &asked->caller->account->id;
    const ListName name = list_of(account);
    g_autoptr(Mute) mute = NULL;

    if (!session_form_token_matches(txn, asked->caller, asked->form_token)) {
        ret_answer->reason = REASON_FORM_TOKEN;
        return OUTCOME_DENIED;
    }
    if (asked->target && !load(txn, asked->target, &mute, error)) {
        return OUTCOME_BROKEN;
    }
    if (!mute || !id_equal(&mute->account, account)) {
        ret_answer->reason = REASON_NOT_FOUND;
        return OUTCOME_DENIED;
    }
    return txn_delete(txn, KIND_MUTE, mute->id.bytes, ID_BYTES, error) &&
                   list_remove(txn, &name, &mute->id, error) &&
                   note(txn, account, mute, OUTCOME_DENIED, error)
               ? OUTCOME_GRANTED
               : OUTCOME_BROKEN;
}

ACT_DEFINE(mute_end, MeAsked, PlainAnswer, NULL);
