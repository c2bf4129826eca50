/* SPDX-License-Identifier: GPL-3.0-or-later */

/* account.c - antaractl account …, session …, explain … */

#include "antaractl/bus.h"
#include "antaractl/command.h"

#include <string.h>

#define ACCOUNT_FIELDS "id:s email:s state:s locale:s born:x"
#define SESSION_FIELDS "id:s born:x used:x address:s agent:s"
#define EVENT_FIELDS   "id:s time:x what:s outcome:s reason:s words:s detail:s"

static BusMessage *
ask(sd_bus *bus, const Words *words, const char *member, const char *argument, GError **error)
{
    g_autoptr(BusMessage) call = bus_call_new(bus, member);
    int r = sd_bus_message_append(call, "ss", words->tenant, argument);

    return bus_call(bus, call, r, error);
}

static gboolean account_add(sd_bus *bus, const Words *words, json_t **ret_result, GError **error)
{
    g_autoptr(BusMessage) reply = ask(bus, words, "AddAccount", words_place(words, 0), error);

    *ret_result = reply ? bus_read_named(reply, "id", error) : NULL;
    return *ret_result != NULL;
}

/* By id, or by address. */
static gboolean account_show(sd_bus *bus, const Words *words, json_t **ret_result, GError **error)
{
    const char *name = words_place(words, 0);
    g_autoptr(BusMessage) reply =
        ask(bus, words, strchr(name, '@') ? "FindAccount" : "ShowAccount", name, error);

    if (!reply && g_error_matches(*error, CTL_ERROR, CTL_ERROR_NOT_FOUND)) {
        g_clear_error(error);
        g_set_error(
            error, CTL_ERROR, CTL_ERROR_NOT_FOUND,
            "There is no account “%s”. To make one: antaractl account add EMAIL", name);
    }
    *ret_result = reply ? bus_read_row(reply, ACCOUNT_FIELDS, error) : NULL;
    return *ret_result != NULL;
}

/* An id is taken as it is: whoever may change accounts need not be one who may see them. */
static gboolean change_state(
    sd_bus *bus,
    const Words *words,
    const char *member,
    const char *state,
    json_t **ret_result,
    GError **error)
{
    const char *id = words_place(words, 0);
    json_t *account = NULL;

    if (strchr(id, '@')) {
        if (!account_show(bus, words, &account, error)) {
            return FALSE;
        }
        id = json_string_value(json_object_get(account, "id"));
    }
    g_autoptr(BusMessage) reply = ask(bus, words, member, id, error);
    *ret_result = reply ? json_pack("{ss ss}", "id", id, "state", state) : NULL;
    json_decref(account);
    return reply != NULL;
}

static gboolean
account_suspend(sd_bus *bus, const Words *words, json_t **ret_result, GError **error)
{
    return change_state(bus, words, "SuspendAccount", "suspended", ret_result, error);
}

static gboolean account_resume(sd_bus *bus, const Words *words, json_t **ret_result, GError **error)
{
    return change_state(bus, words, "ResumeAccount", "active", ret_result, error);
}

static gboolean session_list(sd_bus *bus, const Words *words, json_t **ret_result, GError **error)
{
    json_t *account = NULL;

    if (!account_show(bus, words, &account, error)) {
        return FALSE;
    }
    g_autoptr(BusMessage) reply =
        ask(bus, words, "ListSessions", json_string_value(json_object_get(account, "id")), error);
    json_decref(account);
    *ret_result = reply ? bus_read_rows(reply, SESSION_FIELDS, error) : NULL;
    return *ret_result != NULL;
}

static gboolean session_revoke(sd_bus *bus, const Words *words, json_t **ret_result, GError **error)
{
    const char *id = words_place(words, 0);
    g_autoptr(BusMessage) reply = ask(bus, words, "RevokeSession", id, error);

    *ret_result = reply ? json_pack("{ss}", "id", id) : NULL;
    return reply != NULL;
}

static gboolean explain(sd_bus *bus, const Words *words, json_t **ret_result, GError **error)
{
    g_autoptr(BusMessage) reply = ask(bus, words, "Explain", words_place(words, 0), error);

    *ret_result = reply ? bus_read_row(reply, EVENT_FIELDS, error) : NULL;
    return *ret_result != NULL;
}

const Command account_commands[] = {
    {"account", "add", "EMAIL", "", 1, 1, "Make an account; prints its id", NULL, account_add},
    {"account", "find", "EMAIL", "", 1, 1, "Find an account by its address", NULL, account_show},
    {"account", "show", "ID|EMAIL", "", 1, 1, "Show one account", NULL, account_show},
    {"account", "suspend", "ID|EMAIL", "", 1, 1, "End all that it has, and let nobody sign in",
     NULL, account_suspend},
    {"account", "resume", "ID|EMAIL", "", 1, 1, "Let a suspended account sign in again", NULL,
     account_resume},
    {"session", "list", "ACCOUNT_ID|EMAIL", "", 1, 1, "List the sessions of an account", NULL,
     session_list},
    {"session", "revoke", "ID", "", 1, 1, "End a session", NULL, session_revoke},
    {"explain", NULL, "EVENT", "", 1, 1, "Say what happened, by the id that a person was shown",
     NULL, explain},
    {0},
};
