/* SPDX-License-Identifier: GPL-3.0-or-later */

/* manager-app.c - apps: what an administrator can ask for and change */

#include "bus/app-rows.h"
#include "bus/manager.h"

const char *bus_app_problem(gconstpointer answer)
{
    return ((const AppAnswer *)answer)->problem;
}

const char *bus_app_level(guint32 level)
{
    static const char *const names[] = {
        [APP_PRIVATE] = "private", [APP_UNVERIFIED] = "unverified", [APP_VERIFIED] = "verified"};

    return level < G_N_ELEMENTS(names) && names[level] ? names[level] : "unknown";
}

const char *bus_app_state(guint32 state)
{
    static const char *const names[] = {
        [APP_CLEAN] = "clean",
        [APP_WARN] = "warn",
        [APP_RESTRICT] = "restrict",
        [APP_DISABLED] = "disabled"};

    return state < G_N_ELEMENTS(names) && names[state] ? names[state] : "unknown";
}

static int append_app(sd_bus_message *reply, const App *app)
{
    char client_id[ID_TEXT_CHARS + 1];

    id_to_text(&app->id, client_id);
    int r = sd_bus_message_open_container(reply, 'r', BUS_APP_FIELDS);
    r = r < 0 ? r : sd_bus_message_append(reply, "ss", client_id, app->name);
    r = r < 0 ? r : sd_bus_message_append_strv(reply, app->redirect_uris);
    r = r < 0 ? r : sd_bus_message_append_strv(reply, app->scopes);
    r = r < 0 ? r
              : sd_bus_message_append(
                    reply, "ssx", bus_app_level(app->level), bus_app_state(app->state),
                    app->born_usec);
    r = r < 0 ? r : sd_bus_message_append_strv(reply, app->resources);
    r = r < 0 ? r : sd_bus_message_append_strv(reply, app->post_logout_redirect_uris);
    r = r < 0 ? r
              : sd_bus_message_append(
                    reply, "ssu", app->backchannel_logout_uri,
                    jws_alg_name((JwsAlg)app->id_token_alg), app->refresh_replay_seconds);
    r = r < 0 ? r
              : sd_bus_message_append(
                    reply, "sssbx", app->policy_uri, app->tos_uri, app->logo_uri, app->registered,
                    app->used_usec);
    return r < 0 ? r : sd_bus_message_close_container(reply);
}

static int reply_app(G_GNUC_UNUSED BusCall *call, gpointer answer, sd_bus_message *reply)
{
    return append_app(reply, ((AppAnswer *)answer)->app);
}

static int reply_apps(G_GNUC_UNUSED BusCall *call, gpointer answer, sd_bus_message *reply)
{
    const GPtrArray *apps = ((AppAnswer *)answer)->apps;

    int r = sd_bus_message_open_container(reply, 'a', "(" BUS_APP_FIELDS ")");
    for (guint i = 0; r >= 0 && apps && i < apps->len; i++) {
        r = append_app(reply, apps->pdata[i]);
    }
    return r < 0 ? r : sd_bus_message_close_container(reply);
}

static int reply_client_id(G_GNUC_UNUSED BusCall *call, gpointer answer, sd_bus_message *reply)
{
    char client_id[ID_TEXT_CHARS + 1];

    id_to_text(&((AppAnswer *)answer)->app->id, client_id);
    return sd_bus_message_append(reply, "s", client_id);
}

static gboolean read_list(BusCall *call, G_GNUC_UNUSED gpointer asked, GError **error)
{
    return bus_read_tenant(call, error);
}

static gboolean read_one(BusCall *call, gpointer asked, GError **error)
{
    return bus_read_tenant(call, error) && bus_read_id(call, &((AppAsked *)asked)->id, error);
}

static gboolean read_add(BusCall *call, gpointer asked, GError **error)
{
    return bus_read_tenant(call, error) && bus_app_read_settings(call, asked, error);
}

static gboolean read_set(BusCall *call, gpointer asked, GError **error)
{
    return read_one(call, asked, error) && bus_app_read_settings(call, asked, error);
}

const BusMethod manager_app_methods[] = {
    {.member = "ListApps",
     .in = "s",
     .out = "a(" BUS_APP_FIELDS ")",
     .names = "tenant\0apps\0",
     .act = &app_list_act,
     .asked_size = sizeof(AppAsked),
     .read = read_list,
     .reply = reply_apps},
    {.member = "ShowApp",
     .in = "ss",
     .out = "(" BUS_APP_FIELDS ")",
     .names = "tenant\0client_id\0app\0",
     .act = &app_show_act,
     .asked_size = sizeof(AppAsked),
     .read = read_one,
     .reply = reply_app},
    {.member = "AddApp",
     .in = "sa{sv}",
     .out = "s",
     .names = "tenant\0settings\0client_id\0",
     .action = BUS_APP_ACTION,
     .act = &app_add_act,
     .asked_size = sizeof(AppAsked),
     .read = read_add,
     .reply = reply_client_id,
     .problem = bus_app_problem},
    {.member = "SetApp",
     .in = "ssa{sv}",
     .out = "",
     .names = "tenant\0client_id\0settings\0",
     .action = BUS_APP_ACTION,
     .act = &app_set_act,
     .asked_size = sizeof(AppAsked),
     .read = read_set,
     .problem = bus_app_problem},
    {.member = "RemoveApp",
     .in = "ss",
     .out = "",
     .names = "tenant\0client_id\0",
     .action = BUS_APP_ACTION,
     .act = &app_remove_act,
     .asked_size = sizeof(AppAsked),
     .read = read_one},
    {0},
};
