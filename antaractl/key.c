/* SPDX-License-Identifier: GPL-3.0-or-later */

/* key.c - antaractl key …: secrets of apps' backends */

#include "antaractl/bus.h"
#include "antaractl/command.h"
#include "antaractl/time-span.h"

#define KEY_FIELDS "id:s prefix:s scopes:as born:x last_use:x expires:x"

static gboolean check_add(const Words *words, GError **error)
{
    guint64 seconds = 0;

    return time_span_read(words_option(words, "expires-in"), &seconds, error);
}

static gboolean key_add(sd_bus *bus, const Words *words, json_t **ret_result, GError **error)
{
    g_auto(GStrv) scopes = words_options(words, "scope");
    g_autoptr(BusMessage) call = bus_call_new(bus, "AddKey");
    const char *id = NULL;
    const char *secret = NULL;
    guint64 seconds = 0;

    (void)time_span_read(words_option(words, "expires-in"), &seconds, NULL); /* check_add() */
    int r = sd_bus_message_append(call, "ss", words->tenant, words_place(words, 0));
    r = r < 0 ? r : sd_bus_message_append_strv(call, scopes);
    r = r < 0 ? r : sd_bus_message_append(call, "t", seconds);
    g_autoptr(BusMessage) reply = bus_call(bus, call, r, error);
    if (!reply) {
        return FALSE;
    }
    (void)sd_bus_message_sensitive(reply);
    if (sd_bus_message_read(reply, "ss", &id, &secret) <= 0) {
        g_set_error_literal(
            error, CTL_ERROR, CTL_ERROR_FAILED, "antarad answered in a way that can't be read");
        return FALSE;
    }
    *ret_result = json_pack("{ss, ss}", "id", id, "secret", secret);
    return *ret_result != NULL;
}

static gboolean key_list(sd_bus *bus, const Words *words, json_t **ret_result, GError **error)
{
    g_autoptr(BusMessage) call = bus_call_new(bus, "ListKeys");
    int r = sd_bus_message_append(call, "ss", words->tenant, words_place(words, 0));
    g_autoptr(BusMessage) reply = bus_call(bus, call, r, error);

    *ret_result = reply ? bus_read_rows(reply, KEY_FIELDS, error) : NULL;
    return *ret_result != NULL;
}

static gboolean key_revoke(sd_bus *bus, const Words *words, json_t **ret_result, GError **error)
{
    g_autoptr(BusMessage) call = bus_call_new(bus, "RevokeKey");
    int r = sd_bus_message_append(call, "ss", words->tenant, words_place(words, 0));
    g_autoptr(BusMessage) reply = bus_call(bus, call, r, error);

    *ret_result = reply ? json_pack("{ss}", "id", words_place(words, 0)) : NULL;
    return reply != NULL;
}

const Command key_commands[] = {
    {"key", "add", "CLIENT_ID [--scope S …] [--expires-in TIME]", "scope= expires-in=", 1, 1,
     "Make an API key for an app's backend; shows its secret, once", check_add, key_add},
    {"key", "list", "CLIENT_ID", "", 1, 1, "List an app's API keys, without their secrets", NULL,
     key_list},
    {"key", "revoke", "ID", "", 1, 1, "Revoke an API key; its tokens end at once", NULL,
     key_revoke},
    {0},
};
