/* SPDX-License-Identifier: GPL-3.0-or-later */

/* host.c - antaractl service list */

#include "antaractl/service-call.h"

static gboolean service_list(sd_bus *bus, const Words *words, json_t **ret_result, GError **error)
{
    g_autoptr(BusMessage) call = bus_call_new(bus, "ListServices");
    int r = sd_bus_message_append(call, "s", words->tenant);
    g_autoptr(BusMessage) reply = bus_call(bus, call, r, error);

    *ret_result = reply ? bus_read_rows(reply, SERVICE_ROW, error) : NULL;
    return *ret_result != NULL;
}

const Command host_commands[] = {
    {"service", "list", "", "", 0, 0, "List the services", NULL, service_list},
    {0},
};
