/* SPDX-License-Identifier: GPL-3.0-or-later */

/* link.c - antaractl link …: with a local user, an administrator's; without, the caller's own */

#include "antaractl/bus.h"
#include "antaractl/command.h"
#include "dbus/names.h"

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>

#define LINK_FIELDS     "id:s local_user:s services:as email:s born:x by_himself:b"
#define OWN_LINK_FIELDS "id:s services:as local_user:s born:x by_himself:b"
#define NUMBER_TRIES    20U

static gboolean add_for(sd_bus *bus, const Words *words, json_t **ret_result, GError **error)
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

/* A source of names that can't be asked says nothing of it: some say so by ENOENT, which others
 * say of who is not there (getpwnam(3), NOTES). */
static gboolean user_exists(const char *name)
{
    errno = 0;
    return getpwnam(name) || errno != 0;
}

/* Links go by name: of a user who is gone one is left for whoever gets that name next. */
static void say_who_is_gone(json_t *rows)
{
    size_t i = 0;
    json_t *row = NULL;

    json_array_foreach(rows, i, row)
    {
        const char *name = json_string_value(json_object_get(row, "local_user"));
        const int r = json_object_set_new(row, "user_exists", json_boolean(user_exists(name)));
        g_assert(r == 0);
    }
}

static gboolean list_all(sd_bus *bus, const Words *words, json_t **ret_result, GError **error)
{
    g_autoptr(BusMessage) call = bus_call_new(bus, "ListLinks");
    int r = sd_bus_message_append(call, "s", words->tenant);
    g_autoptr(BusMessage) reply = bus_call(bus, call, r, error);

    *ret_result = reply ? bus_read_rows(reply, LINK_FIELDS, error) : NULL;
    if (*ret_result) {
        say_who_is_gone(*ret_result);
    }
    return *ret_result != NULL;
}

static gboolean remove_of(sd_bus *bus, const Words *words, json_t **ret_result, GError **error)
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

/* What only the person himself can be told: polkit has asked for his password, in vain. */
static void explain_own(const GError *why, GError **error)
{
    if (g_error_matches(why, CTL_ERROR, CTL_ERROR_DENIED)) {
        g_set_error_literal(
            error, CTL_ERROR, CTL_ERROR_DENIED,
            "Your own Unix password was asked for, and not given: run this in a terminal, with a "
            "polkit agent (pkttyagent). Who has no Unix password is linked by an administrator: "
            "antaractl link add USER --email EMAIL");
    } else {
        g_propagate_error(error, g_error_copy(why));
    }
}

/* Sends a call of org.antara1.Link. (transfer full): the reply */
static BusMessage *call_own(sd_bus *bus, BusMessage *call, int r, GError **error)
{
    g_autoptr(GError) why = NULL;
    BusMessage *reply = bus_call(bus, call, r, &why);

    if (!reply) {
        explain_own(why, error);
    }
    return reply;
}

typedef struct Asked {
    const char *id, *code, *uri, *host, *user;
} Asked;

static gboolean read_asked(BusMessage *reply, Asked *ret_asked, GError **error)
{
    int r = sd_bus_message_read(
        reply, "sssss", &ret_asked->id, &ret_asked->code, &ret_asked->uri, &ret_asked->host,
        &ret_asked->user);

    return r > 0 || ctl_fail(
                        error, "antarad's answer can't be read: are antarad and antaractl of the "
                               "same version?");
}

/* To standard error: what is printed is the result alone. */
static void show_asked(const Asked *asked)
{
    (void)fprintf(
        stderr,
        "Link an account to %s on %s:\n  Open  %s     Code  %s     (10 min)\n"
        "Approve there, then type the number that the page shows.\n",
        asked->user, asked->host, asked->uri, asked->code);
}

static gboolean read_number(char *line, int size, GError **error)
{
    (void)fputs("Number: ", stderr);
    if (!fgets(line, size, stdin)) {
        return ctl_fail(error, "No number was typed: nothing was linked.");
    }
    (void)g_strstrip(line);
    return TRUE;
}

/* *ret_link NULL: nobody has approved yet. */
static gboolean
finish(sd_bus *bus, const Words *words, const char *id, char **ret_link, GError **error)
{
    g_autoptr(BusMessage) call = bus_call_new_of(bus, ANTARA_BUS_LINK, "Finish");
    const char *state = NULL;
    const char *link = NULL;
    char number[32] = "";

    if (!read_number(number, sizeof(number), error)) {
        return FALSE;
    }
    int r = sd_bus_message_append(call, "sss", words->tenant, id, number);
    g_autoptr(BusMessage) reply = bus_call(bus, call, r, error);
    if (!reply || sd_bus_message_read(reply, "ss", &state, &link) <= 0) {
        return reply && ctl_fail(error, "antarad's answer can't be read.");
    }
    *ret_link = g_str_equal(state, ANTARA_LINK_MADE) ? g_strdup(link) : NULL;
    return TRUE;
}

/* The request is this connection's: it is over when we leave. */
static gboolean add_own(sd_bus *bus, const Words *words, json_t **ret_result, GError **error)
{
    g_auto(GStrv) services = words_options(words, "service");
    g_autoptr(BusMessage) call = bus_call_new_of(bus, ANTARA_BUS_LINK, "Ask");
    g_autofree char *link = NULL;
    Asked asked;

    int r = sd_bus_message_append(call, "s", words->tenant);
    r = r < 0 ? r : sd_bus_message_append_strv(call, services);
    g_autoptr(BusMessage) reply = call_own(bus, call, r, error);
    if (!reply || !read_asked(reply, &asked, error)) {
        return FALSE;
    }
    show_asked(&asked);
    for (guint i = 0; !link && i < NUMBER_TRIES; i++) {
        if (!finish(bus, words, asked.id, &link, error)) {
            return FALSE;
        }
        if (!link) {
            (void)fputs("Not approved yet: approve on the page first.\n", stderr);
        }
    }
    *ret_result = link ? json_pack("{ssss}", "id", link, "local_user", asked.user) : NULL;
    return link || ctl_fail(error, "Nobody approved: nothing was linked.");
}

static gboolean list_own(sd_bus *bus, const Words *words, json_t **ret_result, GError **error)
{
    g_autoptr(BusMessage) call = bus_call_new_of(bus, ANTARA_BUS_LINK, "List");
    int r = sd_bus_message_append(call, "s", words->tenant);
    g_autoptr(BusMessage) reply = call_own(bus, call, r, error);

    *ret_result = reply ? bus_read_rows(reply, OWN_LINK_FIELDS, error) : NULL;
    return *ret_result != NULL;
}

static gboolean remove_own(sd_bus *bus, const Words *words, json_t **ret_result, GError **error)
{
    const char *id = words_option(words, "id");
    g_auto(GStrv) services = words_options(words, "service");
    g_autoptr(BusMessage) call = bus_call_new_of(bus, ANTARA_BUS_LINK, "Remove");

    int r = sd_bus_message_append(call, "ss", words->tenant, id ? id : "");
    r = r < 0 ? r : sd_bus_message_append_strv(call, services);
    g_autoptr(BusMessage) reply = call_own(bus, call, r, error);
    *ret_result = reply ? json_object() : NULL;
    return reply != NULL;
}

static gboolean check_add(const Words *words, GError **error)
{
    if (words_place(words, 0) && !words_have(words, "email")) {
        g_set_error(
            error, CTL_ERROR, CTL_ERROR_USAGE, "Name the account to link: add --email EMAIL");
        return FALSE;
    }
    if (!words_place(words, 0) && words_have(words, "email")) {
        g_set_error(
            error, CTL_ERROR, CTL_ERROR_USAGE,
            "Name the local user too; or leave --email away, to link yourself");
        return FALSE;
    }
    return TRUE;
}

static gboolean check_remove(const Words *words, GError **error)
{
    const gboolean own = words_have(words, "own");

    if (own == (words_place(words, 0) != NULL) || (!own && words_have(words, "id"))) {
        g_set_error(
            error, CTL_ERROR, CTL_ERROR_USAGE,
            "Name a local user; or --own, and maybe --id ID, for links of your own");
        return FALSE;
    }
    return TRUE;
}

static gboolean link_add(sd_bus *bus, const Words *words, json_t **ret_result, GError **error)
{
    return words_place(words, 0) ? add_for(bus, words, ret_result, error)
                                 : add_own(bus, words, ret_result, error);
}

static gboolean link_list(sd_bus *bus, const Words *words, json_t **ret_result, GError **error)
{
    return words_have(words, "own") ? list_own(bus, words, ret_result, error)
                                    : list_all(bus, words, ret_result, error);
}

static gboolean link_remove(sd_bus *bus, const Words *words, json_t **ret_result, GError **error)
{
    return words_have(words, "own") ? remove_own(bus, words, ret_result, error)
                                    : remove_of(bus, words, ret_result, error);
}

const Command link_commands[] = {
    {"link", "add", "[USER --email EMAIL] [--service S …]", "email= service=", 0, 1,
     "Let an account be a local user; without USER, be you: by your password, and an approval on "
     "the web",
     check_add, link_add},
    {"link", "list", "[--own]", "own", 0, 0, "List the links, or those of your own local user",
     NULL, link_list},
    {"link", "remove", "USER|--own [--id ID] [--service S …]", "own id= service=", 0, 1,
     "Remove the links of a local user, or those that you made yourself", check_remove,
     link_remove},
    {0},
};
