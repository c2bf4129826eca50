/* SPDX-License-Identifier: GPL-3.0-or-later */

/* known-key.c - antaractl known-key …: ssh keys that are let in without being asked again */

#include "antaractl/bus.h"
#include "antaractl/command.h"

#define KEY_FIELDS "key:s service:s local_user:s until:x event:s"

static BusMessage *ask(sd_bus *bus, const Words *words, const char *member, GError **error)
{
    g_autoptr(BusMessage) call = bus_call_new(bus, member);
    int r = sd_bus_message_append(call, "ss", words->tenant, words_place(words, 0));

    return bus_call(bus, call, r, error);
}

static gboolean list(sd_bus *bus, const Words *words, json_t **ret_result, GError **error)
{
    g_autoptr(BusMessage) reply = ask(bus, words, "ListKnownKeys", error);

    *ret_result = reply ? bus_read_rows(reply, KEY_FIELDS, error) : NULL;
    return *ret_result != NULL;
}

static gboolean end(sd_bus *bus, const Words *words, json_t **ret_result, GError **error)
{
    g_autoptr(BusMessage) reply = ask(bus, words, "EndKnownKeys", error);

    *ret_result = reply ? json_pack("{ss}", "local_user", words_place(words, 0)) : NULL;
    return reply != NULL;
}

const Command known_key_commands[] = {
    {"known-key", "list", "USER", "", 1, 1,
     "List the ssh keys that are let in as a local user without being asked again", NULL, list},
    {"known-key", "end", "USER", "", 1, 1, "Ask about all of them again", NULL, end},
    {0},
};
