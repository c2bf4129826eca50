/* SPDX-License-Identifier: GPL-3.0-or-later */

/* host.c - antaractl service list, link … */

#include "antaractl/bus.h"
#include "antaractl/command.h"

#define LINK_FIELDS "id:s local_user:s services:as email:s born:x"

static gboolean service_list(sd_bus *bus, const Words *words, json_t **ret_result, GError **error)
{
    g_autoptr(BusMessage) call = bus_call_new(bus, "ListServices");
    int r = sd_bus_message_append(call, "s", words->tenant);
    g_autoptr(BusMessage) reply = bus_call(bus, call, r, error);

    *ret_result = reply ? bus_read_rows(reply, "name:s enabled:b configured:b", error) : NULL;
    return *ret_result != NULL;
}

static gboolean check_link(const Words *words, GError **error)
{
    if (!words_have(words, "email")) {
        g_set_error(
            error, CTL_ERROR, CTL_ERROR_USAGE, "Name the account to link: add --email EMAIL");
        return FALSE;
    }
    return TRUE;
}

static gboolean link_add(sd_bus *bus, const Words *words, json_t **ret_result, GError **error)
{
    const char *email = words_option(words, "email");
    g_auto(GStrv) services = words_options(words, "service");
    g_autoptr(BusMessage) call = bus_call_new(bus, "AddLink");

    int r = sd_bus_message_append(call, "sss", words->tenant, words_place(words, 0), email);
    r = r < 0 ? r : sd_bus_message_append_strv(call, services);
    g_autoptr(GError) why = NULL;
    g_autoptr(BusMessage) reply = bus_call(bus, call, r, &why);
    if (g_error_matches(why, CTL_ERROR, CTL_ERROR_NOT_FOUND)) {
        g_set_error(
            error, CTL_ERROR, CTL_ERROR_NOT_FOUND,
            "%s If the address has no account yet: antaractl account add EMAIL", why->message);
        return FALSE;
    }
    if (why) {
        g_propagate_error(error, g_steal_pointer(&why));
        return FALSE;
    }
    *ret_result = bus_read_named(reply, "id", error);
    return *ret_result != NULL;
}

static gboolean link_list(sd_bus *bus, const Words *words, json_t **ret_result, GError **error)
{
    g_autoptr(BusMessage) call = bus_call_new(bus, "ListLinks");
    int r = sd_bus_message_append(call, "s", words->tenant);
    g_autoptr(BusMessage) reply = bus_call(bus, call, r, error);

    *ret_result = reply ? bus_read_rows(reply, LINK_FIELDS, error) : NULL;
    return *ret_result != NULL;
}

static gboolean link_remove(sd_bus *bus, const Words *words, json_t **ret_result, GError **error)
{
    const char *user = words_place(words, 0);
    g_auto(GStrv) services = words_options(words, "service");
    g_autoptr(BusMessage) call = bus_call_new(bus, "RemoveLink");

    int r = sd_bus_message_append(call, "ss", words->tenant, user);
    r = r < 0 ? r : sd_bus_message_append_strv(call, services);
    g_autoptr(BusMessage) reply = bus_call(bus, call, r, error);
    *ret_result = reply ? json_pack("{ss}", "local_user", user) : NULL;
    return reply != NULL;
}

const Command host_commands[] = {
    {"service", "list", "", "", 0, 0, "List the services", NULL, service_list},
    {"link", "add", "USER --email EMAIL [--service S …]", "email= service=", 1, 1,
     "Let an account be a local user", check_link, link_add},
    {"link", "list", "", "", 0, 0, "List the links", NULL, link_list},
    {"link", "remove", "USER [--service S …]", "service=", 1, 1, "Remove the links of a local user",
     NULL, link_remove},
    {0},
};
