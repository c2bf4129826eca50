/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "core/api-key.h"

static const RecordField api_key_fields[] = {
    {.number = 1, "id", FIELD_ID, offsetof(ApiKey, id)},
    {.number = 2, "hash", FIELD_HASH, offsetof(ApiKey, hash)},
    {.number = 3, "app", FIELD_ID, offsetof(ApiKey, app)},
    {.number = 4, "scopes", FIELD_TEXTS, offsetof(ApiKey, scopes)},
    {.number = 5, "born_usec", FIELD_I64, offsetof(ApiKey, born_usec)},
    {.number = 6, "used_usec", FIELD_I64, offsetof(ApiKey, used_usec)},
    {.number = 7, "expires_usec", FIELD_I64, offsetof(ApiKey, expires_usec)},
    {.number = 0},
};

const RecordTable api_key_table =
    {.name = "api key", .kind = KIND_API_KEY, .size = sizeof(ApiKey), .fields = api_key_fields};

void api_key_free(ApiKey *key)
{
    record_free(&api_key_table, key);
}

gboolean api_key_load(Txn *txn, const Id *id, ApiKey **ret_key, GError **error)
{
    g_autoptr(ApiKey) key = NULL;

    if (!record_load(txn, &api_key_table, id->bytes, ID_BYTES, (gpointer *)&key, error)) {
        return FALSE;
    }
    if (key && key->expires_usec != 0 && key->expires_usec <= txn_now(txn)) {
        g_clear_pointer(&key, api_key_free);
    }
    *ret_key = g_steal_pointer(&key);
    return TRUE;
}

gboolean api_key_find(Txn *txn, const char *text, ApiKey **ret_key, GError **error)
{
    g_autoptr(ApiKey) key = NULL;
    Token token;

    *ret_key = NULL;
    if (!token_from_text(txn_mac(txn, KEY_TOKEN), TOKEN_API_KEY, text, &token)) {
        return TRUE;
    }
    if (!api_key_load(txn, &token.handle, &key, error)) {
        return FALSE;
    }
    if (key && token_matches(&token, key->hash)) {
        *ret_key = g_steal_pointer(&key);
    }
    return TRUE;
}

gboolean api_key_touch(Txn *txn, ApiKey *key, GError **error)
{
    if (key->used_usec + API_KEY_USED_STEP_USEC > txn_now(txn)) {
        return TRUE;
    }
    key->used_usec = txn_now(txn);
    return record_save(txn, &api_key_table, key->id.bytes, ID_BYTES, key, key->expires_usec, error);
}

char *api_key_prefix(const ApiKey *key)
{
    char handle[ID_TEXT_CHARS + 1];

    id_to_text(&key->id, handle);
    return g_strdup_printf("antara_live_%.6s", handle);
}
