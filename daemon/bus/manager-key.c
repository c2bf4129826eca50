/* SPDX-License-Identifier: GPL-3.0-or-later */

/* manager-key.c - API keys of apps' backends: made (told once), listed without the secret, revoked
 */

#include "base/error.h"
#include "base/secret.h"
#include "bus/app-rows.h"
#include "bus/manager.h"
#include "core/api-key.h"

#define KEY_FIELDS "ssasxxx" /* id, prefix, scopes, born, last use, end */

static gboolean read_app(BusCall *call, gpointer data, GError **error)
{
    return bus_read_tenant(call, error) && bus_read_id(call, &((ApiKeyAsked *)data)->app, error);
}

static gboolean read_add(BusCall *call, gpointer data, GError **error)
{
    ApiKeyAsked *asked = data;
    guint64 seconds = 0;

    if (!read_app(call, asked, error) || !bus_read_texts(call, &asked->scopes, error)) {
        return FALSE;
    }
    if (sd_bus_message_read(call->message, "t", &seconds) <= 0 ||
        seconds > (guint64)(G_MAXINT64 / USEC_PER_SEC)) {
        g_set_error_literal(error, ANTARA_ERROR, ANTARA_ERROR_FAILED, "That is no life of a key.");
        return FALSE;
    }
    asked->life_usec = (gint64)seconds * USEC_PER_SEC;
    return TRUE;
}

static gboolean read_key(BusCall *call, gpointer data, GError **error)
{
    return bus_read_tenant(call, error) && bus_read_id(call, &((ApiKeyAsked *)data)->id, error);
}

static int reply_secret(G_GNUC_UNUSED BusCall *call, gpointer data, sd_bus_message *reply)
{
    const ApiKeyAnswer *answer = data;
    char id[ID_TEXT_CHARS + 1];

    id_to_text(&answer->id, id);
    int r = sd_bus_message_sensitive(reply);
    return r < 0 ? r : sd_bus_message_append(reply, "ss", id, answer->secret);
}

static int append_key(sd_bus_message *reply, const ApiKey *key)
{
    g_autofree char *prefix = api_key_prefix(key);
    char id[ID_TEXT_CHARS + 1];

    id_to_text(&key->id, id);
    int r = sd_bus_message_open_container(reply, 'r', KEY_FIELDS);
    r = r < 0 ? r : sd_bus_message_append(reply, "ss", id, prefix);
    r = r < 0 ? r : sd_bus_message_append_strv(reply, key->scopes);
    r = r < 0 ? r
              : sd_bus_message_append(
                    reply, "xxx", key->born_usec, key->used_usec, key->expires_usec);
    return r < 0 ? r : sd_bus_message_close_container(reply);
}

static int reply_keys(G_GNUC_UNUSED BusCall *call, gpointer data, sd_bus_message *reply)
{
    const GPtrArray *keys = ((ApiKeyAnswer *)data)->keys;

    int r = sd_bus_message_open_container(reply, 'a', "(" KEY_FIELDS ")");
    for (guint i = 0; r >= 0 && i < keys->len; i++) {
        r = append_key(reply, keys->pdata[i]);
    }
    return r < 0 ? r : sd_bus_message_close_container(reply);
}

static const char *key_problem(gconstpointer answer)
{
    return ((const ApiKeyAnswer *)answer)->problem;
}

const BusMethod manager_key_methods[] = {
    {.member = "AddKey",
     .in = "ssast",
     .out = "ss",
     .names = "tenant\0client_id\0scopes\0life_seconds\0id\0secret\0",
     .action = BUS_APP_ACTION,
     .act = &api_key_add_act,
     .asked_size = sizeof(ApiKeyAsked),
     .read = read_add,
     .reply = reply_secret,
     .problem = key_problem},
    {.member = "ListKeys",
     .in = "ss",
     .out = "a(" KEY_FIELDS ")",
     .names = "tenant\0client_id\0keys\0",
     .action = BUS_APP_ACTION,
     .act = &api_key_list_act,
     .asked_size = sizeof(ApiKeyAsked),
     .read = read_app,
     .reply = reply_keys,
     .problem = key_problem},
    {.member = "RevokeKey",
     .in = "ss",
     .out = "",
     .names = "tenant\0id\0",
     .action = BUS_APP_ACTION,
     .act = &api_key_revoke_act,
     .asked_size = sizeof(ApiKeyAsked),
     .read = read_key,
     .problem = key_problem},
    {0},
};
