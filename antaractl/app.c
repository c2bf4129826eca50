/* SPDX-License-Identifier: GPL-3.0-or-later */

/* app.c - antaractl app … */

#include "antaractl/bus.h"
#include "antaractl/command.h"

#define APP_FIELDS "client_id:s name:s redirect_uris:as scopes:as level:s state:s born:x"

static gboolean check_add(const Words *words, GError **error)
{
    if (!words_have(words, "redirect-uri")) {
        g_set_error(
            error, CTL_ERROR, CTL_ERROR_USAGE,
            "An app needs a redirect URI: add --redirect-uri URI");
        return FALSE;
    }
    return TRUE;
}

static gboolean app_add(sd_bus *bus, const Words *words, json_t **ret_result, GError **error)
{
    g_auto(GStrv) uris = words_options(words, "redirect-uri");
    g_auto(GStrv) scopes = words_options(words, "scope");
    g_autoptr(BusMessage) call = bus_call_new(bus, "AddApp");

    int r = sd_bus_message_append(call, "ss", words->tenant, words_place(words, 0));
    r = r < 0 ? r : sd_bus_message_append_strv(call, uris);
    r = r < 0 ? r : sd_bus_message_append_strv(call, scopes);
    g_autoptr(BusMessage) reply = bus_call(bus, call, r, error);
    *ret_result = reply ? bus_read_named(reply, "client_id", error) : NULL;
    return *ret_result != NULL;
}

static gboolean app_list(sd_bus *bus, const Words *words, json_t **ret_result, GError **error)
{
    g_autoptr(BusMessage) call = bus_call_new(bus, "ListApps");
    int r = sd_bus_message_append(call, "s", words->tenant);
    g_autoptr(BusMessage) reply = bus_call(bus, call, r, error);

    *ret_result = reply ? bus_read_rows(reply, APP_FIELDS, error) : NULL;
    return *ret_result != NULL;
}

static gboolean app_show(sd_bus *bus, const Words *words, json_t **ret_result, GError **error)
{
    g_autoptr(BusMessage) call = bus_call_new(bus, "ShowApp");
    int r = sd_bus_message_append(call, "ss", words->tenant, words_place(words, 0));
    g_autoptr(BusMessage) reply = bus_call(bus, call, r, error);

    *ret_result = reply ? bus_read_row(reply, APP_FIELDS, error) : NULL;
    return *ret_result != NULL;
}

static int append_change(sd_bus_message *call, const char *key, char **texts)
{
    int r = *texts ? sd_bus_message_open_container(call, 'e', "sv") : 0;

    if (!*texts || r < 0) {
        return r;
    }
    r = sd_bus_message_append(call, "s", key);
    r = r < 0 ? r : sd_bus_message_open_container(call, 'v', "as");
    r = r < 0 ? r : sd_bus_message_append_strv(call, texts);
    r = r < 0 ? r : sd_bus_message_close_container(call);
    return r < 0 ? r : sd_bus_message_close_container(call);
}

static gboolean check_set(const Words *words, GError **error)
{
    if (!words_have(words, "name") && !words_have(words, "redirect-uri") &&
        !words_have(words, "scope")) {
        g_set_error(
            error, CTL_ERROR, CTL_ERROR_USAGE,
            "Nothing to set: name --name, --redirect-uri or --scope");
        return FALSE;
    }
    return TRUE;
}

static gboolean app_set(sd_bus *bus, const Words *words, json_t **ret_result, GError **error)
{
    g_auto(GStrv) uris = words_options(words, "redirect-uri");
    g_auto(GStrv) scopes = words_options(words, "scope");
    const char *name = words_option(words, "name");
    g_autoptr(BusMessage) call = bus_call_new(bus, "SetApp");

    int r = sd_bus_message_append(call, "ss", words->tenant, words_place(words, 0));
    r = r < 0 ? r : sd_bus_message_open_container(call, 'a', "{sv}");
    r = r < 0 || !name ? r : sd_bus_message_append(call, "{sv}", "Name", "s", name);
    r = r < 0 ? r : append_change(call, "RedirectUris", uris);
    r = r < 0 ? r : append_change(call, "Scopes", scopes);
    r = r < 0 ? r : sd_bus_message_close_container(call);
    g_autoptr(BusMessage) reply = bus_call(bus, call, r, error);
    *ret_result = reply ? json_pack("{ss}", "client_id", words_place(words, 0)) : NULL;
    return reply != NULL;
}

static gboolean app_remove(sd_bus *bus, const Words *words, json_t **ret_result, GError **error)
{
    g_autoptr(BusMessage) call = bus_call_new(bus, "RemoveApp");
    int r = sd_bus_message_append(call, "ss", words->tenant, words_place(words, 0));
    g_autoptr(BusMessage) reply = bus_call(bus, call, r, error);

    *ret_result = reply ? json_pack("{ss}", "client_id", words_place(words, 0)) : NULL;
    return reply != NULL;
}

const Command app_commands[] = {
    {"app", "add", "NAME --redirect-uri URI … [--scope S …]", "redirect-uri= scope=", 1, 1,
     "Register an app; prints its client id", check_add, app_add},
    {"app", "list", "", "", 0, 0, "List the apps", NULL, app_list},
    {"app", "show", "CLIENT_ID", "", 1, 1, "Show one app", NULL, app_show},
    {"app", "set", "CLIENT_ID [--name NAME] [--redirect-uri URI …] [--scope S …]",
     "name= redirect-uri= scope=", 1, 1, "Change an app", check_set, app_set},
    {"app", "remove", "CLIENT_ID", "", 1, 1, "Remove an app, and every sign-in to it", NULL,
     app_remove},
    {0},
};
