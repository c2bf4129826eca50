/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "core/app.h"

static const RecordField app_fields[] = {
    {.number = 1, "id", FIELD_ID, offsetof(App, id)},
    {.number = 2, "name", FIELD_TEXT, offsetof(App, name)},
    {.number = 3, "redirect_uris", FIELD_TEXTS, offsetof(App, redirect_uris)},
    {.number = 4, "scopes", FIELD_TEXTS, offsetof(App, scopes)},
    {.number = 5, "level", FIELD_U32, offsetof(App, level)},
    {.number = 6, "state", FIELD_U32, offsetof(App, state)},
    {.number = 7, "service", FIELD_BOOL, offsetof(App, service)},
    {.number = 8, "born_usec", FIELD_I64, offsetof(App, born_usec)},
    {.number = 9, "resources", FIELD_TEXTS, offsetof(App, resources)},
    {.number = 10, "post_logout", FIELD_TEXTS, offsetof(App, post_logout_redirect_uris)},
    {.number = 11, "backchannel_logout_uri", FIELD_TEXT, offsetof(App, backchannel_logout_uri)},
    {.number = 12, "id_token_alg", FIELD_U32, offsetof(App, id_token_alg)},
    {.number = 13, "refresh_replay_seconds", FIELD_U32, offsetof(App, refresh_replay_seconds)},
    {.number = 14, "registered", FIELD_BOOL, offsetof(App, registered)},
    {.number = 15, "used_usec", FIELD_I64, offsetof(App, used_usec)},
    {.number = 16, "policy_uri", FIELD_TEXT, offsetof(App, policy_uri)},
    {.number = 17, "tos_uri", FIELD_TEXT, offsetof(App, tos_uri)},
    {.number = 18, "logo_uri", FIELD_TEXT, offsetof(App, logo_uri)},
    {.number = 0},
};

const RecordTable app_table =
    {.name = "app", .kind = KIND_APP, .size = sizeof(App), .fields = app_fields};

void app_free(App *app)
{
    record_free(&app_table, app);
}

gboolean app_load(Txn *txn, const Id *id, App **ret_app, GError **error)
{
    return record_load(txn, &app_table, id->bytes, ID_BYTES, (gpointer *)ret_app, error);
}

gboolean app_save(Txn *txn, const App *app, GError **error)
{
    return record_save(txn, &app_table, app->id.bytes, ID_BYTES, app, 0, error);
}

gboolean app_find(Txn *txn, const char *client_id, App **ret_app, GError **error)
{
    g_autoptr(App) app = NULL;
    Id id = ID_NONE;

    if (!id_from_text(client_id, &id)) {
        *ret_app = NULL;
        return TRUE;
    }
    if (!app_load(txn, &id, &app, error)) {
        return FALSE;
    }
    *ret_app = app && !app->service ? g_steal_pointer(&app) : NULL;
    return TRUE;
}

gboolean app_is_unknown(const App *app)
{
    return app->registered && app->level != APP_VERIFIED;
}
