/* SPDX-License-Identifier: GPL-3.0-or-later */

/* status.c - antaractl status */

#include "antaractl/bus.h"
#include "antaractl/command.h"

static gboolean status(sd_bus *bus, const Words *words, json_t **ret_result, GError **error)
{
    g_autoptr(BusMessage) call = bus_call_new(bus, "Status");
    int r = sd_bus_message_append(call, "s", words->tenant);
    g_autoptr(BusMessage) reply = bus_call(bus, call, r, error);

    *ret_result = reply ? bus_read_dictionary(reply, error) : NULL;
    return *ret_result != NULL;
}

const Command status_commands[] = {
    {"status", NULL, "", "", 0, 0, "Show how the daemon is", NULL, status},
    {0},
};
